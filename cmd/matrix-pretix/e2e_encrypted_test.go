package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// In one test, because a restart is worth nothing without keys from before it.
func TestOrganizerWorksInEncryptedRoomsOverARestart(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		f.start()
		olga, ada := f.secretive("olga"), f.secretive("ada")
		direct := olga.encryptedDirect()
		olga.asks(direct, "!authorize", direct, "API token")
		token, _ := olga.asks(direct, f.org.Tokens["minimal"], direct, "Connected", f.org.Slug+"/conf")
		olga.awaitRedacted(direct, token)

		room, control := olga.encryptedRoom(mautrix.ReqCreateRoom{}), olga.encryptedRoom(mautrix.ReqCreateRoom{})
		olga.asks(control, "!control "+f.org.Slug+"/conf", control, "commanded from this room")
		olga.asks(room, "!setroom "+f.org.Slug+"/conf", control, "asks for the Matrix ID", "may invite")
		bot := f.eventBot(f.conf)
		olga.WaitForMember(room, bot, event.MembershipJoin)
		olga.asks(control, "!status", control, "0 invited")
		olga.asks(room, "!status", control, "0 invited") // attendees may be listening in the room

		code := f.order(false, ada.UserID.String())
		invite := ada.WaitForMember(room, ada.UserID, event.MembershipInvite)
		if invite.Sender != bot {
			t.Errorf("%s invited, want the event's bot %s", invite.Sender, bot)
		}
		ada.Enter(room)
		olga.asks(control, "!status", control, "1 joined")

		before := olga.seen()
		olga.mayInvite(room, 50)
		olga.heard(control, before, "nobody is invited there")
		if err := f.stop(); err != nil {
			t.Fatalf("stop: %v", err)
		}
		before = olga.seen()
		olga.Send(control, "!status") // while nobody is there
		olga.mayInvite(room, 0)       // so that there is something to say before encryption can
		f.cfg.Homeserver.Address = f.slowToPing()
		f.start()
		olga.heard(control, before, "inviting works")
		olga.heard(control, before, "1 joined")
		olga.asks(room, "!status", control, "1 joined")
		olga.asks(direct, "!logins", direct, "Your Pretix accounts")
		olga.asks(direct, "!invite "+code+" "+f.org.Slug+"/conf", direct, code)
		ada.asks(room, "!pretix help", room, "setroom") // one who came later is understood, and understands

		olga.onlyEncrypted(direct, true)
		olga.onlyEncrypted(control, true)
		olga.onlyEncrypted(room, true)
	})
}

// mayInvite sets which power invites into a room.
func (p *secretive) mayInvite(room id.RoomID, level int) {
	p.f.t.Helper()
	var levels map[string]any
	if err := p.StateEvent(p.f.t.Context(), room, event.StatePowerLevels, "", &levels); err != nil {
		p.f.t.Fatalf("read power levels: %v", err)
	}
	levels["invite"] = level
	if _, err := p.SendStateEvent(p.f.t.Context(), room, event.StatePowerLevels, "", levels); err != nil {
		p.f.t.Fatalf("set power levels: %v", err)
	}
}

// slowToPing stands before the homeserver and lets the framework's first ping, the second after the preflight's, fail: its start then
// takes five seconds longer, while the rest of the program works already.
func (f *fixture) slowToPing() string {
	var pings atomic.Int32
	return before(f.t, f.lab.Synapse.URL, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/ping") || pings.Add(1) != 2 {
			return false
		}
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, `{"errcode":"M_CONNECTION_FAILED","error":"x"}`)
		return true
	})
}

func TestEventBotDeclinesATalkAndNamesTheBridgeBot(t *testing.T) {
	f := deploy(t, config.SQLite)
	f.start()
	olga := f.secretive("olga")
	direct := olga.encryptedDirect()
	olga.asks(direct, "!authorize "+f.org.Tokens["minimal"], direct, "Connected")
	room := olga.encryptedRoom(mautrix.ReqCreateRoom{})
	olga.asks(direct, "!setroom "+f.org.Slug+"/conf "+room.String(), direct, "may invite")
	bot := f.eventBot(f.conf)
	olga.WaitForMember(room, bot, event.MembershipJoin)
	for name, request := range map[string]mautrix.ReqCreateRoom{
		"a talk of two":  {Preset: "trusted_private_chat", IsDirect: true},
		"any other room": {Preset: "private_chat"},
	} {
		request.Invite = []id.UserID{bot}
		talk := olga.MakeRoom(&request, true)
		declined := olga.WaitForMember(talk, bot, event.MembershipLeave)
		if reason := declined.Content.AsMember().Reason; declined.Sender != bot || !strings.Contains(reason, f.bot().String()) {
			t.Errorf("%s: declined by %s with the reason %q, want by the bot itself, naming %s", name, declined.Sender, reason, f.bot())
		}
	}
}

