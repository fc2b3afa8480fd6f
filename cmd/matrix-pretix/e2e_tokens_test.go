package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// powerlessDirect opens a talk in which the bridge bot may not take out what others wrote.
func (p *secretive) powerlessDirect() id.RoomID {
	p.f.t.Helper()
	power := &event.PowerLevelsEventContent{Users: map[id.UserID]int{p.UserID: 100}}
	room := p.encryptedRoom(mautrix.ReqCreateRoom{IsDirect: true, RoomVersion: id.RoomV11, PowerLevelOverride: power})
	p.heard(room, 0, "!authorize")
	return room
}

// TestTokensInPrivateAreTakenInAndNeverLeftStanding has two Pretix servers on one host, and everything that people do with a token besides sending
// it when it is asked for.
func TestTokensInPrivateAreTakenInAndNeverLeftStanding(t *testing.T) {
	f := deploy(t, config.SQLite)
	target, err := url.Parse(f.lab.Pretix.URL)
	if err != nil {
		t.Fatal(err)
	}
	mux, forward := http.NewServeMux(), httputil.NewSingleHostReverseProxy(target)
	mux.Handle("/one/", http.StripPrefix("/one", forward))
	mux.Handle("/two/", http.StripPrefix("/two", forward))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	f.cfg.Network.Instances = map[string]config.Instance{"one": {URL: server.URL + "/one"}, "two": {URL: server.URL + "/two"}}
	f.start()
	olga, bob := f.secretive("olga"), f.secretive("bob")
	token := f.org.Tokens["minimal"]
	direct := olga.encryptedDirect()
	taken := func(text string, words ...string) {
		t.Helper()
		typed, _ := olga.asks(direct, text, direct, words...)
		olga.awaitRedacted(direct, typed)
	}
	taken("!authorize "+token, "I have your token", "Which Pretix server", "one", "two")
	olga.asks(direct, "2", direct, "Connected")
	olga.asks(direct, "!logout", direct, "Forgotten")
	olga.asks(direct, "!authorize", direct, "Which Pretix server")
	taken(token, "I have your token", "Which Pretix server")
	olga.asks(direct, "three", direct, "none of the servers I know", "I have your token")
	olga.asks(direct, "1", direct, "Connected")
	olga.asks(direct, "!logout", direct, "Forgotten")
	taken("!authorize please "+token, "I have your token")
	olga.asks(direct, "cancel", direct, "nothing was done")
	taken("!logins "+token, "looks like an API token", "not used it", "!authorize")
	taken("My token is "+token, "looks like an API token", "not used it")
	taken(token, "I have your token", "Which Pretix server") // as after a restart, which forgets the question
	olga.asks(direct, "1", direct, "Connected")

	// Ordinary words are not taken for tokens, and where the bot may not delete them it says so.
	olga.asks(direct, "!authorize", direct, "Which Pretix server")
	olga.asks(direct, "1", direct, "API token")
	asked, _ := olga.asks(direct, "Where do I find that?", direct, "does not look like an API token")
	if _, redacted := olga.isRedacted(direct, asked); redacted {
		t.Error("a question of hers was taken for a token")
	}
	powerless := bob.powerlessDirect()
	typed, _ := bob.asks(powerless, "!authorize "+token, powerless, "I may not delete your message", "Please delete it yourself", "Which Pretix server")
	bob.asks(powerless, "1", powerless, "Connected")
	if _, redacted := bob.isRedacted(powerless, typed); redacted {
		t.Error("the bot could delete the message: that it says otherwise is not shown")
	}
}

// TestWhoIsShutOutIsToldSo has somebody whom the config does not let command, in a room with the bridge bot, and messages that nobody can read.
func TestWhoIsShutOutIsToldSo(t *testing.T) {
	f := deploy(t, config.SQLite)
	gus := f.person("gus")
	f.cfg.Bridge.Permissions[gus.ID.String()] = config.Block
	f.start()
	olga := f.person("olga")
	direct := olga.direct()
	olga.connects(direct, f.org.Tokens["minimal"])
	linked, other := olga.eventRoom(nil), olga.eventRoom(nil)
	olga.links(direct, linked)
	garbled := fields{"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "session_id": "s", "sender_key": "k", "device_id": "D"}
	quiet := olga.say(linked, "A word in clear.")
	for _, room := range []id.RoomID{linked, other} {
		garbled["session_id"] = string(room)
		olga.call("PUT", fmt.Sprintf("/rooms/%s/send/m.room.encrypted/%d", esc(string(room)), time.Now().UnixNano()), garbled, nil)
	}

	gus.joins(other, olga)
	before := gus.say(other, "Hello!")
	gus.say(other, "!status")
	gus.ask(other, "!pretix status", "takes no commands from your account", "Whoever runs this Matrix server")
	if said := gus.botsSaid(other, before); len(said) != 1 {
		t.Errorf("bots said %q, want one sentence to what was said to us", said)
	}
	gus.ask(other, "!authorize "+f.org.Tokens["minimal"], "burnt")
	gus.ask(other, f.org.Tokens["minimal"], "burnt")

	olga.hears(other, ever, "I could not decrypt that message")
	if said := olga.botsSaid(linked, quiet); len(said) != 0 {
		t.Errorf("said among attendees about what they told each other: %q", said)
	}
}
