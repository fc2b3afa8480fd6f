package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
)

// started is a deployment that runs, with olga, who runs the event and has connected it.
func started(t *testing.T) (f *fixture, olga *person, direct id.RoomID) {
	t.Helper()
	f = deploy(t, config.SQLite)
	f.start()
	olga = f.person("olga")
	direct = olga.direct()
	olga.connects(direct, f.org.Tokens["minimal"])
	return f, olga, direct
}

// ref names the fixture's event as people do.
func (f *fixture) ref() string { return f.org.Slug + "/conf" }

// powers changes the content of a room's power levels.
func (p *person) powers(room id.RoomID, change func(content, users fields)) {
	p.f.t.Helper()
	path, content := "/rooms/"+esc(string(room))+"/state/m.room.power_levels/", fields{}
	p.call("GET", path, nil, &content)
	users, ok := content["users"].(fields)
	if !ok {
		users = fields{}
		content["users"] = users
	}
	change(content, users)
	p.call("PUT", path, content, nil)
}

// level gives somebody a level in a room.
func (p *person) level(room id.RoomID, who id.UserID, level int) {
	p.f.t.Helper()
	p.powers(room, func(_, users fields) { users[who.String()] = level })
}

// joins comes into a room by the invite of somebody there.
func (p *person) joins(room id.RoomID, by *person) {
	p.f.t.Helper()
	by.call("POST", "/rooms/"+esc(string(room))+"/invite", fields{"user_id": p.ID}, nil)
	p.call("POST", "/join/"+esc(string(room)), fields{}, nil)
}

// revoke takes a team's token back in Pretix.
func (f *fixture) revoke(team string) {
	f.t.Helper()
	known := f.org.Teams[team]
	if err := f.org.API(f.t.Context(), http.MethodDelete, fmt.Sprintf("teams/%d/tokens/%d/", known.ID, known.TokenID), nil, nil); err != nil {
		f.t.Fatalf("revoke a token: %v", err)
	}
}

// botsSaid lists what bots said in a room after a message.
func (p *person) botsSaid(room id.RoomID, after id.EventID) []string {
	p.f.t.Helper()
	said := p.messages(room)
	from := slices.IndexFunc(said, func(m message) bool { return m.ID == after })
	var words []string
	for _, m := range said[from+1:] {
		if p.f.cfg.IsBot(m.Sender) {
			words = append(words, m.Body)
		}
	}
	return words
}

// told types something in a room where the answer does not belong, and waits for it in the private talk.
func (p *person) told(room, talk id.RoomID, text string, words ...string) string {
	p.f.t.Helper()
	before := p.say(talk, "(I say something elsewhere.)")
	asked := p.say(room, text)
	answer := p.hears(talk, before, words...)
	p.awaitReaction(room, asked)
	return answer
}

// awaitReaction waits until a bot has reacted to a message.
func (p *person) awaitReaction(room id.RoomID, to id.EventID) {
	p.f.t.Helper()
	path := "/_matrix/client/v1/rooms/" + esc(string(room)) + "/relations/" + esc(string(to)) + "/m.annotation"
	p.f.eventually("a bot has reacted", func() bool {
		var answer struct {
			Chunk []struct {
				Sender id.UserID `json:"sender"`
			} `json:"chunk"`
		}
		err := p.f.lab.Synapse.Call(p.f.t.Context(), p.token, http.MethodGet, path, nil, &answer)
		return err == nil && len(answer.Chunk) > 0 && p.f.cfg.IsBot(answer.Chunk[0].Sender)
	})
}

// unlinked holds that nothing came of a refused command: the event's bot was not even asked in.
func (f *fixture) unlinked(who *person, room id.RoomID) {
	f.t.Helper()
	if who.member(room, f.eventBot(f.conf)) != "" {
		f.t.Error("the event's bot was asked into the room of somebody who was refused")
	}
}

// TestPowerInARoomIsNotPowerOverAnEvent has a stranger who is all-powerful in a room of their own, and an organizer of something else.
func TestPowerInARoomIsNotPowerOverAnEvent(t *testing.T) {
	f, olga, direct := started(t)
	mallory, eve := f.person("mallory"), f.person("eve")

	own := mallory.eventRoom(nil)
	for _, command := range []string{"!setroom " + f.ref(), "!control " + f.ref(), "!status " + f.ref(), "!setroom " + f.conf.URL} {
		mallory.ask(own, command, "you need a Pretix account that sees it", "!authorize", "ask whoever sells its tickets")
	}
	f.unlinked(mallory, own)

	// In a linked room of which she is an admin, too, she knows the event by name, and may still not open it to more.
	room := olga.eventRoom(nil)
	olga.links(direct, room, "“Online ticket”")
	mallory.joins(room, olga)
	olga.level(room, mallory.ID, 100)
	hers := mallory.direct()
	mallory.told(room, hers, "!setroom "+f.ref()+" all", "You have not shown that you speak for", f.ref(), "!authorize")
	mallory.told(room, hers, "!control "+f.ref(), "You have not shown that you speak for")

	other, err := f.lab.Pretix.NewOrganizer(t.Context(), parts.OrganizerSpec{})
	if err != nil {
		t.Fatalf("make an organizer: %v", err)
	}
	talk, own := eve.direct(), eve.eventRoom(nil)
	eve.connects(talk, other.Tokens["admin"])
	for _, command := range []string{"!setroom " + f.ref(), "!status " + f.ref(), "!control " + f.ref(), "!setroom " + f.conf.URL, "!batchinvite " + f.ref()} {
		eve.ask(own, command, "None of your connected Pretix accounts sees an event")
	}
	eve.ask(talk, "!unsetroom "+f.ref()+" "+string(room), "None of your connected Pretix accounts sees an event")
	f.unlinked(eve, own)

	// Her own event has the same short name. It is the only one that she can mean.
	eve.ask(talk, "!setroom conf "+string(own), "is linked and opens to every ticket", "may invite")
	if got := eve.member(own, f.eventBot(other.Events["conf"])); got != "join" {
		t.Errorf("the bot of her own event is %q in her room, want join", got)
	}
	eve.ask(talk, "!setroom conf "+string(room), "You are not in")
}