// listening stands before Pretix and counts the requests of each credential.
type listening struct {
	mu    sync.Mutex
	tried map[string]int
}

// listen puts a listener between the program and Pretix.
func (f *fixture) listen() *listening {
	f.t.Helper()
	target, err := url.Parse(f.lab.Pretix.URL)
	if err != nil {
		f.t.Fatal(err)
	}
	l := &listening{tried: make(map[string]int)}
	server := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.tried[strings.TrimPrefix(r.In.Header.Get("Authorization"), "Token ")]++
	}})
	f.t.Cleanup(server.Close)
	f.cfg.Network.Instances = map[string]config.Instance{"lab": {URL: server.URL}}
	return l
}

func (l *listening) times(token string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tried[token]
}

// A token that others could read is burnt, whether it came with the command or as the answer to its question, and whether the bot may take
// it out of the room or not.
func TestTokenTypedAmongOthersIsBurntAndNeverTried(t *testing.T) {
	f := deploy(t, config.SQLite)
	pretix := f.listen()
	f.start()
	olga, bob := f.secretive("olga"), f.secretive("bob")
	token := f.org.Tokens["minimal"]
	direct := olga.encryptedDirect()
	for _, encrypted := range []bool{true, false} {
		for _, mayRedact := range []bool{true, false} {
			room := olga.roomWith(bob, encrypted, mayRedact)
			burnt := "delete your message"
			if mayRedact {
				burnt = "I have deleted your message"
			}
			argument, _ := olga.asks(room, "!authorize "+token, room, burnt, "burnt")
			prefixed, _ := olga.asks(room, "!pretix login "+token, room, burnt, "burnt")
			olga.asks(room, "!authorize", direct, "API token") // the talk moves
			answer, _ := olga.asks(room, token, room, burnt, "burnt")
			for _, typed := range []id.EventID{argument, prefixed, answer} {
				if _, redacted := olga.isRedacted(room, typed); redacted != mayRedact {
					t.Errorf("encrypted %v: redacted %v, want %v", encrypted, redacted, mayRedact)
				}
			}
		}
	}

	if got := pretix.times(token); got != 0 {
		t.Errorf("Pretix was asked %d times with a burnt token, want never", got)
	}

	// A talk that began among others is not burnt where it went on.
	olga.asks(direct, token, direct, "Connected")
	olga.asks(direct, "!logout", direct, "Forgotten")
	used := pretix.times(token)
	if used == 0 {
		t.Error("the listener sees nothing: that nothing was tried is not shown")
	}

	// Somebody comes into the talk of two before the question is answered.
	olga.asks(direct, "!authorize", direct, "API token")
	olga.Ask(direct, bob.UserID)
	bob.Enter(direct)
	typed, _ := olga.asks(direct, token, direct, "I have deleted your message", "burnt")
	olga.awaitRedacted(direct, typed)
	if got := pretix.times(token) - used; got != 0 {
		t.Errorf("Pretix was asked %d times with a token that others could read, want never", got)
	}
}

// roomWith makes a room with the bridge bot and somebody else in it, in which the bot may take others' messages out, or not.
func (p *secretive) roomWith(other *secretive, encrypted, mayRedact bool) id.RoomID {
	p.f.t.Helper()
	power := &event.PowerLevelsEventContent{Users: map[id.UserID]int{p.UserID: 100}}
	if mayRedact {
		power.Users[p.f.bot()] = 50
	}
	room := p.MakeRoom(&mautrix.ReqCreateRoom{
		Preset: "private_chat", RoomVersion: id.RoomV11, PowerLevelOverride: power, Invite: []id.UserID{p.f.bot(), other.UserID},
	}, encrypted)
	p.WaitForMember(room, p.f.bot(), event.MembershipJoin)
	other.Enter(room)
	p.WaitForMember(room, other.UserID, event.MembershipJoin)
	return room
}
