package database

import (
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

func TestTheLastDirectRoomOfSomebodyCounts(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		_, err := f.Direct(ctx, organizer)
		wantNotFound(t, err)
		f.must(f.SetDirect(ctx, organizer, desk))
		f.clock.advance(time.Second)
		f.must(f.SetDirect(ctx, organizer, hall))
		for room, want := range map[id.RoomID]bool{desk: true, hall: true, lab: false} {
			if got, err := f.IsDirect(ctx, room); err != nil || got != want {
				t.Errorf("%s is a talk: %v, %v, want %v", room, got, err, want)
			}
		}
		room, err := f.Direct(ctx, organizer)
		if err != nil || room != hall {
			t.Errorf("got %s, %v, want %s", room, err, hall)
		}
		f.must(f.ForgetDirect(ctx, desk)) // no longer theirs
		_, err = f.Direct(ctx, organizer)
		f.must(err)
		f.must(f.ForgetDirect(ctx, hall))
		_, err = f.Direct(ctx, organizer)
		wantNotFound(t, err)
	})
}
