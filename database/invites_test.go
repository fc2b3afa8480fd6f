package database

import (
	"slices"
	"testing"
	"time"
)

var allStates = []InviteState{InviteHeld, InviteDue, InviteWaiting, InviteInvited, InviteJoined, InviteGone, InviteFailed}

func unsent(s InviteState) bool { return s == InviteHeld || s == InviteDue || s == InviteWaiting }

func TestAnOutcomeIsRecordedOnWhatStillWaitsForOne(t *testing.T) {
	outcomes := []Outcome{
		{State: InviteWaiting, Reason: ReasonUnreachable, WaitUntil: began.Add(time.Minute)},
		{State: InviteInvited, Asked: true},
		{State: InviteJoined},
		{State: InviteGone, Reason: ReasonBanned},
		{State: InviteFailed, Reason: ReasonInvalid},
	}
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		for _, before := range allStates {
			for _, o := range outcomes {
				f.record("AAAAA")
				_, err := f.change(ctx, `DELETE FROM pretix_invite`)
				f.must(err)
				f.record("AAAAA", ticket(1, ada))
				f.bring(hall, ada, before)
				f.clock.advance(time.Second)
				changed, err := f.Outcome(ctx, conf, hall, ada, o)
				f.must(err)
				got := f.invite(hall, ada)
				want := unsent(before) || before == InviteInvited && o.State == InviteInvited
				if before == InviteHeld && o.State == InviteWaiting {
					want = false // it was stopped while somebody was looked up
				}
				if changed != want {
					t.Errorf("%s, then %s: changed = %v", before, o.State, changed)
				}
				if !changed {
					if got.State != before {
						t.Errorf("%s, then %s: got %s", before, o.State, got.State)
					}
					continue
				}
				if got.State != o.State || got.Reason != o.Reason || !got.WaitUntil.Equal(o.WaitUntil) ||
					got.AskedAt.IsZero() == o.Asked || !got.ChangedAt.Equal(f.clock.Now()) {
					t.Errorf("%s, then %+v: got %+v", before, o, got)
				}
			}
		}
	})
}

func TestHeldAndDueAreNoOutcomes(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		for _, o := range []Outcome{{State: InviteHeld}, {State: InviteDue}, {State: "lost"}, {State: InviteFailed},
			{State: InviteWaiting, Reason: ReasonNotFound}, {State: InviteJoined, Reason: ReasonLeft}} {
			if _, err := f.Outcome(t.Context(), conf, hall, ada, o); err == nil {
				t.Errorf("%+v was accepted", o)
			}
		}
		f.wantState(hall, ada, InviteDue)
	})
}

func TestTriesInVainAreCountedUntilOneIsNot(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		for want := 1; want <= 3; want++ {
			f.bring(hall, ada, InviteWaiting)
			if got := f.invite(hall, ada).Attempts; got != want {
				t.Errorf("got %d attempts, want %d", got, want)
			}
		}
		f.bring(hall, ada, InviteInvited)
		if got := f.invite(hall, ada).Attempts; got != 0 {
			t.Errorf("got %d attempts, want none", got)
		}
	})
}

// TestTriesAreCountedForTheReasonThatIsWaitedFor has the homeserver ask for patience several times before somebody's server is found dead.
func TestTriesAreCountedForTheReasonThatIsWaitedFor(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		for i, step := range []struct {
			reason Reason
			want   int
		}{{ReasonLimited, 1}, {ReasonLimited, 2}, {ReasonUnreachable, 1}, {ReasonUnreachable, 2}, {ReasonLimited, 1}} {
			f.outcome(hall, ada, Outcome{State: InviteWaiting, Reason: step.reason, WaitUntil: f.clock.Now().Add(time.Minute)})
			if got := f.invite(hall, ada).Attempts; got != step.want {
				t.Errorf("wait %d, for %s: got %d attempts, want %d", i+1, step.reason, got, step.want)
			}
		}
	})
}

func TestTheOutcomeOfARowThatHasGoneIsLost(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		f.record("AAAAA")
		changed, err := f.Outcome(t.Context(), conf, hall, ada, Outcome{State: InviteInvited, Asked: true})
		if err != nil || changed {
			t.Errorf("got %v, %v, want false", changed, err)
		}
	})
}

