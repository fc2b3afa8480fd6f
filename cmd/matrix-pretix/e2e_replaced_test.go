package main

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"
)

// TestReplacedRoomIsFollowedOnlyIfProven has a tombstone by which somebody tries to take the link along, and one by which the admin does.
func TestReplacedRoomIsFollowedOnlyIfProven(t *testing.T) {
	f, olga, direct := started(t)
	mallory, ada := f.person("mallory"), f.person("ada")
	bot := f.eventBot(f.conf)
	stolen, moved, kept := olga.eventRoom(nil), olga.eventRoom(nil), olga.eventRoom(nil)
	for _, room := range []id.RoomID{stolen, moved, kept} {
		olga.links(direct, room)
	}
	tombstone := func(old, new id.RoomID) {
		olga.call("PUT", "/rooms/"+esc(string(old))+"/state/m.room.tombstone/", fields{"body": "We have moved.", "replacement_room": new}, nil)
	}

	// A tombstone can name any room, also one in which the bot belongs, and any room can call itself a successor.
	tombstone(stolen, kept)
	olga.hears(direct, ever, "I do not follow into", "does not name the old room")
	mallory.joins(stolen, olga)
	foreign := mallory.room(fields{"creation_content": fields{"predecessor": fields{"room_id": stolen, "event_id": "$x"}}})
	named := olga.say(direct, "Somebody names another room.")
	tombstone(stolen, foreign)
	olga.hears(direct, named, "was replaced by", "within seven days")
	mallory.asks(foreign, bot)
	olga.hears(direct, ever, "I do not follow into", "was not made by an admin of the old room")
	mallory.awaitMember(foreign, bot, "leave")

	var upgraded struct {
		Room id.RoomID `json:"replacement_room"`
	}
	at := olga.say(direct, "Now in earnest.")
	olga.call("POST", "/rooms/"+esc(string(moved))+"/upgrade", fields{"new_version": "12"}, &upgraded)
	olga.hears(direct, at, "was replaced by", "within seven days")
	olga.ask(direct, "!setroom "+f.ref()+" "+string(moved)+" Workshop", "was replaced by another")
	f.waitsForTheRole(olga, direct, upgraded.Room)
	olga.level(upgraded.Room, bot, 50)
	olga.hears(direct, at, "tickets open", "now", "!batchinvite")
	if got := strings.Count(strings.Join(olga.botsSaid(direct, at), "\n"), "needs the role"); got != 1 {
		t.Errorf("that the bot lacks a role is said %d times, want once", got)
	}
	for _, bot := range []id.UserID{bot, f.bot()} {
		olga.awaitMember(moved, bot, "leave")
		olga.awaitMember(upgraded.Room, bot, "join")
	}
	olga.ask(direct, "!status "+f.ref(), "the room was replaced by another") // the one that was to be stolen
	f.order(false, ada.ID.String())
	olga.awaitMember(upgraded.Room, ada.ID, "invite")
	olga.awaitMember(kept, ada.ID, "invite")
	for _, room := range []id.RoomID{stolen, moved} {
		if got := olga.member(room, ada.ID); got != "" {
			t.Errorf("a ticket of afterwards is %q in a replaced room, want nothing", got)
		}
	}
	if got := mallory.member(foreign, ada.ID); got != "" {
		t.Errorf("a ticket is %q in the room that was to take the link along, want nothing", got)
	}
}

// TestReplacedControlRoomIsFollowedOnlyIfProven has somebody who calls a room of their own the successor of a control room.
func TestReplacedControlRoomIsFollowedOnlyIfProven(t *testing.T) {
	f, olga, direct := started(t)
	mallory := f.person("mallory")
	desk := olga.room(nil, f.bot())
	olga.awaitMember(desk, f.bot(), "join")
	olga.ask(desk, "!control "+f.ref(), "can be commanded from this room")
	mallory.joins(desk, olga)
	var upgraded struct {
		Room id.RoomID `json:"replacement_room"`
	}
	olga.call("POST", "/rooms/"+esc(string(desk))+"/upgrade", fields{"new_version": "12"}, &upgraded)
	olga.hears(direct, ever, "control room", "was replaced by", "Please invite")

	foreign := mallory.room(fields{"creation_content": fields{"predecessor": fields{"room_id": desk, "event_id": "$x"}}}, f.bot())
	mallory.awaitMember(foreign, f.bot(), "join")
	mallory.ask(foreign, "!status "+f.ref(), "you need a Pretix account that sees it")

	olga.asks(upgraded.Room, f.bot())
	olga.hears(upgraded.Room, ever, "This is the control room of", f.ref())
	olga.awaitMember(desk, f.bot(), "leave")
	olga.ask(upgraded.Room, "!status", f.org.Events["conf"].Name)

	// Its admins learn of other control rooms, and each can be ended from elsewhere.
	room, second := olga.eventRoom(nil), olga.eventRoom(nil)
	olga.ask(direct, "!control "+f.ref()+" "+string(second), "can be commanded from this room")
	olga.hears(upgraded.Room, ever, olga.ID.String(), "a control room of", "its admins speak for the event now, too")
	olga.ask(direct, "!status "+f.ref(), "Commanded from", string(upgraded.Room), string(second))
	olga.ask(direct, "!control off "+f.ref(), "That is no control room")
	olga.ask(upgraded.Room, "!control off "+string(second), "is no longer a control room")
	olga.hears(second, ever, "is no longer a control room")
	if status := olga.ask(direct, "!status "+f.ref(), "Commanded from"); strings.Contains(status, string(second)) {
		t.Errorf("it is still listed: %s", status)
	}

	// A control room alone needs no webhook.
	olga.links(direct, room)
	if got := f.webhooks(); got != 1 {
		t.Errorf("%d webhooks are at work with a link, want 1", got)
	}
	olga.ask(direct, "!unsetroom "+f.ref()+" "+string(room), "Unlinked")
	if got := f.webhooks(); got != 0 {
		t.Errorf("%d webhooks are at work without a link, want none", got)
	}
	olga.ask(direct, "!control "+f.ref()+" "+string(upgraded.Room)+" off", "is no longer a control room")
	olga.hears(upgraded.Room, ever, "is no longer a control room")
}

