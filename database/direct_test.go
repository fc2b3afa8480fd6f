package database

import "testing"

func TestTheLastDirectRoomOfSomebodyCounts(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		_, err := f.Direct(ctx, organizer)
		wantNotFound(t, err)
		f.must(f.SetDirect(ctx, organizer, desk))
		f.must(f.SetDirect(ctx, organizer, hall))
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
