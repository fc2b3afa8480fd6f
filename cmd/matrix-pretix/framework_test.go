package main

import (
	"testing"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/matrix-pretix/config"
)

func TestFrameworkIsToldWhatTheConfigSays(t *testing.T) {
	c := config.Default()
	c.Homeserver = config.Homeserver{Address: "http://hs:8008", Domain: "example.org"}
	c.AppService.Bot.Avatar = "mxc://example.org/abc"
	c.AppService.ASToken, c.AppService.HSToken, c.Encryption.PickleKey = "as", "hs", "pickle"
	c.Bridge.Permissions = map[string]config.Level{"*": config.User, "@a:example.org": config.Admin, "example.net": config.Block}
	f, err := frameworkConfig(c)
	if err != nil {
		t.Fatal(err)
	}
	if f.Homeserver.Software != bridgeconfig.SoftwareStandard || f.Homeserver.RetryLimit == 0 || !f.AppService.NoServer {
		t.Errorf("got %+v and %+v", f.Homeserver, f.AppService)
	}
	if e := f.Encryption; !e.Allow || !e.MSC4190 || !e.SelfSign || e.Appservice || e.PickleKey != "pickle" || e.AllowKeySharing {
		t.Errorf("got %+v", e)
	}
	if bot := f.AppService.Bot; bot.Username != "pretixbot" || bot.ParsedAvatar.FileID != "abc" {
		t.Errorf("got %+v", bot)
	}
	for user, want := range map[string]bridgeconfig.Permissions{
		"@b:example.com": {SendEvents: true, Commands: true, Login: true},
		"@a:example.org": {SendEvents: true, Commands: true, Login: true, Admin: true},
		"@c:example.net": {},
	} {
		if got := f.Bridge.Permissions.Get(id.UserID(user)); got != want {
			t.Errorf("%s: got %+v, want %+v", user, got, want)
		}
	}
	// One that the framework makes is one that the config knows for a bot.
	if ghost := f.MakeUserIDRegex("(.+)"); !ghost.MatchString(string(c.GhostID("eu__lab__conf"))) {
		t.Errorf("%s does not match %s", ghost, c.GhostID("eu__lab__conf"))
	}
}

func TestWrongAvatarIsAnErrorNotAPanic(t *testing.T) {
	c := config.Default()
	c.AppService.Bot.Avatar = "https://example.org/x.png"
	if _, err := frameworkConfig(c); err == nil {
		t.Error("got no error")
	}
}

func TestTimesOfThePoolAreLeftOutWhenZero(t *testing.T) {
	got := pool(config.Database{Type: config.SQLite, URI: "file:x", MaxOpenConns: 5, MaxIdleConns: 2, ConnMaxLifetime: 90e9})
	want := dbutil.PoolConfig{Type: "sqlite3-fk-wal", URI: "file:x", MaxOpenConns: 5, MaxIdleConns: 2, ConnMaxLifetime: "1m30s"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBuildWithoutCgoRefusesWhatItLacks(t *testing.T) {
	for _, c := range []struct {
		allow bool
		kind  string
		cgo   bool
		ok    bool
	}{
		{true, config.SQLite, true, true}, {false, config.Postgres, false, true},
		{true, config.Postgres, false, false}, {false, config.SQLite, false, false},
	} {
		err := supported(&config.Config{Encryption: config.Encryption{Allow: c.allow}, Database: config.Database{Type: c.kind}}, c.cgo)
		if (err == nil) != c.ok {
			t.Errorf("%+v: got %v", c, err)
		}
	}
}
