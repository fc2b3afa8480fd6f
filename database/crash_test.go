package database

import (
	"context"
	"fmt"
	"testing"

	"go.mau.fi/util/dbutil"
)

// TestAProcessThatDiesInTheMiddleLeavesAllOrNothing ends the connection's work after each single statement of a change in
// turn, and finds the tables either as before or as afterwards; done again, the change arrives at the same.
func TestAProcessThatDiesInTheMiddleLeavesAllOrNothing(t *testing.T) {
	changes := map[string]func(ctx context.Context, f *fixture) error{
		"record an order": func(ctx context.Context, f *fixture) error {
			_, err := f.RecordOrder(ctx, OrderRecord{Event: conf, Code: "AAAAA", Tickets: []Ticket{
				ticket(1, carl), {Position: 2, Item: workshop, Attendee: ada}, {Position: 5, Item: standard, Problem: "missing"},
			}})
			return err
		},
		"release": func(ctx context.Context, f *fixture) error {
			_, err := f.Release(ctx, conf, "")
			return err
		},
		"release an order": func(ctx context.Context, f *fixture) error {
			_, err := f.ReleaseOrder(ctx, conf, "BBBBB", "")
			return err
		},
		"move a link": func(ctx context.Context, f *fixture) error { return f.MoveLink(ctx, conf, hall, desk) },
		"delete a link": func(ctx context.Context, f *fixture) error {
			_, err := f.DeleteLink(ctx, conf, hall, began)
			return err
		},
		"put a link": func(ctx context.Context, f *fixture) error {
			_, err := f.PutLink(ctx, Link{Event: conf, Room: desk, State: LinkActive, Rules: []Rule{{Item: standard}}})
			return err
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			forEachDialect(t, func(t *testing.T, f *fixture) { dieInTheMiddle(t, f, change) })
		})
	}
}

func dieInTheMiddle(t *testing.T, f *fixture, change func(ctx context.Context, f *fixture) error) {
	f.event(conf)
	f.link(conf, hall)
	f.link(conf, lab, Rule{Item: workshop})
	f.record("AAAAA", ticket(1, ada), Ticket{Position: 2, Item: workshop, Attendee: bob})
	f.recordHeld("BBBBB", ticket(3, ada), Ticket{Position: 4, Item: workshop, Attendee: carl})
	before := f.contents()
	for last := 1; ; last++ {
		ctx, die := context.WithCancel(t.Context())
		statements := 0
		f.log.hear(func(method string) {
			if method != "EndRows" && method != "Rollback" {
				if statements++; statements == last {
					die()
				}
			}
		})
		err := change(ctx, f)
		f.log.hear(nil)
		die()
		got := f.contents()
		if err == nil {
			if last < 4 {
				t.Fatalf("the change has only %d statements: this test tests nothing", statements)
			}
			break
		}
		if got != before {
			t.Fatalf("dead after statement %d: got\n%s\nwant\n%s", last, got, before)
		}
	}
	after := f.contents()
	if after == before {
		t.Error("the change changes nothing: this test tests nothing")
	}
	f.wantSound()
}

// contents returns everything in the tables that a change touches, but for generations.
func (f *fixture) contents() string {
	f.t.Helper()
	var all string
	for _, query := range []string{
		`SELECT event || room_id || state FROM pretix_link ORDER BY event, room_id`,
		`SELECT event || room_id || item FROM pretix_rule ORDER BY event, room_id, item`,
		`SELECT event || code || fingerprint FROM pretix_order ORDER BY event, code`,
		`SELECT event || code || position || item || attendee || problem FROM pretix_ticket ORDER BY event, position`,
		`SELECT event || room_id || attendee || state || code || position FROM pretix_invite ORDER BY event, room_id, attendee`,
		`SELECT event || code || due_at FROM pretix_due ORDER BY event, code`,
	} {
		rows, err := list(f.t.Context(), f.db, dbutil.ScanSingleColumn[string], query)
		f.must(err)
		all += fmt.Sprintln(rows)
	}
	return all
}
