package database

import (
	"reflect"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

func TestALinkIsReadBackWithItsRules(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		want := Link{
			Event: conf, Room: hall, LinkedBy: organizer, LinkedAt: began, State: LinkSuspended, Reason: LinkReplaced,
			Since: began.Add(time.Minute), Successor: lab, FollowUntil: began.Add(time.Hour),
			Rules: []Rule{{Item: standard}, {Item: workshop, Variation: 3}, {Item: workshop, Variation: 4, Subevent: 5}},
		}
		_, err := f.PutLink(ctx, want)
		f.must(err)
		got, err := f.Link(ctx, conf, hall)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v\nwant %+v", got, err, want)
		}
		_, err = f.Link(ctx, conf, lab)
		wantNotFound(t, err)
	})
}

func TestLinksAreListedByEventAndByRoom(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp)
		f.link(conf, hall, Rule{Item: standard}, Rule{Item: workshop})
		f.clock.advance(time.Second)
		f.link(camp, hall)
		f.clock.advance(time.Second)
		f.link(conf, lab, Rule{Item: workshop})
		of, err := f.LinksOf(ctx, conf)
		f.must(err)
		wantEqual(t, "rooms of conf", roomsOf(of), []id.RoomID{hall, lab})
		wantEqual(t, "rules of the first", of[0].Rules, []Rule{{Item: standard}, {Item: workshop}})
		wantEqual(t, "rules of the second", of[1].Rules, []Rule{{Item: workshop}})
		in, err := f.LinksIn(ctx, hall)
		f.must(err)
		if len(in) != 2 || in[0].Event != conf || in[1].Event != camp || len(in[0].Rules) != 2 || len(in[1].Rules) != 0 {
			t.Errorf("in the hall: got %+v", in)
		}
	})
}

func roomsOf(links []Link) (rooms []id.RoomID) {
	for _, l := range links {
		rooms = append(rooms, l.Room)
	}
	return rooms
}

func TestALinkPutAgainKeepsWhenItWasMadeAndItsInvites(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		f.bring(hall, ada, InviteJoined)
		f.clock.advance(time.Hour)
		_, err := f.PutLink(ctx, Link{Event: conf, Room: hall, LinkedBy: "@second:example.org", State: LinkPending, Reason: LinkNoBot})
		f.must(err)
		got, err := f.Link(ctx, conf, hall)
		f.must(err)
		if !got.LinkedAt.Equal(began) || got.LinkedBy != "@second:example.org" || got.State != LinkPending || !got.Since.Equal(began.Add(time.Hour)) {
			t.Errorf("got %+v", got)
		}
		f.wantState(hall, ada, InviteJoined)
	})
}

func TestANewLinkHoldsTheTicketsAlreadyKnown(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada), Ticket{Position: 2, Item: workshop, Attendee: bob})
		f.record("BBBBB", ticket(3, ada), Ticket{Position: 4, Item: standard, Problem: "missing"})
		f.settleAll()
		f.bring(hall, ada, InviteInvited)
		f.bring(hall, bob, InviteInvited)
		done := f.link(conf, lab, Rule{Item: standard})
		if done != (Reconciled{Held: 1}) {
			t.Errorf("got %+v, want one person held", done)
		}
		f.wantState(lab, ada, InviteHeld)
		f.wantNoInvite(lab, bob)
		if got := f.invite(lab, ada).Position; got != 1 {
			t.Errorf("got position %d, want the oldest, 1", got)
		}
		if got := f.dueCodes(); len(got) != 0 {
			t.Errorf("got %v due, want nobody asked by a new link", got)
		}
		n, err := f.CountMatching(t.Context(), conf, lab)
		if want := (MatchingCount{Tickets: 3, Unnamed: 1}); err != nil || n != want {
			t.Errorf("got %+v, %v tickets that match, want %+v", n, err, want)
		}
		f.wantSound()
	})
}

func TestALinkThatBecomesActiveLooksAtTheOrdersLeftLying(t *testing.T) {
	activate := map[string]func(f *fixture){
		"by its state": func(f *fixture) { f.must(f.SetLinkState(f.t.Context(), conf, hall, LinkActive, "")) },
		"put again":    func(f *fixture) { f.link(conf, hall) },
	}
	for name, activate := range activate {
		t.Run(name, func(t *testing.T) {
			forEachDialect(t, func(t *testing.T, f *fixture) {
				ctx := t.Context()
				f.event(conf)
				f.link(conf, hall)
				f.must(f.SetLinkState(ctx, conf, hall, LinkSuspended, LinkRemoved))
				f.record("AAAAA", ticket(1, ada))
				f.record("BBBBB", ticket(2, bob))
				f.recordHeld("CCCCC", ticket(3, carl))
				f.bring(hall, bob, InviteWaiting)
				f.settleAll() // as a worker does that finds the room closed
				f.clock.advance(time.Hour)
				activate(f)
				wantEqual(t, "due", f.dueCodes(), []string{"AAAAA", "BBBBB"})
				l, err := f.Link(ctx, conf, hall)
				if err != nil || l.State != LinkActive || l.Reason != "" || !l.Since.Equal(began.Add(time.Hour)) {
					t.Errorf("got %+v, %v", l, err)
				}
				f.wantSound()
			})
		})
	}
}

