package database

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"maunium.net/go/mautrix/id"
)

func TestWhoeverIsEntitledAndHasNoRowBecomesDue(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.link(conf, lab, Rule{Item: workshop})
		recorded := f.record("AAAAA", ticket(1, ada), Ticket{Position: 2, Item: workshop, Attendee: bob},
			Ticket{Position: 3, Item: standard, Problem: "missing"})
		if !recorded.Changed || len(recorded.Invites) != 3 {
			t.Errorf("got %+v, want three invites", recorded)
		}
		f.wantState(hall, ada, InviteDue)
		f.wantState(hall, bob, InviteDue)
		f.wantState(lab, bob, InviteDue)
		f.wantNoInvite(lab, ada)
		wantEqual(t, "due", f.dueCodes(), []string{"AAAAA"})
		f.wantSound()
	})
}

func TestRecordingTheSameAgainChangesNothing(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		tickets := []Ticket{ticket(1, ada), ticket(2, bob)}
		first := f.record("AAAAA", tickets...)
		due := f.next()
		f.clock.advance(time.Minute)
		slices.Reverse(tickets)
		again := f.record("AAAAA", tickets...)
		if again.Changed {
			t.Error("something has changed")
		}
		wantEqual(t, "invites", again.Invites, first.Invites)
		if f.next() != due {
			t.Errorf("the order was made due again: %+v, was %+v", f.next(), due)
		}
	})
}

func TestTicketsSoldBeforeTheLinkAreHeldAndStayHeld(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.recordHeld("AAAAA", ticket(1, ada))
		f.wantState(hall, ada, InviteHeld)
		wantEqual(t, "due", f.dueCodes(), nil)
		f.record("AAAAA", ticket(1, ada)) // a new telephone number
		f.wantState(hall, ada, InviteHeld)
		f.record("AAAAA", Ticket{Position: 1, Item: standard, Subevent: 7, Attendee: ada}) // another day
		f.wantState(hall, ada, InviteHeld)
		wantEqual(t, "due", f.dueCodes(), nil)
		f.wantSound()
	})
}

func TestANewTicketAsksForSomebodyWhoWasHeld(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.link(conf, lab, Rule{Item: workshop})
		f.recordHeld("AAAAA", ticket(1, ada), Ticket{Position: 2, Item: workshop, Attendee: ada})
		f.record("BBBBB", ticket(3, ada))
		f.wantState(hall, ada, InviteDue)
		f.wantState(lab, ada, InviteHeld) // the new ticket does not open it
		if got := f.invite(hall, ada); got.Code != "BBBBB" || got.Position != 3 {
			t.Errorf("got %s/%d, want the new ticket, BBBBB/3", got.Code, got.Position)
		}
		wantEqual(t, "due", f.dueCodes(), []string{"BBBBB"})
		f.wantSound()
	})
}

func TestAScanHoldsNobodyBackWhoIsDue(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		f.recordHeld("AAAAA", ticket(1, ada), ticket(2, bob))
		f.wantState(hall, ada, InviteDue)
		f.wantState(hall, bob, InviteHeld)
	})
}

func TestAChangedIDReplacesWhoIsStillToBeAsked(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		for _, before := range allStates {
			f.event(conf)
			f.link(conf, hall)
			f.record("AAAAA", ticket(1, ada))
			f.bring(hall, ada, before)
			recorded := f.record("AAAAA", ticket(1, bob))
			f.wantState(hall, bob, InviteDue)
			if unsent(before) {
				f.wantNoInvite(hall, ada)
			} else {
				f.wantState(hall, ada, before)
			}
			wantEqual(t, "invites returned", attendeesOf(recorded.Invites), []Attendee{bob})
			f.wantSound()
			f.dropEvent(conf)
		}
	})
}

