package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
)

// patience is how long a test waits for what should happen within a second or two, as the machine may be busy, and for a report, which gathers for a
// minute first.
const patience = 100 * time.Second

// kinds are the databases on which the end-to-end tests run.
var kinds = []string{config.SQLite, config.Postgres}

// fixture is one deployment of the program on the lab's real parts, with an organizer and a person who runs their event.
type fixture struct {
	t    *testing.T
	lab  *parts.Lab
	slot *parts.Slot
	org  *parts.Organizer
	conf *parts.Event
	cfg  *config.Config
	logs *observer.ObservedLogs

	stop func() error // ends the program and returns what run returned
}

// deploy prepares a deployment; start runs it.
func deploy(t *testing.T, kind string) *fixture {
	t.Helper()
	lab := parts.Need(t)
	f := &fixture{t: t, lab: lab, slot: lab.Slot(t)}
	var err error
	if f.org, err = lab.Pretix.NewOrganizer(t.Context(), parts.OrganizerSpec{}); err != nil {
		t.Fatalf("make an organizer: %v", err)
	}
	f.conf = f.org.Events["conf"]
	f.cfg = f.config(kind)
	return f
}

func (f *fixture) config(kind string) *config.Config {
	cfg := config.Default()
	cfg.Homeserver = config.Homeserver{Address: f.lab.Synapse.URL, Domain: f.lab.Synapse.ServerName}
	cfg.AppService.Address, cfg.AppService.PublicAddress = f.slot.URL, f.slot.URL
	cfg.AppService.Port, cfg.AppService.ID = f.slot.Port, f.slot.ID
	cfg.AppService.Bot.Username, cfg.AppService.UsernameTemplate = f.slot.Bot, f.slot.Prefix+"{{.}}"
	cfg.AppService.ASToken, cfg.AppService.HSToken = f.slot.ASToken, f.slot.HSToken
	cfg.Database.Type = kind
	cfg.Database.URI = f.database(kind)
	cfg.Bridge.Permissions = map[string]config.Level{f.lab.Synapse.ServerName: config.User}
	cfg.Encryption.PickleKey = key('p')
	cfg.Network.Instances = map[string]config.Instance{"lab": {URL: f.lab.Pretix.URL}}
	cfg.Network.SealKey, cfg.Network.DigestKey = key('s'), key('d')
	cfg.Network.SweepInterval = time.Hour // tests of sweeps say otherwise
	cfg.Logging.MinLevel = "debug"
	return cfg
}

func (f *fixture) database(kind string) string {
	if kind == config.SQLite {
		return "file:" + filepath.Join(f.t.TempDir(), "bridge.db") + "?_txlock=immediate"
	}
	uri, drop, err := f.lab.Postgres.NewDatabase(f.t.Context())
	if err != nil {
		f.t.Fatalf("make a database: %v", err)
	}
	f.t.Cleanup(drop)
	return uri
}

func key(letter byte) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(letter), 32)))
}

// start runs the program as main does, in this process, and waits until it is ready.
func (f *fixture) start() {
	f.t.Helper()
	core, logs := observer.New(zapcore.DebugLevel)
	f.logs = logs
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx, f.cfg, zap.New(core)) }()
	stopped := false
	f.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(stopLimit):
			return fmt.Errorf("did not stop within %s", stopLimit)
		}
	}
	f.t.Cleanup(func() {
		if err := f.stop(); err != nil {
			f.t.Errorf("run: %v", err)
		}
		if f.t.Failed() {
			f.dump()
		}
	})
	f.eventually("the bridge is running", func() bool {
		select {
		case err := <-done:
			done <- err
			f.dump()
			f.t.Fatalf("run ended at the start: %v", err)
		default:
		}
		return logs.FilterMessage("the bridge is running").Len() > 0
	})
}

func (f *fixture) dump() {
	for _, entry := range f.logs.All() {
		if entry.Level >= zapcore.DebugLevel {
			f.t.Logf("%s %s %s %v", entry.Level, entry.LoggerName, entry.Message, entry.ContextMap())
		}
	}
}

// eventually waits until something is true, looking often.
func (f *fixture) eventually(what string, holds func() bool) {
	f.t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			f.t.Fatalf("still not after %s: %s", patience, what)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// handled waits until the bridge has done with each of these orders, so that whoever is not invited by then is not invited for them.
func (f *fixture) handled(codes ...string) {
	f.t.Helper()
	for _, code := range codes {
		f.eventually("an order is handled", func() bool {
			return f.logs.FilterMessage("order handled").FilterField(zap.String("order", code)).Len() > 0
		})
	}
}

// settled waits until no order is due, however late.
func (f *fixture) settled() {
	f.t.Helper()
	db := f.open()
	defer db.Close()
	f.eventually("no order is due", func() bool {
		var due int
		if err := db.QueryRow(f.t.Context(), "SELECT COUNT(*) FROM pretix_due").Scan(&due); err != nil {
			f.t.Fatalf("count the orders that are due: %v", err)
		}
		return due == 0
	})
}

// bot is the bridge bot.
func (f *fixture) bot() id.UserID { return f.cfg.BotID() }

// eventBot is the bot of an event.
func (f *fixture) eventBot(e *parts.Event) id.UserID {
	name := strings.Join([]string{"lab", e.Organizer, e.Slug}, "_")
	return f.cfg.GhostID(id.EncodeUserLocalpart(name))
}
