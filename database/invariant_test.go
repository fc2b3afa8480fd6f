package database

import (
	"testing"

	"go.mau.fi/util/dbutil"
)

// The three sentences of the package's documentation, each as a question for what breaks it. They are written without the
// view that the program uses, so that a mistake there shows.
const (
	entitlement = `
		SELECT l.event, l.room_id, t.attendee, t.code, t.position FROM pretix_link l
		JOIN pretix_ticket t ON t.event = l.event AND t.attendee <> ''
		LEFT JOIN pretix_rule r ON r.event = l.event AND r.room_id = l.room_id
		WHERE r.event IS NULL OR (r.item IN (0, t.item) AND r.variation IN (0, t.variation) AND r.subevent IN (0, t.subevent))`
	entitledWithoutRow = `
		SELECT e.code || ' ' || e.room_id || ' ' || e.attendee FROM (` + entitlement + `) e
		LEFT JOIN pretix_invite i ON i.event = e.event AND i.room_id = e.room_id AND i.attendee = e.attendee
		WHERE i.event IS NULL`
	unsentWithoutTicket = `
		SELECT i.code || ' ' || i.room_id || ' ' || i.attendee || ' ' || i.state FROM pretix_invite i
		LEFT JOIN (` + entitlement + `) e ON e.event = i.event AND e.room_id = i.room_id AND e.attendee = i.attendee
			AND e.code = i.code AND e.position = i.position
		WHERE i.state IN ('held', 'due', 'waiting') AND e.event IS NULL`
	queuedWithoutDue = `
		SELECT i.code || ' ' || i.room_id || ' ' || i.attendee || ' ' || i.state FROM pretix_invite i
		JOIN pretix_link l ON l.event = i.event AND l.room_id = i.room_id AND l.state = 'active'
		LEFT JOIN pretix_due d ON d.event = i.event AND d.code = i.code
		WHERE i.state IN ('due', 'waiting') AND d.event IS NULL`
)

// wantSound checks the three sentences.
func (f *fixture) wantSound() {
	f.t.Helper()
	for _, check := range []struct{ broken, query string }{
		{"entitled without a row", entitledWithoutRow},
		{"unsent without a ticket that speaks for it", unsentWithoutTicket},
		{"queued without a due order", queuedWithoutDue},
	} {
		rows, err := list(f.t.Context(), f.db, dbutil.ScanSingleColumn[string], check.query)
		f.must(err)
		if len(rows) > 0 {
			f.t.Errorf("%s: %q", check.broken, rows)
		}
	}
}

func TestEachSentenceIsCheckedByAQuestionThatFindsItBroken(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		for name, c := range map[string]struct{ breaking, question string }{
			"a row is missing":     {`DELETE FROM pretix_invite`, entitledWithoutRow},
			"a ticket is missing":  {`DELETE FROM pretix_ticket`, unsentWithoutTicket},
			"another ticket":       {`UPDATE pretix_invite SET position = 99`, unsentWithoutTicket},
			"a due row is missing": {`DELETE FROM pretix_due`, queuedWithoutDue},
		} {
			f.event(conf)
			f.link(conf, hall)
			f.record("AAAAA", ticket(1, ada))
			f.wantSound()
			_, err := f.change(t.Context(), c.breaking)
			f.must(err)
			rows, err := list(t.Context(), f.db, dbutil.ScanSingleColumn[string], c.question)
			f.must(err)
			if len(rows) != 1 {
				t.Errorf("%s: got %q, want one row found", name, rows)
			}
			f.dropEvent(conf)
		}
	})
}