func TestAnotherTicketOfTheSamePersonKeepsTheInvite(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		for _, before := range []InviteState{InviteHeld, InviteDue, InviteWaiting} {
			f.event(conf)
			f.link(conf, hall)
			f.record("AAAAA", ticket(1, ada))
			f.record("CCCCC", ticket(3, ada))
			f.record("BBBBB", ticket(2, ada))
			f.bring(hall, ada, before)
			f.settleAll()
			f.record("AAAAA") // canceled
			got := f.invite(hall, ada)
			if got.State != before || got.Code != "BBBBB" || got.Position != 2 {
				t.Errorf("got %+v, want it %s by the older of the other tickets", got, before)
			}
			want := []string{"BBBBB"} // which now has to be looked at
			if before == InviteHeld {
				want = nil
			}
			wantEqual(t, "due", f.dueCodes(), want)
			f.wantSound()
			f.record("BBBBB")
			f.wantState(hall, ada, before)
			f.record("CCCCC")
			f.wantNoInvite(hall, ada)
			f.dropEvent(conf)
		}
	})
}

func TestATicketOfAnotherEventKeepsNothing(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf, camp)
		f.link(conf, hall)
		f.link(camp, hall)
		_, err := f.RecordOrder(t.Context(), OrderRecord{Event: camp, Code: "AAAAA", Tickets: []Ticket{ticket(1, ada)}})
		f.must(err)
		f.record("AAAAA", ticket(1, ada))
		f.record("AAAAA")
		f.wantNoInvite(hall, ada)
		invite, err := f.Invite(t.Context(), camp, hall, ada)
		if err != nil || invite.State != InviteDue {
			t.Errorf("the other event: got %+v, %v", invite, err)
		}
		f.wantSound()
	})
}

func TestASwappedItemMovesAnUnsentInviteToItsRoom(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall, Rule{Item: standard})
		f.link(conf, lab, Rule{Item: workshop})
		f.record("AAAAA", ticket(1, ada), ticket(2, bob))
		f.bring(hall, bob, InviteJoined)
		f.record("AAAAA", Ticket{Position: 1, Item: workshop, Attendee: ada}, Ticket{Position: 2, Item: workshop, Attendee: bob})
		f.wantNoInvite(hall, ada)
		f.wantState(lab, ada, InviteDue)
		f.wantState(hall, bob, InviteJoined)
		f.wantState(lab, bob, InviteDue)
		f.wantSound()
	})
}

func TestASentInviteOutlivesItsTicketAndIsNotTurnedBackByANewOne(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		for _, state := range []InviteState{InviteInvited, InviteJoined, InviteGone, InviteFailed} {
			f.event(conf)
			f.link(conf, hall)
			f.record("AAAAA", ticket(1, ada))
			f.bring(hall, ada, state)
			f.record("AAAAA")
			f.wantState(hall, ada, state)
			f.record("AAAAA", ticket(1, ada)) // reactivated
			f.wantState(hall, ada, state)
			f.record("BBBBB", ticket(2, ada))
			f.wantState(hall, ada, state)
			f.wantSound()
			f.dropEvent(conf)
		}
	})
}

func TestASplitOrderKeepsItsInvitesWhicheverPartIsReadFirst(t *testing.T) {
	for name, codes := range map[string][]string{"the new one": {"NEW", "OLD"}, "the old one": {"OLD", "NEW"}} {
		t.Run(name, func(t *testing.T) {
			forEachDialect(t, func(t *testing.T, f *fixture) {
				f.event(conf)
				f.link(conf, hall)
				f.record("OLD", ticket(1, ada), ticket(2, bob), ticket(3, carl))
				f.bring(hall, carl, InviteJoined)
				parts := map[string][]Ticket{"OLD": {ticket(1, ada)}, "NEW": {ticket(2, bob), ticket(3, carl)}}
				for _, code := range codes {
					f.record(code, parts[code]...)
					f.wantSound()
				}
				for _, attendee := range []Attendee{bob, carl} {
					if got := f.invite(hall, attendee).Code; got != "NEW" {
						t.Errorf("%s: got %s, want NEW", attendee, got)
					}
				}
				f.wantState(hall, bob, InviteDue)
				f.wantState(hall, carl, InviteJoined)
				wantEqual(t, "due", f.dueCodes(), []string{"NEW", "OLD"})
			})
		})
	}
}

func TestARecordedOrderWithSomethingToSendIsDueWhoeverReadIt(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada)) // by a page, without having been due
		if got := f.next(); got.Code != "AAAAA" || got.Batch {
			t.Errorf("got %+v, want the order due", got)
		}
	})
}

