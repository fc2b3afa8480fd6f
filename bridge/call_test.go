package bridge

import (
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
)

// TestAnAnswerCountsWhereAndBeforeWhomItIsTyped has a talk into which somebody came while the question was open.
func TestAnAnswerCountsWhereAndBeforeWhomItIsTyped(t *testing.T) {
	const talk = id.RoomID("!talk:example.org")
	typedIn := func(room id.RoomID, alone bool) *call {
		return &call{room: room, direct: alone, heard: homeserver.Heard{Evt: &event.Event{RoomID: room}}}
	}
	asked := typedIn(talk, true)
	asked.place = &authority.Answer{Kind: authority.Here, Room: talk}
	if next := asked.follow(typedIn(talk, false)); next.direct || next.place != nil || next.here().Room != talk {
		t.Errorf("goes on as if nobody had come in: direct %v, place %v", next.direct, next.place)
	}
	if next := typedIn(hall, false).follow(typedIn(talk, true)); !next.direct || next.here().Room != talk || next.room != hall {
		t.Errorf("goes on in %s (direct %v) about %s, want in the talk about the room", next.here().Room, next.direct, next.room)
	}
}
