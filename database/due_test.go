package database

import (
	"fmt"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

func (f *fixture) makeDue(key EventKey, code string, batch bool) {
	f.t.Helper()
	if known, err := f.MakeDue(f.t.Context(), key, code, batch); err != nil || !known {
		f.t.Fatalf("make %s due: %v, %v", code, known, err)
	}
}

// next returns the only order that is due.
func (f *fixture) next() Due {
	f.t.Helper()
	due, err := f.NextDue(f.t.Context(), 10)
	f.must(err)
	if len(due) != 1 {
		f.t.Fatalf("got %v, want one order due", due)
	}
	return due[0]
}

func (f *fixture) settle(d Due, again time.Time) bool {
	f.t.Helper()
	settled, err := f.Settle(f.t.Context(), d, again)
	f.must(err)
	return settled
}

func TestAnOrderMadeDueWhileInHandStaysDue(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.makeDue(conf, "AAAAA", false)
		inHand := f.next()
		f.makeDue(conf, "AAAAA", false)
		if f.settle(inHand, time.Time{}) {
			t.Error("the look begun before ended the one asked for since")
		}
		if f.settle(inHand, began.Add(time.Hour)) {
			t.Error("the look begun before put off the one asked for since")
		}
		f.must(f.Postpone(t.Context(), inHand, began.Add(time.Hour)))
		again := f.next()
		if again.Generation == inHand.Generation || !again.At.Equal(began) || again.Attempts != 0 {
			t.Errorf("got %+v after %+v", again, inHand)
		}
		if !f.settle(again, time.Time{}) {
			t.Error("the second look does not end")
		}
		wantEqual(t, "due", f.dueCodes(), nil)
	})
}

func TestARowMadeAnewIsNotEndedByALookAtTheFormerOne(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.makeDue(conf, "AAAAA", false)
		inHand := f.next()
		f.dropEvent(conf)
		f.event(conf)
		f.makeDue(conf, "AAAAA", false)
		if f.settle(inHand, time.Time{}) {
			t.Error("the new row was ended")
		}
		f.next()
	})
}

func TestADueRowOutlivesWhoeverReadsIt(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.makeDue(conf, "AAAAA", false)
		if first, second := f.next(), f.next(); first != second {
			t.Errorf("got %+v, then %+v", first, second)
		}
	})
}

func TestLiveWinsOverBatch(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		for _, c := range []struct{ saidBatch, wantBatch bool }{{true, true}, {true, true}, {false, false}, {true, false}} {
			f.makeDue(conf, "AAAAA", c.saidBatch)
			if got := f.next().Batch; got != c.wantBatch {
				t.Errorf("said batch = %v: got %v, want %v", c.saidBatch, got, c.wantBatch)
			}
		}
	})
}

func TestAnOrderOfAnEventWeDoNotHaveIsNotDue(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		known, err := f.MakeDue(t.Context(), conf, "AAAAA", false)
		if err != nil || known {
			t.Errorf("got %v, %v, want false", known, err)
		}
	})
}

func TestEventsTakeTurnsAndLiveOrdersComeFirst(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf, camp, other)
		for i := range 50 {
			f.makeDue(conf, fmt.Sprintf("BATCH%02d", i), true)
		}
		for i := range 3 {
			f.clock.advance(time.Second)
			f.makeDue(camp, fmt.Sprintf("CAMP%d", i), true)
		}
		for i := range 3 {
			f.clock.advance(time.Second)
			f.makeDue(conf, fmt.Sprintf("LIVE%d", i), false)
		}
		f.clock.advance(time.Second)
		f.makeDue(other, "LATE", false)
		due, err := f.NextDue(t.Context(), 10)
		f.must(err)
		var got []string
		for _, d := range due {
			got = append(got, d.Code)
		}
		wantEqual(t, "turns", got, []string{
			"LIVE0", "LATE", "LIVE1", "LIVE2", // live: the two events in turns
			"BATCH00", "CAMP0", "BATCH01", "CAMP1", "BATCH02", "CAMP2",
		})
		few, err := f.NextDue(t.Context(), 3)
		if err != nil || len(few) != 3 {
			t.Errorf("got %d, %v, want 3", len(few), err)
		}
	})
}