func TestAnInviteKnowsTheOldestTicketOfItsPerson(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		recorded := f.record("AAAAA", ticket(9, ada), ticket(4, ada))
		if len(recorded.Invites) != 1 || recorded.Invites[0].Position != 4 {
			t.Errorf("got %+v, want one invite by position 4", recorded.Invites)
		}
	})
}

func TestATicketNamesSomebodyOrHasAProblem(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		for name, ticket := range map[string]Ticket{
			"neither": {Position: 1, Item: standard}, "both": {Position: 1, Item: standard, Attendee: ada, Problem: "missing"},
		} {
			if _, err := f.RecordOrder(t.Context(), OrderRecord{Event: conf, Code: "AAAAA", Tickets: []Ticket{ticket}}); err == nil {
				t.Errorf("%s: accepted", name)
			}
		}
	})
}

// Pretix was read before a split, but recorded after it: the ticket goes back and forth, and ends where it belongs.
func TestATicketClaimedByTwoOrdersEndsWithTheOneThatReallyHasIt(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		pretix := map[string][]Ticket{"OLD": {ticket(1, ada)}, "NEW": {ticket(2, bob)}}
		f.record("NEW", pretix["NEW"]...)
		f.settleAll()
		f.record("OLD", ticket(1, ada), ticket(2, bob))
		for look := 0; len(f.dueCodes()) > 0; look++ {
			if look == 5 {
				t.Fatalf("still due after %d looks: %v", look, f.dueCodes())
			}
			for _, code := range f.dueCodes() {
				due := f.dueOf(code)
				f.record(code, pretix[code]...)
				f.settle(due, time.Time{})
			}
		}
		for attendee, want := range map[Attendee]string{ada: "OLD", bob: "NEW"} {
			if got := f.invite(hall, attendee); got.State != InviteDue || got.Code != want {
				t.Errorf("%s: got %+v, want it due by %s", attendee, got, want)
			}
		}
	})
}

// Each of a link and an order that are written at the same moment must see the other.
func TestALinkAndAnOrderWrittenTogetherDoNotMissEachOther(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		for round := range 30 {
			attendee, room := Attendee(fmt.Sprint("attendee ", round)), id.RoomID(fmt.Sprintf("!%d:example.org", round))
			start := make(chan struct{})
			var group errgroup.Group
			group.Go(func() error {
				<-start
				record := OrderRecord{Event: conf, Code: fmt.Sprint("C", round), Tickets: []Ticket{ticket(int64(round+1), attendee)}}
				_, err := f.RecordOrder(t.Context(), record)
				return err
			})
			group.Go(func() error {
				<-start
				_, err := f.PutLink(t.Context(), Link{Event: conf, Room: room, State: LinkActive})
				return err
			})
			close(start)
			f.must(group.Wait())
		}
		f.wantSound()
	})
}

// A due invite that comes to an order while that is in hand must not wait for somebody who does not know of it.
func TestAnInviteThatMovesToAnOrderInHandIsLookedAtAgain(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.recordHeld("AAAAA", ticket(1, ada))
		f.recordHeld("BBBBB", ticket(2, ada))
		f.record("BBBBB", ticket(2, ada), ticket(4, bob))
		inHand := f.dueOf("BBBBB")
		_, err := f.ReleaseOrder(t.Context(), conf, "AAAAA", "")
		f.must(err)
		f.record("AAAAA") // canceled: ada's other ticket speaks for her now
		f.bring(hall, bob, InviteInvited)
		settled, err := f.Settle(t.Context(), inHand, time.Time{})
		f.must(err)
		if settled {
			t.Error("the order was settled by somebody who did not know of an invite")
		}
		f.wantSound()
	})
}

func TestRecordingAnOrderInHandDoesNotMakeItDueAnew(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada), ticket(2, ada))
		inHand := f.dueOf("AAAAA")
		f.record("AAAAA", ticket(2, ada), ticket(3, bob)) // ada's invite moves within the order
		f.bring(hall, ada, InviteInvited)
		f.bring(hall, bob, InviteInvited)
		if settled, err := f.Settle(t.Context(), inHand, time.Time{}); err != nil || !settled {
			t.Errorf("got %v, %v, want it settled", settled, err)
		}
	})
}
