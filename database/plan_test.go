package database

import (
	"strings"
	"testing"

	"go.mau.fi/util/dbutil"
)

// What is done for each order must not grow with the event. SQLite, which knows nothing of how many rows there are, is the
// one to choose badly; it says what it will do without doing it.
func TestAnOrderIsRecordedWithoutReadingItsWholeEvent(t *testing.T) {
	f := openFixture(t, sqliteConfig(t))
	f.must(f.Upgrade(t.Context()))
	for name, query := range map[string]string{
		"order invites": orderInvitesQuery, "entitle": entitleQuery, "promote": promoteQuery, "repoint": repointOrderQuery,
		"drop": dropOrderQuery, "queued": anyQueuedQuery, "due": dueAtQuery, "positions": positionsQuery,
		"member": memberChangedQuery, "outcome": outcomeQuery, "prospect": prospectQuery,
	} {
		steps, err := list(t.Context(), f.db, readStep, "EXPLAIN QUERY PLAN "+query, make([]any, parameters(query))...)
		f.must(err)
		for _, step := range steps {
			reads := strings.HasPrefix(step, "SCAN") || strings.HasSuffix(step, "(event=?)")
			if reads && !strings.Contains(step, " link ") && step != "SCAN CONSTANT ROW" {
				t.Errorf("%s: %s", name, step)
			}
		}
		if len(steps) == 0 {
			t.Errorf("%s: no plan", name)
		}
	}
}

// parameters returns how many a query has.
func parameters(query string) (n int) {
	for strings.Contains(query, "$"+string(rune('1'+n))) {
		n++
	}
	return n
}

func readStep(row dbutil.Scannable) (step string, err error) {
	var id, parent, unused int
	err = row.Scan(&id, &parent, &unused, &step)
	return step, err
}
