package database

import (
	"maps"
	"testing"
)

func TestAFingerprintChangesWithWhateverIsKeptOfATicketAndWithNothingElse(t *testing.T) {
	base := Ticket{Position: 1, Item: 2, Variation: 3, Subevent: 4, Attendee: ada}
	changed := map[string]Ticket{
		"position":  {Position: 9, Item: 2, Variation: 3, Subevent: 4, Attendee: ada},
		"item":      {Position: 1, Item: 9, Variation: 3, Subevent: 4, Attendee: ada},
		"variation": {Position: 1, Item: 2, Variation: 9, Subevent: 4, Attendee: ada},
		"subevent":  {Position: 1, Item: 2, Variation: 3, Subevent: 9, Attendee: ada},
		"attendee":  {Position: 1, Item: 2, Variation: 3, Subevent: 4, Attendee: bob},
		"problem":   {Position: 1, Item: 2, Variation: 3, Subevent: 4, Problem: string(ada)},
	}
	seen := map[string]string{Fingerprint(nil): "nothing", Fingerprint([]Ticket{base}): "base"}
	for what, ticket := range changed {
		print := Fingerprint([]Ticket{ticket})
		if was, ok := seen[print]; ok {
			t.Errorf("another %s has the fingerprint of %s", what, was)
		}
		seen[print] = what
	}
	if Fingerprint([]Ticket{base, ticket(7, bob)}) != Fingerprint([]Ticket{ticket(7, bob), base}) {
		t.Error("the sequence of tickets changes the fingerprint")
	}
	if Fingerprint([]Ticket{base, base}) == Fingerprint([]Ticket{base}) {
		t.Error("a second ticket changes nothing")
	}
	if Fingerprint(nil) != "" {
		t.Error("an order without tickets has a fingerprint")
	}
}

func TestTheFingerprintOfAnOrderIsThatOfItsTickets(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		for _, tickets := range [][]Ticket{nil, {ticket(1, ada)}, {ticket(1, bob), ticket(2, ada)}, nil} {
			f.record("AAAAA", tickets...)
			got, err := f.Fingerprint(t.Context(), conf, "AAAAA")
			if err != nil || got != Fingerprint(tickets) {
				t.Errorf("got %q, %v, want %q", got, err, Fingerprint(tickets))
			}
		}
	})
}

func TestAnOrderWithoutTicketsLeavesNoRow(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.record("UNPAID")
		f.record("AAAAA", ticket(1, ada))
		f.record("AAAAA")
		var rows int
		f.must(f.db.QueryRow(t.Context(), `SELECT (SELECT COUNT(*) FROM pretix_order) + (SELECT COUNT(*) FROM pretix_ticket)`).Scan(&rows))
		if rows != 0 {
			t.Errorf("got %d rows, want none", rows)
		}
	})
}

func TestTicketsAreCountedWithTheirProblems(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf, camp)
		f.record("AAAAA", ticket(1, ada), ticket(2, bob), Ticket{Position: 3, Item: standard, Problem: "missing"})
		f.record("BBBBB", Ticket{Position: 4, Item: standard, Problem: "missing"}, Ticket{Position: 5, Item: workshop, Problem: "invalid"})
		_, err := f.RecordOrder(t.Context(), OrderRecord{Event: camp, Code: "AAAAA", Tickets: []Ticket{ticket(1, ada)}})
		f.must(err)
		got, err := f.CountTickets(t.Context(), conf)
		if want := map[string]int{"missing": 2, "invalid": 1}; err != nil || got.Tickets != 5 || !maps.Equal(got.Problems, want) {
			t.Errorf("got %+v, %v, want 5 with %v", got, err, want)
		}
	})
}
