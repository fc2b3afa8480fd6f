package main

import (
	"strings"
	"syscall"
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/matrix-pretix/config"
)

const interrupt = syscall.SIGINT

func TestRemedyForALostHalf(t *testing.T) {
	for _, c := range []struct {
		name                                    string
		stored, homeserverHasKeys, deviceSigned bool
		want                                    remedy
	}{
		{"first start", false, false, false, leave},
		{"every start after", true, true, true, leave},
		{"the key was never kept, the device is signed", false, true, true, leave},
		{"database lost", false, true, false, renew},
		{"device lost", true, true, false, unseal},
		{"homeserver lost", true, false, false, forget},
	} {
		if got := remedyFor(c.stored, c.homeserverHasKeys, c.deviceSigned); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// sealed reports whether a stored key is one that nobody can read.
func sealed(stored string) bool { return strings.HasPrefix(stored, "v1:") }

func TestRecoveryKeyIsSealedAndServesAfterALoss(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			f := deploy(t, kind)
			const adapted = "recovery key was adapted"

			if log := f.runsOnce(); strings.Contains(log, adapted) || !sealed(f.recovery()) {
				t.Errorf("first start: adapted %v, sealed %v", strings.Contains(log, adapted), sealed(f.recovery()))
			}
			first := f.recovery()
			if log := f.runsOnce(); strings.Contains(log, adapted) || f.recovery() != first {
				t.Errorf("second start: adapted %v, key changed %v", strings.Contains(log, adapted), f.recovery() != first)
			}

			f.deleteDevices()
			if log := f.runsOnce(); !strings.Contains(log, string(unseal)) || strings.Contains(log, "Generated new recovery key") || !sealed(f.recovery()) {
				t.Errorf("device lost: sealed %v and\n%s", sealed(f.recovery()), log)
			}

			f.cfg.Database.URI = f.database(kind)
			if log := f.runsOnce(); !strings.Contains(log, string(renew)) || !sealed(f.recovery()) {
				t.Errorf("database lost: sealed %v and\n%s", sealed(f.recovery()), log)
			}
		})
	}
}

func TestRecoveryKeyOfALostHomeserverIsForgotten(t *testing.T) {
	f := deploy(t, config.SQLite)
	f.runsOnce()
	kept := f.recovery()
	// Another bot on the same database is what a new homeserver is to the old database.
	f.slot = f.lab.Slot(t)
	other := f.config(config.SQLite)
	other.Database.URI = f.cfg.Database.URI
	f.cfg = other
	f.recovery(kept)
	if log := f.runsOnce(); !strings.Contains(log, string(forget)) || !sealed(f.recovery()) || f.recovery() == kept {
		t.Errorf("sealed %v, still the old one %v, and\n%s", sealed(f.recovery()), f.recovery() == kept, log)
	}
}

// deleteDevices deletes the bot's devices on the homeserver, as an admin may.
func (f *fixture) deleteDevices() {
	f.t.Helper()
	var answer struct {
		Devices []struct {
			ID id.DeviceID `json:"device_id"`
		} `json:"devices"`
	}
	path := "/_synapse/admin/v2/users/" + esc(string(f.bot())) + "/devices"
	admin := f.lab.Synapse.Admin.AccessToken
	if err := f.lab.Synapse.Call(f.t.Context(), admin, "GET", path, nil, &answer); err != nil || len(answer.Devices) == 0 {
		f.t.Fatalf("list the bot's devices: %d, %v", len(answer.Devices), err)
	}
	for _, device := range answer.Devices {
		if err := f.lab.Synapse.Call(f.t.Context(), admin, "DELETE", path+"/"+esc(string(device.ID)), nil, nil); err != nil {
			f.t.Fatalf("delete the bot's device: %v", err)
		}
	}
}
