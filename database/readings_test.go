package database

import (
	"errors"
	"testing"
	"time"
)

func (f *fixture) readBy(d Due, tickets ...Ticket) (Recorded, error) {
	return f.RecordOrder(f.t.Context(), OrderRecord{Event: d.Event, Code: d.Code, Generation: d.Generation, Tickets: tickets})
}

func TestAReadingIsRecordedOnceAndNoOlderOneAfterIt(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.makeDue(conf, "AAAAA", false)
		due := f.next()
		newer, err := f.readBy(due, ticket(1, ada))
		f.must(err)
		if _, err := f.readBy(due, ticket(1, bob)); !errors.Is(err, ErrOutdated) {
			t.Errorf("after another reading: got %v, want ErrOutdated", err)
		}
		f.wantState(hall, ada, InviteDue)
		due.Generation = newer.Generation
		if !f.settle(due, began.Add(time.Hour)) {
			t.Error("the look that was recorded does not end")
		}
		f.makeDue(conf, "AAAAA", false)
		if _, err := f.readBy(due); !errors.Is(err, ErrOutdated) {
			t.Errorf("made due since: got %v, want ErrOutdated", err)
		}
		f.settle(f.next(), time.Time{})
		if _, err := f.readBy(due); !errors.Is(err, ErrOutdated) {
			t.Errorf("settled since: got %v, want ErrOutdated", err)
		}
		f.wantState(hall, ada, InviteDue)
	})
}

func TestReadingAllOrdersLeavesThoseAloneThatAreDue(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.makeDue(conf, "AAAAA", true)
		f.must(f.Postpone(t.Context(), f.next(), began.Add(time.Hour)))
		for code, want := range map[string]bool{"AAAAA": false, "BBBBB": true} {
			record := OrderRecord{Event: conf, Code: code, Held: true, Tickets: []Ticket{ticket(int64(code[0]), Attendee(code))}}
			got, err := f.RecordUnlessDue(t.Context(), record)
			if err != nil || got != want {
				t.Errorf("%s: got %v, %v, want %v", code, got, err, want)
			}
		}
		due := f.next()
		if due.Code != "AAAAA" || !due.Batch || due.Attempts != 0 {
			t.Errorf("got %+v, want it due now, with its batch", due)
		}
		recorded, err := f.readBy(due, ticket('A', "AAAAA"))
		f.must(err)
		if len(recorded.Invites) != 1 || recorded.Invites[0].State != InviteDue {
			t.Errorf("got %+v, want its holder due", recorded.Invites)
		}
		f.wantState(hall, "BBBBB", InviteHeld)
	})
}

func TestAnInviteThatAnotherOrderTakesOverIsLookedAtNow(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		f.record("BBBBB", ticket(2, ada), ticket(3, bob))
		f.settleAll()
		f.makeDue(conf, "BBBBB", false)
		inHand := f.next()
		f.makeDue(conf, "CCCCC", false) // somebody else's
		f.settle(inHand, began.Add(24*time.Hour))
		f.record("AAAAA")
		wantEqual(t, "due", f.dueCodes(), []string{"BBBBB", "CCCCC"})
		if f.settle(inHand, time.Time{}) {
			t.Error("a look at it that had begun before ends it")
		}
	})
}

func TestAProspectSaysWhatDecidesAtTheLastMoment(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp)
		f.link(conf, hall)
		f.link(camp, hall)
		f.record("AAAAA", ticket(1, ada))
		_, err := f.RecordOrder(ctx, OrderRecord{Event: camp, Code: "ZZZZZ", Tickets: []Ticket{ticket(9, ada)}})
		f.must(err)
		want := func(what string, open, elsewhere bool) {
			t.Helper()
			got, err := f.Prospect(ctx, conf, hall, ada)
			if err != nil || got.Open != open || got.Elsewhere != elsewhere || got.Invite != f.invite(hall, ada) {
				t.Errorf("%s: got %+v, %v", what, got, err)
			}
		}
		want("at first", true, false)
		f.must(f.SetLinkState(ctx, conf, hall, LinkSuspended, LinkNoPower))
		want("the room is stopped", false, false)
		_, err = f.Outcome(ctx, camp, hall, ada, Outcome{State: InviteInvited, Asked: true})
		f.must(err)
		want("and the other event has invited them", false, true)
		f.record("AAAAA")
		_, err = f.Prospect(ctx, conf, hall, ada)
		wantNotFound(t, err)
	})
}
