package inviter

import (
	"context"
	"fmt"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/inviter/judge"
	"matrix-pretix/database"
)

func TestRoomWithoutPowerIsStoppedToldOnceAndGoesOnByItself(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.link(lab)
		b.matrix.room(hall).power = false
		for n := range 40 {
			b.pretix.put(bought(fmt.Sprintf("C%04d", n), time.Now().Add(time.Duration(n)), fmt.Sprintf("@p%d:example.org", n)))
			b.due(true, fmt.Sprintf("C%04d", n))
		}
		b.start()
		b.idle(time.Minute)
		if tries := b.matrix.room(hall).tries; tries != 0 {
			t.Errorf("%d invites tried without power", tries)
		}
		if got := len(b.matrix.invited(lab)); got != 40 {
			t.Errorf("the other room has %d invites, want 40", got)
		}
		if len(b.suspended) != 1 || b.suspended[0].Room != hall || b.suspended[0].Reason != database.LinkNoPower {
			t.Errorf("told: %+v, want once that the hall lacks power", b.suspended)
		}
		b.wantState(hall, "@p0:example.org", database.InviteDue, "")

		b.matrix.mu.Lock()
		b.matrix.room(hall).power = true
		b.matrix.mu.Unlock()
		b.in.RoomChanged(hall)
		b.sleep(time.Second)
		b.idle(time.Minute)
		if got := len(b.matrix.invited(hall)); got != 40 || len(b.resumed) != 1 {
			t.Errorf("after power came back: %d invites, told %d times; want 40 and 1", got, len(b.resumed))
		}
	})
}

func TestPowerLostInTheMiddleOfABatchStopsTheRoom(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		for n := range 40 {
			b.pretix.put(bought(fmt.Sprintf("C%04d", n), time.Now().Add(time.Duration(n)), fmt.Sprintf("@p%d:example.org", n)))
			b.due(true, fmt.Sprintf("C%04d", n))
		}
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
			if op == "invite" && !done {
				time.Sleep(20 * time.Millisecond)
				if b.matrix.count("invite") == 10 {
					b.matrix.room(hall).power = false
				}
			}
			return nil
		}
		b.start()
		b.idle(time.Minute)
		if tries := b.matrix.room(hall).tries; tries != 11 {
			t.Errorf("%d invites tried, want the ten that worked and one refused", tries)
		}
		if len(b.suspended) != 1 {
			t.Errorf("told %d times, want once", len(b.suspended))
		}
	})
}

func TestBotThatWasPutOutStaysOutUntilItIsBack(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.matrix.sets(hall, eventBot, event.MembershipLeave, "@mod:example.org")
		b.sleep(time.Second)
		if len(b.suspended) != 1 || b.suspended[0].Reason != database.LinkRemoved {
			t.Fatalf("told: %+v, want that the bot was removed", b.suspended)
		}
		untold, err := b.store.UntoldLinks(t.Context())
		b.must(err)
		if len(untold) != 1 || untold[0].Reason != database.LinkRemoved {
			t.Errorf("to be told after a kill: got %+v, want that the bot was removed", untold)
		}
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.sleep(time.Hour)
		b.wantInvited(hall)
		b.matrix.sets(hall, eventBot, event.MembershipJoin, eventBot)
		b.sleep(time.Second)
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org")
	})
}

func TestWordOfMendedPowerMayBeLost(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.room(hall).power = false
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.matrix.mu.Lock()
		b.matrix.room(hall).power = true
		b.matrix.mu.Unlock()
		b.sleep(rechecksRest + time.Minute)
		b.wantInvited(hall, "@ada:example.org")
	})
}

func TestPendingLinkKeepsItsPeopleDueAndUnasked(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.must(b.store.SetLinkState(t.Context(), conf, hall, database.LinkPending, database.LinkNoBot))
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall)
		b.wantState(hall, "@ada:example.org", database.InviteDue, "")
		b.must(b.store.SetLinkState(t.Context(), conf, hall, database.LinkActive, ""))
		b.in.Wake()
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org")
	})
}

func TestLinkThatBecomesActiveWhileAnOrderIsReadLosesNobody(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.must(b.store.SetLinkState(t.Context(), conf, hall, database.LinkPending, database.LinkNoBot))
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.pretix.step = func(_ context.Context, op string) error {
			if op == "questions" { // the last thing that is read before the order is recorded
				return b.store.SetLinkState(context.Background(), conf, hall, database.LinkActive, "")
			}
			return nil
		}
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org")
	})
}

// TestRoomThatWasReplacedUnheardIsStopped has tombstones of which no word came.
func TestRoomThatWasReplacedUnheardIsStopped(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.link(lab)
		b.must(b.store.SetLinkState(t.Context(), conf, lab, database.LinkSuspended, database.LinkNoPower))
		for _, room := range []id.RoomID{hall, lab} {
			b.matrix.room(room).upgraded, b.matrix.room(room).successor = true, "!new:example.org"
		}
		for n := range 10 {
			b.pretix.put(bought(fmt.Sprintf("C%04d", n), time.Now(), fmt.Sprintf("@p%d:example.org", n)))
			b.due(false, fmt.Sprintf("C%04d", n))
		}
		b.start()
		b.idle(time.Minute)
		if tries := b.matrix.room(hall).tries; tries != 0 {
			t.Errorf("%d invites tried in a replaced room", tries)
		}
		if len(b.suspended) != 2 {
			t.Fatalf("told %+v, want once of each room", b.suspended)
		}
		for _, room := range []id.RoomID{hall, lab} {
			link, err := b.store.Link(t.Context(), conf, room)
			b.must(err)
			if link.State != database.LinkSuspended || link.Reason != database.LinkReplaced || link.Successor != "!new:example.org" {
				t.Errorf("got %+v, want it suspended as replaced", link)
			}
		}
		b.wantState(hall, "@p0:example.org", database.InviteDue, "")
		b.sleep(2 * rechecksRest) // it does not go on by itself, though the bot may still invite there
		b.wantInvited(hall)
	})
}

func TestRoomThatHasAnotherFaultNowSaysSo(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.start()
		b.matrix.sets(hall, eventBot, event.MembershipLeave, "@mod:example.org")
		b.sleep(time.Second)
		b.matrix.mu.Lock()
		b.matrix.room(hall).power = false
		b.matrix.mu.Unlock()
		b.matrix.sets(hall, eventBot, event.MembershipJoin, eventBot)
		b.sleep(time.Second)
		if len(b.suspended) != 2 || b.suspended[1].Reason != database.LinkNoPower || len(b.resumed) != 0 {
			t.Errorf("told %+v and %+v, want that it was removed, and then that it may not invite", b.suspended, b.resumed)
		}
	})
}

// TestRoomThatManySeeMendedIsToldOnce has everybody look at once.
func TestRoomThatManySeeMendedIsToldOnce(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.must(b.store.SetLinkState(t.Context(), conf, hall, database.LinkSuspended, database.LinkNoPower))
		link, err := b.store.Link(t.Context(), conf, hall)
		b.must(err)
		b.start()
		for range 5 {
			b.in.RoomChanged(hall)
			b.must(b.in.switchLink(t.Context(), link, judge.Standing{}))
		}
		b.sleep(time.Second)
		if len(b.resumed) != 1 {
			t.Errorf("told %d times, want once", len(b.resumed))
		}
	})
}
