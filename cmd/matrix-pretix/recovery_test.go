package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/database"
)

const interrupt = syscall.SIGINT

func TestRemedyForALostHalf(t *testing.T) {
	for _, c := range []struct {
		name                                           string
		stored, opens, homeserverHasKeys, deviceSigned bool
		want                                           remedy
	}{
		{"first start", false, true, false, false, leave},
		{"every start after", true, true, true, true, leave},
		{"the key was never kept, the device is signed", false, true, true, true, leave},
		{"database lost", false, true, true, false, renew},
		{"device lost", true, true, true, false, unseal},
		{"homeserver lost", true, true, false, false, forget},
		{"seal key lost", true, false, true, true, leave},
		{"seal key and device lost", true, false, true, false, renew},
		{"seal key and homeserver lost", true, false, false, false, forget},
	} {
		if got := remedyFor(c.stored, c.opens, c.homeserverHasKeys, c.deviceSigned); got != c.want {
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

			p := launch(t, f.cfg)
			p.ready(t, f.cfg)
			f.deleteDevices()
			if got := p.exits(t, patience); got != statusWork || !strings.Contains(p.log.String(), homeserver.ErrDeviceGone.Error()) {
				t.Errorf("device deleted: it ended with status %d, want %d and the reason", got, statusWork)
			}
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

func TestRecoveryKeyUnderALostSealKeyIsMadeAnewWhenItIsNeeded(t *testing.T) {
	f := deploy(t, config.SQLite)
	f.runsOnce()
	former := f.recovery()
	keys, err := database.NewKeys(f.cfg.Network.Keys())
	if err != nil {
		t.Fatal(err)
	}
	f.cfg.Network.LostSealKey, _ = keys.Fingerprints()
	f.cfg.Network.SealKey = key('x')
	p := launch(t, f.cfg)
	p.ready(t, f.cfg)
	if f.recovery() != former {
		t.Error("while the device is there the key was changed, which nothing calls for")
	}
	f.deleteDevices()
	if got := p.exits(t, patience); got != statusWork {
		t.Errorf("device deleted: it ended with status %d, want %d", got, statusWork)
	}
	if log := f.runsOnce(); !strings.Contains(log, string(renew)) || !sealed(f.recovery()) || f.recovery() == former {
		t.Errorf("device lost: sealed %v, still the former one %v, and\n%s", sealed(f.recovery()), f.recovery() == former, log)
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

func TestHomeserverThatIsAwayForAMomentIsAskedAgainForTheKeys(t *testing.T) {
	for name, c := range map[string]struct {
		answers []int
		asked   int
		fails   bool
	}{
		"it comes back": {[]int{http.StatusBadGateway, http.StatusTooManyRequests, http.StatusOK}, 3, false},
		"it refuses":    {[]int{http.StatusForbidden}, 1, true},
	} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.answers[asked])
			asked++
			_, _ = io.WriteString(w, `{"errcode":"M_UNKNOWN"}`)
		}))
		cfg := config.Default()
		cfg.Homeserver = config.Homeserver{Address: server.URL, Domain: "example.org"}
		k := newRecoveryKey(cfg, nil, nil, zap.NewNop())
		k.pause = func(int) time.Duration { return time.Millisecond }
		_, _, err := k.awaitHomeserver(t.Context(), "DEVICE")
		if (err != nil) != c.fails || asked != c.asked {
			t.Errorf("%s: got %v after %d questions, want %d", name, err, asked, c.asked)
		}
		server.Close()
	}
}
