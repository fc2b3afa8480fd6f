package database

import "testing"

func TestWhatALoginSeesIsReplacedAsAWhole(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.must(f.SetSight(ctx, "a", []EventKey{conf, camp, conf})) // events that are linked nowhere
		f.must(f.SetSight(ctx, "b", []EventKey{conf}))
		f.must(f.SetSight(ctx, "a", []EventKey{other, conf}))
		seen, err := f.SeenBy(ctx, "a")
		f.must(err)
		wantEqual(t, "seen by a", seen, []EventKey{conf, other})
		logins, err := f.LoginsSeeing(ctx, conf)
		f.must(err)
		wantEqual(t, "seeing conf", logins, []string{"a", "b"})
		f.must(f.ForgetLogin(ctx, "a"))
		seen, err = f.SeenBy(ctx, "a")
		f.must(err)
		wantEqual(t, "seen by a once forgotten", seen, nil)
	})
}