// TestPowerIsReadAsItIsNow has people who each have a Pretix account that sees the event, and too little power over the room.
func TestPowerIsReadAsItIsNow(t *testing.T) {
	f, olga, _ := started(t)
	carol := f.person("carol")
	talk := carol.direct()
	carol.connects(talk, f.org.Tokens["readonly"])
	room := olga.eventRoom(nil)
	carol.joins(room, olga)

	carol.told(room, talk, "!setroom "+f.ref(), "You need the role Admin (100)", "You can ask", olga.ID.String())
	carol.ask(talk, "!setroom "+f.ref()+" "+string(room), "You need the role Admin (100)", "You can ask")

	// The room lets more people command us by a level of its own. Taken away again, it counts at once.
	olga.powers(room, func(content, users fields) {
		content["events"].(fields)["io.github.matrix-pretix.admin"] = 60
		users[carol.ID.String()] = 60
	})
	carol.ask(room, "!setroom", "linked to no event")
	olga.level(room, carol.ID, 50)
	carol.told(room, talk, "!setroom "+f.ref(), "You need the role Custom (60)")
	f.unlinked(olga, room)
	olga.level(room, carol.ID, 60)

	// Her token is revoked in Pretix, and nobody has asked there since. What olga's account sees is not hers.
	f.revoke("readonly")
	if err := f.stop(); err != nil {
		t.Fatal(err)
	}
	f.start()
	carol.ask(talk, "!setroom "+f.ref()+" "+string(room), "You have not shown that you speak for", "!authorize")
	f.unlinked(olga, room)
	carol.connects(talk, f.org.Tokens["admin"])
	carol.ask(talk, "!setroom "+f.ref()+" "+string(room), "is linked and opens to every ticket")

	// Who has left commands no more, whatever the levels say.
	carol.call("POST", "/rooms/"+esc(string(room))+"/leave", fields{}, nil)
	carol.ask(talk, "!setroom "+f.ref()+" "+string(room)+" Workshop", "You are not in")
}

// TestLevelsThatAreNoNumbersProveNothing has a room whose levels this homeserver takes for numbers and others may not.
func TestLevelsThatAreNoNumbersProveNothing(t *testing.T) {
	f, olga, direct := started(t)
	room := olga.eventRoom(fields{"room_version": "5"})
	olga.powers(room, func(_, users fields) { users[olga.ID.String()] = json.RawMessage("100.0") })
	olga.ask(direct, "!setroom "+f.ref()+" "+string(room), "I cannot read", "who may do what there")
	f.unlinked(olga, room)
}

// TestEachRoomVersionLinksAndInvites has a room of each version, among them one whose power somebody has who is in no list of levels.
func TestEachRoomVersionLinksAndInvites(t *testing.T) {
	f, olga, direct := started(t)
	ada, carol := f.person("ada"), f.person("carol")
	talk := carol.direct()
	carol.connects(talk, f.org.Tokens["readonly"])

	ten, eleven, twelve := olga.eventRoom(fields{"room_version": "10"}), olga.eventRoom(fields{"room_version": "11"}), olga.eventRoom(fields{"room_version": "12"})
	shared := olga.eventRoom(fields{"room_version": "12", "creation_content": fields{"additional_creators": []id.UserID{carol.ID}}})
	rooms := []id.RoomID{ten, eleven, twelve}
	for _, room := range rooms {
		olga.links(direct, room)
	}
	carol.joins(shared, olga)
	carol.links(talk, shared)
	f.order(false, ada.ID.String())
	for _, room := range append(rooms, shared) {
		olga.awaitMember(room, ada.ID, "invite")
	}

	// Who made a room of an older version and gave the power away has none.
	for _, room := range []id.RoomID{ten, eleven} {
		olga.level(room, olga.ID, 0)
		olga.ask(direct, "!setroom "+f.ref()+" "+string(room)+" Workshop", "You need the role Admin (100)")
	}
	olga.ask(direct, "!setroom "+f.ref()+" "+string(twelve)+" Workshop", "from now on it opens to tickets for **Workshop** only")
}

