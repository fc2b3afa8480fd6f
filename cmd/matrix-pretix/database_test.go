package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	bridgedb "maunium.net/go/mautrix/bridgev2/database"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/database"
)

// open opens the deployment's database beside the program.
func (f *fixture) open() *dbutil.Database {
	f.t.Helper()
	db, err := database.Open(pool(f.cfg.Database), dbutil.NoopLogger)
	if err != nil {
		f.t.Fatal(err)
	}
	return db
}

// runsOnce starts the program, waits until it works and stops it. It returns what it logged at least at warn.
func (f *fixture) runsOnce() string {
	f.t.Helper()
	p := launch(f.t, f.cfg)
	p.ready(f.t, f.cfg)
	_ = p.Process.Signal(interrupt)
	if got := p.exits(f.t, stopLimit); got != statusOK {
		f.t.Fatalf("it ended with status %d", got)
	}
	return p.log.String()
}

func TestDatabaseOfANewerVersionIsRefusedWithASentence(t *testing.T) {
	f := deploy(t, config.SQLite)
	f.runsOnce()
	db := f.open()
	defer db.Close()
	for _, table := range []string{"version", "pretix_version", "mx_version", "crypto_version"} {
		t.Run(table, func(t *testing.T) {
			var version, compat int
			if err := db.QueryRow(t.Context(), "SELECT version, compat FROM "+table).Scan(&version, &compat); err != nil {
				t.Fatal(err)
			}
			set := func(version, compat int) {
				if _, err := db.Exec(context.WithoutCancel(t.Context()), fmt.Sprintf("UPDATE %s SET version=%d, compat=%d", table, version, compat)); err != nil {
					t.Fatal(err)
				}
			}
			set(9000, 9000)
			defer set(version, compat)
			err := run(t.Context(), f.cfg, zap.NewNop())
			if statusOf(err) != statusConfig || !strings.Contains(err.Error(), "newer") {
				t.Errorf("got %v with status %d, want status %d", err, statusOf(err), statusConfig)
			}
		})
	}
}

func TestDatabaseOfOthersIsRefusedWithASentence(t *testing.T) {
	f := deploy(t, config.SQLite)
	f.runsOnce()
	for name, c := range map[string]struct {
		change func(c *config.Config)
		part   string
	}{
		"other key":                {func(c *config.Config) { c.Network.SealKey = key('x') }, "network.seal_key"},
		"other digest key":         {func(c *config.Config) { c.Network.DigestKey = key('x') }, "network.digest_key"},
		"other key for encryption": {func(c *config.Config) { c.Encryption.PickleKey = key('x') }, "encryption.pickle_key"},
		"other server": {func(c *config.Config) {
			c.Network.Instances = map[string]config.Instance{"lab": {URL: "https://other.example"}}
		}, "lab"},
	} {
		t.Run(name, func(t *testing.T) {
			other := *f.cfg
			c.change(&other)
			err := run(t.Context(), &other, zap.NewNop())
			if statusOf(err) != statusConfig || !strings.Contains(err.Error(), c.part) {
				t.Errorf("got %v with status %d, want status %d and %s named", err, statusOf(err), statusConfig, c.part)
			}
		})
	}
	db := f.open()
	defer db.Close()
	if _, err := db.Exec(t.Context(), "UPDATE database_owner SET owner='another-bridge'"); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), f.cfg, zap.NewNop()); statusOf(err) != statusConfig || !strings.Contains(err.Error(), "belongs to another bridge") {
		t.Errorf("got %v", err)
	}
}

// toDatabase is a config in which nothing but the way to the database matters.
func toDatabase(t *testing.T, kind, uri string) *config.Config {
	t.Helper()
	c := config.Default()
	c.Homeserver, c.AppService.Port = config.Homeserver{Address: "http://127.0.0.1:9", Domain: "lab.example"}, parts.Port(t)
	c.Database.Type, c.Database.URI = kind, uri
	c.AppService.Address, c.AppService.ASToken, c.AppService.HSToken = "http://127.0.0.1:9", key('a'), key('h')
	c.Bridge.Permissions = map[string]config.Level{"*": config.User}
	c.Encryption.PickleKey, c.Network.SealKey, c.Network.DigestKey = key('p'), key('s'), key('d')
	return c
}

func TestDatabaseThatRefusesEndsItWithoutItsURI(t *testing.T) {
	uri := parts.Need(t).Postgres.URI
	at := strings.LastIndex(uri, "/")
	c := toDatabase(t, config.Postgres, uri[:at]+"/no_such_database?sslmode=disable&application_name=hunter2-hunter2")
	err := run(t.Context(), c, zap.NewNop())
	if statusOf(err) != statusDatabase || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v with status %d, want status %d", err, statusOf(err), statusDatabase)
	}
}

func TestDatabaseThatIsAwayIsWaitedForWithALine(t *testing.T) {
	c := toDatabase(t, config.Postgres, fmt.Sprintf("postgres://somebody:hunter2-hunter2@127.0.0.1:%d/x?sslmode=disable", parts.Port(t)))
	p := launch(t, c)
	await(t, "it says what it waits for", func() bool { return strings.Contains(p.log.String(), "waiting for the database") })
	if live, ready := statusAt(c, "/_matrix/mau/live"), statusAt(c, "/_matrix/mau/ready"); live != 200 || ready != 503 {
		t.Errorf("got live %d and ready %d, want 200 and 503", live, ready)
	}
	_ = p.Process.Signal(interrupt)
	if got := p.exits(t, stopLimit); got != statusOK || strings.Contains(p.log.String(), "hunter2") {
		t.Errorf("it ended with status %d and %s", got, p.log)
	}
}

func TestStandbyLeavesTheTablesAlone(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			f := deploy(t, kind)
			lock, err := database.AcquireLock(t.Context(), pool(f.cfg.Database), "the test", nil)
			if err != nil {
				t.Fatal(err)
			}
			p := launch(t, f.cfg)
			await(t, "it stands by", func() bool { return strings.Contains(p.log.String(), "standing by") })
			db := f.open()
			defer db.Close()
			for _, table := range []string{"version", "pretix_version", "mx_version", "crypto_version", "database_owner"} {
				if exists, err := db.TableExists(t.Context(), table); err != nil || exists {
					t.Errorf("%s: there %v, %v, want it not made by a standby", table, exists, err)
				}
			}
			if err := lock.Release(); err != nil {
				t.Fatal(err)
			}
			p.ready(t, f.cfg)
			if exists, err := db.TableExists(t.Context(), "pretix_version"); err != nil || !exists {
				t.Errorf("after it took over: there %v, %v", exists, err)
			}
		})
	}
}

// recovery reads what the framework's table has for the recovery key.
func (f *fixture) recovery(set ...string) string {
	f.t.Helper()
	db := f.open()
	defer db.Close()
	store := &bridgedb.KVQuery{Database: db}
	if len(set) > 0 {
		store.Set(f.t.Context(), bridgedb.KeyRecoveryKey, set[0])
	}
	return store.Get(f.t.Context(), bridgedb.KeyRecoveryKey)
}
