package database

import (
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

// replaced suspends conf's link to the hall for a successor and returns it as it is then.
func (f *fixture) replaced(successor id.RoomID, wantNews bool) Link {
	f.t.Helper()
	news, err := f.SuspendReplaced(f.t.Context(), conf, hall, successor)
	f.must(err)
	if news != wantNews {
		f.t.Errorf("replaced by %q: got news %v, want %v", successor, news, wantNews)
	}
	link, err := f.Link(f.t.Context(), conf, hall)
	f.must(err)
	return link
}

func TestAReplacedRoomIsNewsOncePerSuccessor(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.clock.advance(time.Minute)
		got := f.replaced(lab, true)
		if got.State != LinkSuspended || got.Reason != LinkReplaced || got.Successor != lab || !got.Since.Equal(began.Add(time.Minute)) ||
			!got.FollowUntil.Equal(began.Add(time.Minute+followTime)) {
			t.Errorf("got %+v", got)
		}
		f.must(f.SetFollowTold(t.Context(), got, "told"))
		f.clock.advance(time.Minute)
		if again := f.replaced(lab, false); again.FollowTold != "told" || !again.FollowUntil.Equal(got.FollowUntil) {
			t.Errorf("the same again: got %+v", again)
		}
		if next := f.replaced(desk, true); next.Successor != desk || next.FollowTold != "" {
			t.Errorf("another successor: got %+v", next)
		}
		if closed := f.replaced("", true); closed.Successor != "" || !closed.FollowUntil.IsZero() {
			t.Errorf("no successor: got %+v", closed)
		}
		news, err := f.SuspendReplaced(t.Context(), conf, desk, lab)
		if err != nil || news {
			t.Errorf("a room that is not linked: got %v, %v", news, err)
		}
	})
}

func TestASuccessorIsAwaitedForATime(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp)
		f.link(conf, hall)
		f.link(camp, hall)
		link := f.replaced(lab, true)
		for _, c := range []struct {
			after time.Duration
			want  int
		}{{0, 1}, {followTime - time.Minute, 1}, {time.Minute, 0}} {
			f.clock.advance(c.after)
			links, err := f.AwaitingSuccessor(ctx, lab)
			if err != nil || len(links) != c.want {
				t.Errorf("at %v: got %d, %v, want %d", f.clock.Now(), len(links), err, c.want)
			}
		}
		f.must(f.EndFollow(ctx, link))
		links, err := f.AwaitingSuccessor(ctx, "")
		if err != nil || len(links) != 0 {
			t.Errorf("without a successor: got %d, %v, want none", len(links), err)
		}
	})
}

func TestASuccessorNamedMeanwhileIsAnotherMatter(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		former := f.replaced(lab, true)
		f.replaced(desk, true)
		f.must(f.SetFollowTold(t.Context(), former, "not followed"))
		f.must(f.EndFollow(t.Context(), former))
		if got := f.replaced(desk, false); got.Successor != desk || got.FollowTold != "" {
			t.Errorf("got %+v, want the one named last, untold", got)
		}
		f.must(f.EndFollow(t.Context(), f.replaced(desk, false)))
		link, err := f.Link(t.Context(), conf, hall)
		if err != nil || link.Successor != "" || link.State != LinkSuspended || link.Reason != LinkReplaced {
			t.Errorf("given up: got %+v, %v", link, err)
		}
	})
}