func TestAnOrderPutOffComesBackInItsTime(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.makeDue(conf, "AAAAA", false)
		f.must(f.Postpone(ctx, f.next(), began.Add(time.Minute)))
		wantEqual(t, "due before its time", f.dueCodes(), nil)
		earliest, err := f.EarliestDue(ctx)
		if err != nil || !earliest.Equal(began.Add(time.Minute)) {
			t.Errorf("got %v, %v, want %v", earliest, err, began.Add(time.Minute))
		}
		f.clock.advance(time.Minute)
		f.must(f.Postpone(ctx, f.next(), began.Add(time.Minute)))
		if got := f.next(); got.Attempts != 2 {
			t.Errorf("got %d attempts, want 2", got.Attempts)
		}
		if !f.settle(f.next(), began.Add(time.Hour)) {
			t.Error("not settled until later")
		}
		f.clock.advance(time.Hour)
		if got := f.next(); got.Attempts != 0 {
			t.Errorf("got %d attempts, want none counted after it was read", got.Attempts)
		}
	})
}

func TestAnOrderThatWaitsIsLookedAtAtOnceWhenSomethingHappens(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.makeDue(conf, "AAAAA", false)
		f.must(f.Postpone(t.Context(), f.next(), began.Add(time.Hour)))
		f.clock.advance(time.Second)
		f.makeDue(conf, "AAAAA", true)
		if got := f.next(); !got.At.Equal(began.Add(time.Second)) || got.Attempts != 0 {
			t.Errorf("got %+v, want it due now", got)
		}
		f.clock.advance(time.Second)
		f.makeDue(conf, "AAAAA", true)
		if got := f.next(); !got.At.Equal(began.Add(time.Second)) {
			t.Errorf("got %v, want its turn kept", got.At)
		}
	})
}

func TestDueOrdersAreCounted(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp)
		if earliest, err := f.EarliestDue(ctx); err != nil || !earliest.IsZero() {
			t.Errorf("got %v, %v, want nothing due", earliest, err)
		}
		if got, err := f.CountDue(ctx, conf); err != nil || got != (DueCount{}) {
			t.Errorf("got %+v, %v, want none", got, err)
		}
		f.makeDue(conf, "AAAAA", false)
		f.must(f.Postpone(ctx, f.next(), began.Add(time.Hour)))
		f.makeDue(conf, "BBBBB", false)
		f.makeDue(conf, "CCCCC", true)
		f.makeDue(conf, "DDDDD", true)
		f.makeDue(camp, "EEEEE", true)
		if got, err := f.CountDue(ctx, conf); err != nil || got != (DueCount{Live: 1, Batch: 2, Later: 1}) {
			t.Errorf("got %+v, %v", got, err)
		}
		wantEqual(t, "due of the event", f.dueCodes(), []string{"BBBBB", "CCCCC", "DDDDD"})
	})
}

func TestAnOrderIsDueUntilItIsSettled(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		want := func(claim string, want time.Time) {
			t.Helper()
			if got, err := f.DueAt(t.Context(), conf, "AAAAA"); err != nil || !got.Equal(want) {
				t.Errorf("%s: got %v, %v, want %v", claim, got, err, want)
			}
		}
		_, err := f.DueAt(t.Context(), conf, "AAAAA")
		wantNotFound(t, err)
		f.makeDue(conf, "AAAAA", true)
		want("in hand", began)
		f.settle(f.next(), began.Add(time.Minute))
		want("put off", began.Add(time.Minute))
		f.clock.advance(time.Minute)
		f.settle(f.next(), time.Time{})
		_, err = f.DueAt(t.Context(), conf, "AAAAA")
		wantNotFound(t, err)
	})
}

func TestWhoIsAboutToBeAskedIsCountedByRoomAndByWhen(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf, camp)
		f.link(conf, hall)
		f.link(conf, lab, Rule{Item: standard})
		f.link(camp, hall)
		f.record("AAAAA", ticket(1, ada), ticket(2, bob))
		f.record("BBBBB", ticket(3, carl))
		want := func(claim string, room id.RoomID, want Queued) {
			t.Helper()
			got, err := f.CountQueued(t.Context(), conf, room)
			f.must(err)
			if got.Now != want.Now || got.Later != want.Later || !got.Next.Equal(want.Next) {
				t.Errorf("%s: got %+v, want %+v", claim, got, want)
			}
		}
		want("all in their turn", hall, Queued{Now: 3})
		later := began.Add(time.Hour)
		f.must(f.Postpone(t.Context(), f.dueOf("BBBBB"), later))
		want("one put off", hall, Queued{Now: 2, Later: 1, Next: later})
		f.outcome(hall, ada, Outcome{State: InviteInvited, Asked: true})
		want("one asked", hall, Queued{Now: 1, Later: 1, Next: later})
		f.settle(f.dueOf("AAAAA"), time.Time{})
		want("one waits for the room", hall, Queued{Later: 1, Next: later})
		want("another room", "!none:example.org", Queued{})
	})
}