func TestWhatTheRoomSaysCountsFromEveryState(t *testing.T) {
	says := []struct {
		state  InviteState
		reason Reason
	}{{InviteInvited, ""}, {InviteJoined, ""}, {InviteGone, ReasonLeft}, {InviteGone, ReasonKicked}}
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		for _, before := range allStates {
			for _, said := range says {
				f.record("AAAAA")
				_, err := f.change(ctx, `DELETE FROM pretix_invite`)
				f.must(err)
				f.record("AAAAA", ticket(1, ada))
				f.bring(hall, ada, before)
				was := f.invite(hall, ada)
				want := 1
				if was.State == said.state && was.Reason == said.reason {
					want = 0
				}
				n, err := f.MemberChanged(ctx, hall, ada, said.state, said.reason)
				f.must(err)
				got := f.invite(hall, ada)
				if n != want || got.State != said.state || got.Reason != said.reason || !got.WaitUntil.IsZero() {
					t.Errorf("%s, then %s: got %d rows, %+v", before, said.state, n, got)
				}
			}
		}
	})
}

func TestAMemberIsRecordedForEveryEventOfTheRoomAndForNoOtherRoom(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp)
		f.link(conf, hall)
		f.link(conf, lab)
		f.link(camp, hall)
		for _, key := range []EventKey{conf, camp} {
			_, err := f.RecordOrder(ctx, OrderRecord{Event: key, Code: "AAAAA", Tickets: []Ticket{ticket(1, ada), ticket(2, bob)}})
			f.must(err)
		}
		n, err := f.MemberChanged(ctx, hall, ada, InviteJoined, "")
		if err != nil || n != 2 {
			t.Errorf("got %d, %v, want 2", n, err)
		}
		f.wantState(hall, ada, InviteJoined)
		f.wantState(lab, ada, InviteDue)
		f.wantState(hall, bob, InviteDue)
		n, err = f.MemberChanged(ctx, hall, "no attendee", InviteJoined, "")
		if err != nil || n != 0 {
			t.Errorf("a passer-by: got %d, %v, want none", n, err)
		}
		if _, err := f.MemberChanged(ctx, hall, ada, InviteDue, ""); err == nil {
			t.Error("a member can be made due")
		}
	})
}

func TestInvitesAreCountedByStateAndReason(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		f.link(conf, lab, Rule{Item: workshop})
		f.record("AAAAA", ticket(1, "a"), ticket(2, "b"), ticket(3, "c"), ticket(4, "d"), ticket(5, "e"),
			Ticket{Position: 6, Item: workshop, Attendee: "f"})
		f.bring(hall, "a", InviteJoined)
		f.bring(hall, "b", InviteWaiting)
		f.clock.advance(time.Minute)
		f.bring(hall, "c", InviteWaiting)
		f.bring(hall, "d", InviteFailed)
		f.bring(hall, "e", InviteFailed)
		f.record("BBBBB") // nothing to do with it
		f.record("AAAAA", ticket(1, "a"), ticket(2, "b"), ticket(3, "c"), ticket(4, "d"), ticket(5, "mended"),
			Ticket{Position: 6, Item: workshop, Attendee: "f"})
		got, err := f.CountInvites(ctx, conf, hall)
		f.must(err)
		want := []InviteCount{
			{State: InviteDue, Count: 2},
			{State: InviteFailed, Reason: ReasonBlocked, Count: 1}, // the other's ticket names somebody else by now
			{State: InviteJoined, Count: 1},
			{State: InviteWaiting, Reason: ReasonNotFound, Count: 2, NextTry: began.Add(time.Hour)},
		}
		wantEqual(t, "the hall", got, want)
		want[0].Count = 3
		got, err = f.CountInvites(ctx, conf, "")
		f.must(err)
		wantEqual(t, "all rooms", got, want)
	})
}

func attendeesOf(invites []Invite) (attendees []Attendee) {
	for _, i := range invites {
		attendees = append(attendees, i.Attendee)
	}
	return attendees
}

func TestAnOrdersInvitesAreThoseOfWhomItNames(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada), Ticket{Position: 2, Item: standard, Problem: "missing"})
		f.record("BBBBB", ticket(3, ada), ticket(4, bob))
		f.bring(hall, bob, InviteGone)
		for code, want := range map[string][]Attendee{"AAAAA": {ada}, "BBBBB": {ada, bob}, "CCCCC": nil} {
			invites, err := f.OrderInvites(t.Context(), conf, code)
			f.must(err)
			got := attendeesOf(invites)
			slices.Sort(got)
			wantEqual(t, code, got, want)
		}
	})
}
