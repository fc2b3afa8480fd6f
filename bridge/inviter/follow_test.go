package inviter

import (
	"context"
	"fmt"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/pretixconn/api"
)

func TestProgressIsCounted(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(100, time.Now().Add(-time.Hour))
		b.matrix.sets(hall, people[0], event.MembershipJoin, people[0])
		b.matrix.sets(hall, people[1], event.MembershipBan, "")
		b.matrix.nobody[people[2]] = true
		b.matrix.refuses[people[3]] = refusal(403, "M_INVITE_BLOCKED")
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
			if op == "invite" && !done {
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		}
		b.due(true, codes...)
		b.start()
		follow := b.in.Follow(conf, []id.RoomID{hall})
		defer follow.End()
		b.sleep(5 * time.Second)
		halfway, err := follow.Progress(t.Context())
		b.must(err)
		if left := halfway.Remaining(); halfway.Left < 30 || left < 2*time.Second || left > 8*time.Second {
			t.Errorf("after five of ten seconds: %+v, remaining %v", halfway, left)
		}
		b.idle(time.Minute)
		got, err := follow.Progress(t.Context())
		b.must(err)
		got.Took = 0
		want := Progress{Tally: Tally{Invited: 96, Already: 1, Gone: 1, Waiting: 1, Failed: 1}}
		if got != want {
			t.Errorf("progress: got %+v, want %+v", got, want)
		}
	})
}

func TestProgressIsThatOfTheRoomsThatAreFollowed(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.link(lab)
		b.matrix.sets(lab, "@p0000:example.org", event.MembershipBan, "")
		codes, _ := b.sold(30, time.Now().Add(-time.Hour))
		b.start()
		here, both := b.in.Follow(conf, []id.RoomID{hall}), b.in.Follow(conf, []id.RoomID{hall, lab})
		defer here.End()
		defer both.End()
		b.due(true, codes...)
		b.idle(time.Minute)
		for follow, want := range map[*Follow]Tally{here: {Invited: 30}, both: {Invited: 59, Gone: 1}} {
			got, err := follow.Progress(t.Context())
			b.must(err)
			if got.Tally != want || got.Left != 0 {
				t.Errorf("rooms %v: got %+v, want %+v", follow.rooms, got, want)
			}
		}

		// Looked at once more, everybody stands as before.
		b.due(true, codes...)
		b.idle(time.Minute)
		if got, err := here.Progress(t.Context()); err != nil || got.Tally != (Tally{Invited: 30}) {
			t.Errorf("after a second look: got %+v, %v", got, err)
		}
	})
}

func TestWhoIsPutOffIsSaidToBe(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(5, time.Now().Add(-time.Hour))
		for _, code := range codes {
			_, err := b.store.RecordOrder(t.Context(), recordOfTest(b, code, true))
			b.must(err)
		}
		up := b.pretix.step
		b.pretix.step = func(context.Context, string) error { return fmt.Errorf("get order: %w", api.ErrUnavailable) }
		b.start()
		follow := b.in.Follow(conf, []id.RoomID{hall})
		defer follow.End()
		_, err := b.store.Release(t.Context(), conf, hall)
		b.must(err)
		b.in.Wake()
		b.idle(time.Minute)
		got, err := follow.Progress(t.Context())
		b.must(err)
		if got.Left != 0 || got.PutOff != 5 || got.People() != 0 || !got.Next.After(time.Now()) {
			t.Errorf("while Pretix is down: got %+v, want five put off", got)
		}
		b.meanwhile(func() { b.pretix.step = up })
		b.sleep(time.Minute)
		b.wantInvited(hall, people...)
		if got, err = follow.Progress(t.Context()); err != nil || got.Tally != (Tally{Invited: 5}) || got.PutOff != 0 {
			t.Errorf("afterwards: got %+v, %v", got, err)
		}
	})
}

// TestWhoIsAskedAtTheSecondTryIsCountedOnce has a homeserver that is busy at first.
func TestWhoIsAskedAtTheSecondTryIsCountedOnce(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(1, time.Now().Add(-time.Hour))
		b.matrix.refuses[people[0]] = refusal(429, "M_LIMIT_EXCEEDED")
		b.start()
		follow := b.in.Follow(conf, []id.RoomID{hall})
		defer follow.End()
		b.due(true, codes...)
		b.sleep(time.Second)
		if got, err := follow.Progress(t.Context()); err != nil || got.Tally != (Tally{Waiting: 1}) {
			t.Errorf("at first: got %+v, %v", got, err)
		}
		b.matrix.mu.Lock()
		delete(b.matrix.refuses, people[0])
		b.matrix.mu.Unlock()
		b.sleep(time.Hour)
		if got, err := follow.Progress(t.Context()); err != nil || got.Tally != (Tally{Invited: 1}) {
			t.Errorf("in the end: got %+v, %v", got, err)
		}
	})
}
