package database

import (
	"testing"

	"maunium.net/go/mautrix/id"
)

func TestWhichTicketOpensARoomIsTheSameInGoAndInSQL(t *testing.T) {
	links := map[id.RoomID][]Rule{
		"!all:x":       nil,
		"!item:x":      {{Item: 1}},
		"!variation:x": {{Item: 1, Variation: 2}},
		"!subevent:x":  {{Subevent: 3}},
		"!whole:x":     {{Item: 1, Variation: 2, Subevent: 3}},
		"!either:x":    {{Item: 1, Subevent: 4}, {Item: 2}, {Variation: 9}},
	}
	var tickets []Ticket
	for _, item := range []int64{1, 2, 5} {
		for _, variation := range []int64{0, 2, 9} {
			for _, subevent := range []int64{0, 3, 4} {
				tickets = append(tickets, Ticket{
					Position: int64(len(tickets) + 1), Item: item, Variation: variation, Subevent: subevent, Attendee: ada,
				})
			}
		}
	}
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.record("AAAAA", tickets...)
		for room, rules := range links {
			f.link(conf, room, rules...)
			opened := 0
			for _, ticket := range tickets {
				var inSQL bool
				f.must(f.db.QueryRow(t.Context(), `
					SELECT EXISTS (SELECT 1 FROM pretix_opens WHERE event = $1 AND room_id = $2 AND position = $3)`,
					conf, room, ticket.Position).Scan(&inSQL))
				inGo := Link{Rules: rules}.Opens(ticket.Item, ticket.Variation, ticket.Subevent)
				if inGo != inSQL {
					t.Errorf("%s, %+v: Go says %v, SQL says %v", room, ticket, inGo, inSQL)
				}
				if inGo {
					opened++
				}
			}
			if (opened == len(tickets)) != (len(rules) == 0) || opened == 0 {
				t.Errorf("%s: %d of %d tickets open it: this table tests nothing", room, opened, len(tickets))
			}
		}
	})
}

func TestALinkThatBecomesNarrowerDropsUnsentInvitesAndKeepsHistory(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		both := Attendee("has-both")
		f.record("AAAAA", ticket(1, ada), Ticket{Position: 2, Item: workshop, Attendee: bob}, Ticket{Position: 3, Item: workshop, Attendee: carl})
		f.record("BBBBB", Ticket{Position: 4, Item: workshop, Attendee: both})
		f.record("CCCCC", ticket(5, both))
		f.bring(hall, carl, InviteInvited)
		f.settleAll()
		done, err := f.AddRule(ctx, conf, hall, Rule{Item: standard})
		if err != nil || done != (Reconciled{Dropped: 1}) {
			t.Errorf("got %+v, %v, want one dropped", done, err)
		}
		f.wantState(hall, ada, InviteDue)
		f.wantNoInvite(hall, bob)
		f.wantState(hall, carl, InviteInvited)
		if got := f.invite(hall, both); got.Code != "CCCCC" || got.Position != 5 {
			t.Errorf("got %s/%d, want the ticket that still opens the room, CCCCC/5", got.Code, got.Position)
		}
		wantEqual(t, "due", f.dueCodes(), []string{"CCCCC"}) // AAAAA was settled by the test's own hand
	})
}

func TestALinkThatBecomesWiderHoldsWhoeverIsNew(t *testing.T) {
	for name, widen := range map[string]func(f *fixture) (Reconciled, error){
		"by a rule": func(f *fixture) (Reconciled, error) {
			return f.AddRule(f.t.Context(), conf, hall, Rule{Item: workshop})
		},
		"to every ticket": func(f *fixture) (Reconciled, error) { return f.DeleteRules(f.t.Context(), conf, hall) },
	} {
		t.Run(name, func(t *testing.T) {
			forEachDialect(t, func(t *testing.T, f *fixture) {
				f.event(conf)
				f.link(conf, hall, Rule{Item: standard})
				f.record("AAAAA", ticket(1, ada), Ticket{Position: 2, Item: workshop, Attendee: bob})
				f.wantNoInvite(hall, bob)
				done, err := widen(f)
				if err != nil || done != (Reconciled{Held: 1}) {
					t.Errorf("got %+v, %v, want one held", done, err)
				}
				f.wantState(hall, ada, InviteDue)
				f.wantState(hall, bob, InviteHeld)
				f.wantSound()
			})
		})
	}
}

func TestARuleOfNothingAndARuleWithoutALinkAreRefused(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		if _, err := f.AddRule(ctx, conf, hall, Rule{}); err == nil {
			t.Error("a rule that says nothing was taken")
		}
		_, err := f.AddRule(ctx, conf, lab, Rule{Item: 1})
		wantNotFound(t, err)
		_, err = f.DeleteRules(ctx, conf, lab)
		wantNotFound(t, err)
	})
}