// TestAttendeesNeverSeeFigures has two rooms of the event that tickets open, an admin of one of them who has nothing to do with Pretix, and later a
// control room.
func TestAttendeesNeverSeeFigures(t *testing.T) {
	f, olga, direct := started(t)
	ada, gus := f.person("ada"), f.person("gus")
	talk := gus.direct()
	room, other := olga.eventRoom(nil), olga.eventRoom(nil)
	olga.links(direct, room)
	olga.links(direct, other)
	gus.joins(room, olga)
	olga.level(room, gus.ID, 100)
	code := f.order(false, ada.ID.String(), "no ID")
	olga.awaitMember(other, ada.ID, "invite")
	olga.awaitMember(room, ada.ID, "invite")
	linked := olga.say(room, "Welcome!")

	// The room's admin learns of the room alone, and in private.
	asked := gus.say(room, "!status")
	status := gus.hears(talk, ever, "1 invited")
	gus.awaitReaction(room, asked)
	for _, secret := range []string{code, "ticket", string(other)} {
		if strings.Contains(strings.ReplaceAll(status, "every ticket", ""), secret) {
			t.Errorf("the admin of one room is told %q: %s", secret, status)
		}
	}
	gus.told(room, talk, "!status "+f.ref()+" "+string(other), "Either of these would do", "You have not shown that you help with", "You are not in", "can invite you")
	gus.ask(talk, "!status "+string(room), "1 invited")
	gus.told(room, talk, "!invite "+code, "You have not shown that you help with")

	// Nor is it told there what is wrong with a command, or which events there are.
	series := f.org.Slug + "/series"
	gus.told(room, talk, "!setroom nowhere", "you have connected none")
	olga.told(room, direct, "!setroom 1", "None of your connected Pretix accounts sees an event **1**")
	olga.told(room, direct, "!unsetroom "+series, "No room is linked to **"+series)
	olga.told(room, direct, "!invite ABC12 "+series, "No room is linked to **"+series)
	olga.told(room, direct, "!setroom "+f.ref()+" "+string(direct), "Which room?", f.ref())
	olga.told(room, direct, "!control", "Which event?")

	// His batch is for his room, and answered in private, too.
	gus.told(room, talk, "!batchinvite", "Nobody is left to invite")

	// The organizer's answers go to the private talk, and with a control room there.
	asked = olga.say(room, "!status")
	olga.hears(direct, ever, "2 tickets count", code)
	olga.awaitReaction(room, asked)
	control := olga.eventRoom(nil)
	olga.ask(control, "!control "+f.ref(), "can be commanded from this room")
	asked = olga.say(room, "!status")
	olga.hears(control, ever, "2 tickets count", code)
	olga.awaitReaction(room, asked)
	asked = olga.say(room, "!invite "+code)
	olga.hears(control, ever, "Order `"+code+"`:", "invited")
	olga.awaitReaction(room, asked)
	olga.ask(control, "!status", code)
	olga.told(room, control, "!control off "+f.ref(), "no control room of")

	// Other bots answer to these words, too.
	quiet := olga.say(room, "!help")
	olga.say(room, "!version")
	olga.ask(room, "!pretix version", "matrix-pretix")
	if got := olga.botsSaid(room, quiet); len(got) != 1 {
		t.Errorf("bots said %q to words that other bots know, want the answer to the one with the prefix only", got)
	}

	// Where the bridge bot was put out, the event's bot answers in its place.
	olga.kicks(room, f.bot())
	before := olga.say(control, "The bridge bot is out.")
	asked = olga.say(room, "!status")
	olga.hears(control, before, "2 tickets count", code)
	olga.awaitReaction(room, asked)
	olga.ask(room, "!pretix version", "matrix-pretix")
	if said := olga.messages(room); said[len(said)-1].Sender != f.eventBot(f.conf) {
		t.Errorf("%s answered, want the event's bot", said[len(said)-1].Sender)
	}

	// Whoever chooses a room for it into which anybody may come is told so.
	public := olga.eventRoom(fields{"preset": "public_chat"})
	olga.ask(public, "!control "+f.ref(), "can be commanded from this room", "Anybody can enter or read this room")
	olga.ask(public, "!control off "+f.ref(), "no longer a control room")

	// A control room that tickets open as well hears of nothing any more.
	olga.links(direct, control)
	last := olga.say(control, "Attendees come in here, too.")
	olga.kicks(other, f.eventBot(f.conf))
	olga.hears(direct, ever, "was put out of the room")
	if got := olga.botsSaid(control, last); len(got) != 0 {
		t.Errorf("said in a control room that tickets open: %q", got)
	}
	for _, said := range olga.botsSaid(room, linked) {
		if strings.Contains(said, code) || strings.Contains(said, "invited") || strings.Contains(said, "You ") || strings.Contains(said, f.org.Slug) {
			t.Errorf("said where attendees listen: %s", said)
		}
	}
}
