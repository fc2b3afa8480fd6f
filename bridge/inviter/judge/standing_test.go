package judge

import (
	"encoding/json"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
)

func TestBotStandsAsTheRoomSays(t *testing.T) {
	levels := func(text string) authority.Levels {
		return authority.ReadLevels("@maker:x", json.RawMessage(`{"room_version":"11"}`), json.RawMessage(text))
	}
	for name, test := range map[string]struct {
		is     event.Membership
		levels authority.Levels
		want   database.LinkReason
	}{
		"may invite":        {event.MembershipJoin, levels(`{}`), ""},
		"lacks power":       {event.MembershipJoin, levels(`{"invite":50}`), database.LinkNoPower},
		"has power":         {event.MembershipJoin, levels(`{"invite":50,"users":{"@bot:x":50}}`), ""},
		"levels are no use": {event.MembershipJoin, levels(`{"invite":"0"}`), database.LinkNoPower},
		"put out":           {event.MembershipLeave, levels(`{}`), database.LinkRemoved},
		"banned":            {event.MembershipBan, levels(`{}`), database.LinkBanned},
		"only invited":      {event.MembershipInvite, levels(`{}`), database.LinkRemoved},
		"never there":       {"", levels(`{}`), database.LinkRemoved},
	} {
		room := authority.Room{Levels: test.levels, Members: map[id.UserID]event.Membership{"@bot:x": test.is}}
		if got := StandingOf(room, "@bot:x"); got != (Standing{Stop: test.want}) {
			t.Errorf("%s: got %+v, want %q", name, got, test.want)
		}
	}
	for status, want := range map[int]Standing{
		403: {Stop: database.LinkRemoved}, 404: {Stop: database.LinkNoRoom}, 500: {Unsure: true}, 429: {Unsure: true}, 0: {Unsure: true},
	} {
		if got := RefusedStanding(Answer{Refused: true, Status: status}); got != want {
			t.Errorf("status %d: got %+v, want %+v", status, got, want)
		}
	}
}

func TestReplacedRoomIsLeftForItsSuccessor(t *testing.T) {
	room := authority.Room{
		Upgraded: true, Successor: "!new:x",
		Levels:  authority.ReadLevels("@maker:x", json.RawMessage(`{"room_version":"11"}`), json.RawMessage(`{}`)),
		Members: map[id.UserID]event.Membership{"@bot:x": event.MembershipJoin},
	}
	if got, want := StandingOf(room, "@bot:x"), (Standing{Stop: database.LinkReplaced, Successor: "!new:x"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestRoomGoesOnByItselfOnlyWhereThatCanBeSeen(t *testing.T) {
	for reason, want := range map[database.LinkReason]bool{
		database.LinkNoPower: true, database.LinkRemoved: true, database.LinkBanned: true, database.LinkNoRoom: true,
		database.LinkBlocked: false, database.LinkReplaced: false,
	} {
		if got := Mends(reason); got != want {
			t.Errorf("%s: got %v, want %v", reason, got, want)
		}
	}
}