// webhooks counts those that Pretix calls.
func (f *fixture) webhooks() (enabled int) {
	f.t.Helper()
	var hooks struct {
		Results []struct {
			Enabled bool `json:"enabled"`
		} `json:"results"`
	}
	if err := f.org.API(f.t.Context(), http.MethodGet, "webhooks/", nil, &hooks); err != nil {
		f.t.Fatalf("list webhooks: %v", err)
	}
	for _, hook := range hooks.Results {
		if hook.Enabled {
			enabled++
		}
	}
	return enabled
}

// waitsForTheRole asks the event's bot into a successor in which it may not invite, and has that looked at again and again, over a restart too.
func (f *fixture) waitsForTheRole(olga *person, direct, successor id.RoomID) {
	f.t.Helper()
	bot := f.eventBot(f.conf)
	olga.powers(successor, func(content, users fields) { content["invite"] = 50 })
	olga.asks(successor, bot)
	olga.hears(direct, ever, bot.String(), "needs the role Moderator (50)")
	looks := func() int {
		return f.logs.FilterMessage("room replaced").FilterField(zap.String("follow", "awaits bot's role")).Len()
	}
	before := looks()
	olga.powers(successor, func(content, users fields) { content["ban"] = 60 })
	f.eventually("it has looked again", func() bool { return looks() > before })
	if err := f.stop(); err != nil {
		f.t.Fatal(err)
	}
	f.start()
	f.eventually("it has looked again after the start", func() bool { return looks() > 0 })
}

// TestWhatARestartCutsShortIsMadeUpFor ends the program while it still asks whether to take invitations back, and has it miss that a room is replaced.
func TestWhatARestartCutsShortIsMadeUpFor(t *testing.T) {
	f, olga, direct := started(t)
	ada := f.person("ada")
	room := olga.eventRoom(nil)
	olga.links(direct, room)
	f.order(false, ada.ID.String())
	olga.awaitMember(room, ada.ID, "invite")
	replaced := olga.eventRoom(nil)
	olga.links(direct, replaced)
	olga.ask(direct, "!unsetroom "+f.ref()+" "+string(room), "Unlinked", "1 invitation is not answered yet")
	olga.awaitMember(room, f.bot(), "leave")
	if err := f.stop(); err != nil {
		t.Fatal(err)
	}
	f.missed("m.room.tombstone", func() {
		olga.call("POST", "/rooms/"+esc(string(replaced))+"/upgrade", fields{"new_version": "12"}, nil)
	})
	if got := olga.member(room, f.eventBot(f.conf)); got != "join" {
		t.Fatalf("the event's bot is %q while the question is open, want join", got)
	}
	db := f.open()
	if _, err := db.Exec(t.Context(), "UPDATE pretix_departure SET leave_at = 1"); err != nil { // the question's time is up
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f.start()
	olga.awaitMember(room, f.eventBot(f.conf), "leave")
	if got := olga.member(room, ada.ID); got != "invite" {
		t.Errorf("who was invited is %q, want invite", got)
	}
	olga.hears(direct, ever, "was replaced by", "within seven days")
	olga.ask(direct, "!status "+f.ref(), "the room was replaced by another")

	// Nobody has asked the bot into the new room for seven days.
	if err := f.stop(); err != nil {
		t.Fatal(err)
	}
	db = f.open()
	if _, err := db.Exec(t.Context(), "UPDATE pretix_link SET follow_until = 1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	f.start()
	olga.hears(direct, ever, "the seven days are over", "!setroom", "!unsetroom")
}

// missed takes the program's place while it does not run, and answers the homeserver until it has told of an event that something caused: as a
// process does that is killed when it has acknowledged a transaction.
func (f *fixture) missed(kind string, cause func()) {
	f.t.Helper()
	told := make(chan struct{})
	once := sync.OnceFunc(func() { close(told) })
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(f.slot.Port)))
	if err != nil {
		f.t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		_, _ = w.Write([]byte("{}"))
		if err == nil && strings.Contains(string(body), kind) {
			once()
		}
	})}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	cause()
	select {
	case <-told:
	case <-time.After(patience):
		f.t.Errorf("the homeserver did not tell of %s", kind)
	}
	if err := server.Shutdown(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	<-ended
}