func TestASuspendedLinkMakesNothingDue(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		f.settleAll()
		f.must(f.SetLinkState(t.Context(), conf, hall, LinkSuspended, LinkNoPower))
		wantEqual(t, "due", f.dueCodes(), nil)
		wantNotFound(t, f.SetLinkState(t.Context(), conf, lab, LinkActive, ""))
	})
}

func TestALinkIsSwitchedFromTheStateInWhichItWasRead(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		f.settleAll()
		read, err := f.Link(ctx, conf, hall)
		f.must(err)
		wantSwitched := func(was Link, state LinkState, reason LinkReason, want bool) {
			t.Helper()
			if got, err := f.SwitchLink(ctx, was, state, reason); err != nil || got != want {
				t.Errorf("to %s %s: got %v, %v, want %v", state, reason, got, err, want)
			}
		}
		f.clock.advance(time.Minute)
		wantSwitched(read, LinkSuspended, LinkNoPower, true)
		wantSwitched(read, LinkSuspended, LinkNoPower, false) // somebody else noticed it first
		wantSwitched(read, LinkSuspended, LinkRemoved, false)
		stopped, err := f.Link(ctx, conf, hall)
		if err != nil || stopped.Reason != LinkNoPower || !stopped.Since.Equal(began.Add(time.Minute)) {
			t.Errorf("got %+v, %v", stopped, err)
		}
		wantEqual(t, "due", f.dueCodes(), nil)
		wantSwitched(stopped, LinkActive, "", true)
		wantSwitched(stopped, LinkActive, "", false)
		wantEqual(t, "due", f.dueCodes(), []string{"AAAAA"})
		wantSwitched(Link{Event: conf, Room: lab}, LinkActive, "", false)
		_, err = f.SwitchLink(ctx, Link{Event: camp, Room: hall}, LinkActive, "")
		wantNotFound(t, err)
	})
}

func TestUnlinkingStopsWhatIsQueuedAndSaysHowMuch(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		f.link(conf, lab)
		f.record("AAAAA", ticket(1, ada), ticket(2, bob), ticket(3, carl))
		f.bring(hall, bob, InviteWaiting)
		f.bring(hall, carl, InviteInvited)
		queued, err := f.DeleteLink(ctx, conf, hall, began)
		if err != nil || queued != 2 {
			t.Errorf("got %d, %v, want 2", queued, err)
		}
		f.wantNoInvite(hall, carl)
		f.wantState(lab, ada, InviteDue)
		print, err := f.Fingerprint(ctx, conf, "AAAAA")
		if err != nil || print == "" {
			t.Errorf("the orders were forgotten while another room needs them: %q, %v", print, err)
		}
		_, err = f.DeleteLink(ctx, conf, hall, began)
		wantNotFound(t, err)
		f.wantSound()
	})
}

func TestTheLastLinkTakesTheOrdersAlong(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		f.scanned(conf, began)
		f.must(f.AdvanceSweep(ctx, conf, began))
		_, err := f.DeleteLink(ctx, conf, hall, began)
		f.must(err)
		e, err := f.Event(ctx, conf)
		if err != nil || !e.ScannedAt.IsZero() || !e.SweptFrom.IsZero() {
			t.Errorf("got %+v, %v, want an event that is to be read anew", e, err)
		}
		count, err := f.CountTickets(ctx, conf)
		if err != nil || count.Tickets != 0 {
			t.Errorf("got %+v, %v, want no tickets", count, err)
		}
		wantEqual(t, "due", f.dueCodes(), nil)
	})
}

// TestAnEventBeginsAnewWithItsFirstLink has an event that was set up long before, and a second room, which changes nothing.
func TestAnEventBeginsAnewWithItsFirstLink(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.must(f.AdvanceSweep(ctx, conf, began))
		f.scanned(conf, began)
		f.link(conf, hall)
		got, err := f.Event(ctx, conf)
		f.must(err)
		if !got.ScannedAt.IsZero() || !got.SweptFrom.IsZero() {
			t.Errorf("scanned at %v and swept from %v, want an event that is to be read", got.ScannedAt, got.SweptFrom)
		}
		f.must(f.AdvanceSweep(ctx, conf, began))
		f.scanned(conf, began)
		f.link(conf, lab)
		f.link(conf, hall)
		if got, err = f.Event(ctx, conf); err != nil || got.ScannedAt.IsZero() || got.SweptFrom.IsZero() {
			t.Errorf("a further link has the orders read again: %+v, %v", got, err)
		}
	})
}

func TestTicketsThatNameNobodyAreCountedApart(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada), Ticket{Position: 2, Item: standard, Problem: "missing"}, Ticket{Position: 3, Item: standard, Problem: "invalid"})
		got, err := f.CountMatching(t.Context(), conf, hall)
		if want := (MatchingCount{Tickets: 3, Unnamed: 2}); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	})
}
