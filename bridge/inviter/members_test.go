package inviter

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/inviter/judge"
)

type members = map[id.UserID]event.Membership

func TestMemberListIsReadOnceAndKeptFresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		lists := newMemberLists(time.Now, func(context.Context, id.UserID, id.RoomID) (members, error) {
			reads++
			time.Sleep(time.Second)
			return members{"@ada:x": event.MembershipJoin, "@bob:x": event.MembershipInvite}, nil
		})
		want := func(who id.UserID, is event.Membership) {
			t.Helper()
			got, pinned, err := lists.membership(t.Context(), eventBot, hall, who)
			if got != is || !pinned || err != nil {
				t.Errorf("%s: got %q %v %v, want %q", who, got, pinned, err, is)
			}
		}
		if _, pinned, _ := lists.membership(t.Context(), eventBot, hall, "@ada:x"); pinned {
			t.Error("a list that nobody pinned")
		}
		lists.pin(hall)
		for range 5 {
			go want("@ada:x", event.MembershipJoin)
		}
		time.Sleep(500 * time.Millisecond)
		lists.changed(hall, "@bob:x", event.MembershipLeave) // while the list is being read
		time.Sleep(time.Second)
		want("@bob:x", event.MembershipLeave)
		want("@cy:x", "")
		lists.changed(hall, "@cy:x", event.MembershipBan)
		want("@cy:x", event.MembershipBan)
		if reads != 1 {
			t.Errorf("read %d times, want once", reads)
		}
		time.Sleep(listAge)
		want("@cy:x", "")
		if reads != 2 {
			t.Errorf("read %d times after its age, want twice", reads)
		}
		lists.unpin(hall)
		lists.changed(hall, "@ada:x", event.MembershipLeave)
		if len(lists.rooms) != 0 {
			t.Error("a list is kept that nobody pins")
		}
	})
}

func TestMemberListThatCannotBeReadIsReadAgainLater(t *testing.T) {
	for took, rest := range map[time.Duration]time.Duration{
		time.Millisecond: 30 * time.Second, 2 * time.Second: time.Minute, 30 * time.Second: 15 * time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			reads, broken := 0, errors.New("no")
			lists := newMemberLists(time.Now, func(context.Context, id.UserID, id.RoomID) (members, error) {
				reads++
				time.Sleep(took)
				return nil, broken
			})
			lists.pin(hall)
			for range 5 {
				go func() {
					if _, pinned, err := lists.membership(t.Context(), eventBot, hall, "@ada:x"); pinned || err != nil {
						t.Errorf("got %v %v, want to be asked about one by one", pinned, err)
					}
				}()
			}
			time.Sleep(took + rest - time.Second)
			if _, pinned, _ := lists.membership(t.Context(), eventBot, hall, "@ada:x"); pinned || reads != 1 {
				t.Errorf("read %d times in the %s after a try of %s, want those who waited to share its failure", reads, rest, took)
			}
			broken = nil
			time.Sleep(2 * time.Second)
			if _, pinned, err := lists.membership(t.Context(), eventBot, hall, "@ada:x"); !pinned || err != nil {
				t.Errorf("later than %s: got %v %v, want it read", rest, pinned, err)
			}
		})
	}
}

func TestStandingReadBeforeAChangeIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStandings(time.Now)
		_, before, _ := s.get(eventBot, hall)
		s.forget(hall)
		s.put(eventBot, hall, judge.Standing{}, before)
		if _, _, ok := s.get(eventBot, hall); ok {
			t.Error("kept what was read before the change")
		}
		_, after, _ := s.get(eventBot, hall)
		s.put(eventBot, hall, judge.Standing{}, after)
		if _, _, ok := s.get(eventBot, hall); !ok {
			t.Error("not kept")
		}
		time.Sleep(standingAge)
		if _, _, ok := s.get(eventBot, hall); ok {
			t.Error("kept for too long")
		}
	})
}

func TestMemberListThatCannotBeReadStopsNoBatch(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(100, time.Now().Add(-time.Hour))
		b.matrix.sets(hall, people[7], event.MembershipLeave, people[7])
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
			if op == "members" && !done {
				time.Sleep(30 * time.Second)
				return unavailable(0)
			}
			return nil
		}
		b.due(true, codes...)
		b.start()
		b.idle(time.Minute)
		b.wantInvited(hall, append(people[:7:7], people[8:]...)...)
	})
}
