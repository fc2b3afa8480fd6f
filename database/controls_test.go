package database

import (
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

func TestAControlRoomIsFoundFromBothSides(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp)
		first := Control{Event: conf, Room: desk, AddedBy: organizer, AddedAt: began}
		f.control(first, true)
		f.clock.advance(time.Second)
		f.control(Control{Event: conf, Room: desk, AddedBy: "@late:example.org"}, false) // changes nothing
		f.control(Control{Event: camp, Room: desk, AddedBy: organizer}, true)
		second := Control{Event: camp, Room: desk, AddedBy: organizer, AddedAt: began.Add(time.Second)}
		of, err := f.ControlsOf(ctx, conf)
		f.must(err)
		wantEqual(t, "of the event", of, []Control{first})
		in, err := f.ControlsIn(ctx, desk)
		f.must(err)
		wantEqual(t, "in the room", in, []Control{first, second})
		f.must(f.DeleteControl(ctx, conf, desk))
		wantNotFound(t, f.DeleteControl(ctx, conf, desk))
		in, err = f.ControlsIn(ctx, desk)
		f.must(err)
		wantEqual(t, "after it was deleted", in, []Control{second})
	})
}

func TestARoomHasToDoWithAnEventByLinkOrAsControlRoom(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf, camp, other)
		f.link(conf, desk)
		f.link(other, hall)
		f.control(Control{Event: conf, Room: desk, AddedBy: organizer}, true)
		f.control(Control{Event: camp, Room: desk, AddedBy: organizer}, true)
		got, err := f.EventsIn(t.Context(), desk)
		f.must(err)
		wantEqual(t, "each once", got, []EventKey{camp, conf})
	})
}

func TestControlRoomsMoveToTheSuccessor(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		const next = id.RoomID("!next:example.org")
		f.event(conf, camp)
		f.control(Control{Event: conf, Room: desk, AddedBy: organizer}, true)
		f.control(Control{Event: camp, Room: desk, AddedBy: organizer}, true)
		f.control(Control{Event: camp, Room: next, AddedBy: "@first:example.org"}, true)
		f.must(f.MoveControls(ctx, desk, next))
		old, err := f.ControlsIn(ctx, desk)
		f.must(err)
		wantEqual(t, "in the old room", old, nil)
		moved, err := f.ControlsIn(ctx, next)
		f.must(err)
		wantEqual(t, "in the new room", moved, []Control{
			{Event: camp, Room: next, AddedBy: "@first:example.org", AddedAt: began},
			{Event: conf, Room: next, AddedBy: organizer, AddedAt: began},
		})
	})
}
