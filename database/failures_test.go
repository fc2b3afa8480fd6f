package database

import (
	"context"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
	"golang.org/x/sync/errgroup"
)

// failureOf keeps of a failure what the tests compare.
type failureOf struct {
	Code    string
	Problem string
	Reason  Reason
	Rooms   int
}

func failuresOf(failures []Failure) (kept []failureOf) {
	for _, f := range failures {
		kept = append(kept, failureOf{f.Code, f.Problem, f.Reason, f.Rooms})
	}
	return kept
}

func (f *fixture) wantFailures(what string, want ...failureOf) {
	f.t.Helper()
	failures, err := f.Failures(f.t.Context(), conf, 20)
	f.must(err)
	wantEqual(f.t, what, failuresOf(failures), want)
}

func (f *fixture) wantUnreported(what string, want ...failureOf) []Failure {
	f.t.Helper()
	failures, err := f.Unreported(f.t.Context())
	f.must(err)
	wantEqual(f.t, what, failuresOf(failures), want)
	return failures
}

func TestWhoCannotBeServedIsListedTheNewestFirst(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.link(conf, lab)
		f.record("AAAAA", Ticket{Position: 1, Item: standard, Variation: 2, Subevent: 3, Problem: "missing"})
		f.record("BBBBB", ticket(2, ada), ticket(3, bob))
		f.clock.advance(time.Second)
		f.bring(hall, ada, InviteWaiting)
		f.bring(lab, ada, InviteWaiting)
		f.clock.advance(time.Second)
		f.bring(hall, bob, InviteFailed)
		f.wantFailures("all",
			failureOf{"BBBBB", "", ReasonBlocked, 1}, failureOf{"BBBBB", "", ReasonNotFound, 2}, failureOf{"AAAAA", "missing", "", 1})
		failures, err := f.Failures(t.Context(), conf, 20)
		f.must(err)
		wantEqual(t, "in full", failures, []Failure{
			{Event: conf, Code: "BBBBB", Position: 3, Item: standard, State: InviteFailed, Reason: ReasonBlocked, Room: hall, Rooms: 1,
				FoundAt: began.Add(2 * time.Second)},
			{Event: conf, Code: "BBBBB", Position: 2, Item: standard, State: InviteWaiting, Reason: ReasonNotFound, Room: hall, Rooms: 2,
				WaitUntil: began.Add(time.Hour + time.Second), FoundAt: began.Add(time.Second)},
			{Event: conf, Code: "AAAAA", Position: 1, Item: standard, Variation: 2, Subevent: 3, Problem: "missing", Rooms: 1, FoundAt: began},
		})
		few, err := f.Failures(t.Context(), conf, 1)
		f.must(err)
		wantEqual(t, "limited to one", failuresOf(few), []failureOf{{"BBBBB", "", ReasonBlocked, 1}})
	})
}

func TestWhatPassesByItselfIsNoFailure(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		until := began.Add(time.Minute)
		f.record("AAAAA", ticket(1, "a"), ticket(2, "b"), ticket(3, "c"), ticket(4, "d"))
		f.outcome(hall, "a", Outcome{State: InviteWaiting, Reason: ReasonLimited, WaitUntil: until})
		f.outcome(hall, "b", Outcome{State: InviteWaiting, Reason: ReasonHomeserver, WaitUntil: until})
		f.outcome(hall, "c", Outcome{State: InviteGone, Reason: ReasonDeclined})
		f.wantFailures("limited, our homeserver, declined")
		f.outcome(hall, "d", Outcome{State: InviteWaiting, Reason: ReasonUnreachable, WaitUntil: until})
		f.wantFailures("a server that does not answer", failureOf{"AAAAA", "", ReasonUnreachable, 1})
	})
}

func TestATicketThatOpensNoRoomNeedsNoID(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, lab, Rule{Item: workshop})
		f.record("AAAAA", Ticket{Position: 1, Item: standard, Problem: "missing"})
		f.wantFailures("no room")
		f.link(conf, hall)
		f.wantFailures("a room", failureOf{"AAAAA", "missing", "", 1})
	})
}

func TestAFailureMendedInPretixDisappears(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", Ticket{Position: 1, Item: standard, Problem: "invalid"}, ticket(2, ada))
		f.bring(hall, ada, InviteFailed)
		f.record("AAAAA", ticket(1, bob), ticket(2, carl))
		f.wantFailures("mended")
		f.record("AAAAA", ticket(1, bob), ticket(2, ada)) // the same mistake again
		f.wantFailures("and broken again", failureOf{"AAAAA", "", ReasonBlocked, 1})
	})
}

func TestAFailureIsReportedOnceAndAnotherOneAnew(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		missing := Ticket{Position: 1, Item: standard, Problem: "missing"}
		f.record("AAAAA", missing, ticket(2, ada))
		f.bring(hall, ada, InviteWaiting)
		f.must(f.MarkReported(ctx, f.wantUnreported("at first",
			failureOf{"AAAAA", "missing", "", 1}, failureOf{"AAAAA", "", ReasonNotFound, 1})))
		f.wantUnreported("once told")
		f.record("AAAAA", missing, ticket(2, ada), ticket(3, bob))
		f.bring(hall, ada, InviteWaiting)
		f.wantUnreported("the same again")
		missing.Problem = "invalid"
		f.record("AAAAA", missing, ticket(2, ada), ticket(3, bob))
		f.outcome(hall, ada, Outcome{State: InviteFailed, Reason: ReasonRefused})
		f.wantUnreported("others", failureOf{"AAAAA", "invalid", "", 1}, failureOf{"AAAAA", "", ReasonRefused, 1})
		f.wantFailures("all", failureOf{"AAAAA", "invalid", "", 1}, failureOf{"AAAAA", "", ReasonRefused, 1})
	})
}

// TestWhatPassesInBetweenIsNoNewFailure is a dead server: at times its people only wait for their turn, or for our own homeserver.
func TestWhatPassesInBetweenIsNoNewFailure(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		waits := func(reason Reason) {
			f.outcome(hall, ada, Outcome{State: InviteWaiting, Reason: reason, WaitUntil: began.Add(time.Hour)})
		}
		waits(ReasonUnreachable)
		f.must(f.MarkReported(t.Context(), f.wantUnreported("at first", failureOf{"AAAAA", "", ReasonUnreachable, 1})))
		for _, between := range []Reason{ReasonLimited, ReasonHomeserver} {
			waits(between)
			waits(ReasonUnreachable)
			f.wantUnreported("after " + string(between))
		}
		waits(ReasonLimited)
		waits(ReasonNotFound)
		f.wantUnreported("another reason", failureOf{"AAAAA", "", ReasonNotFound, 1})
		f.outcome(hall, ada, Outcome{State: InviteInvited})
		_, err := f.ReleaseOrder(t.Context(), conf, "AAAAA", "")
		f.must(err)
		waits(ReasonUnreachable)
		f.wantUnreported("after they were invited", failureOf{"AAAAA", "", ReasonUnreachable, 1})
	})
}

func TestAFailureThatChangedWhileItWasToldStaysUnreported(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", Ticket{Position: 1, Item: standard, Problem: "missing"}, ticket(2, ada))
		f.bring(hall, ada, InviteWaiting)
		told := f.wantUnreported("at first", failureOf{"AAAAA", "missing", "", 1}, failureOf{"AAAAA", "", ReasonNotFound, 1})
		f.record("AAAAA", Ticket{Position: 1, Item: standard, Problem: "invalid"}, ticket(2, ada))
		f.bring(hall, ada, InviteFailed)
		f.must(f.MarkReported(t.Context(), told))
		f.wantUnreported("what it has become", failureOf{"AAAAA", "invalid", "", 1}, failureOf{"AAAAA", "", ReasonBlocked, 1})
	})
}

// TestAReportIsMarkedWhileItsEventIsWrittenTo has somebody write to the same rows in the other order.
func TestAReportIsMarkedWhileItsEventIsWrittenTo(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada), ticket(2, bob))
		f.bring(hall, ada, InviteWaiting)
		f.bring(hall, bob, InviteWaiting)
		told := f.wantUnreported("at first", failureOf{"AAAAA", "", ReasonNotFound, 1}, failureOf{"AAAAA", "", ReasonNotFound, 1})
		var marking errgroup.Group
		f.must(f.Alone(ctx, conf, func(ctx context.Context) error {
			for _, who := range []Attendee{bob, ada} {
				if _, err := f.Outcome(ctx, conf, hall, who, Outcome{State: InviteFailed, Reason: ReasonRefused}); err != nil {
					return err
				}
				if who == bob {
					marking.Go(func() error { return f.MarkReported(t.Context(), told) })
					f.waitUntilSomebodyWaits()
				}
			}
			return nil
		}))
		f.must(marking.Wait())
	})
}

// waitUntilSomebodyWaits returns when another connection waits for a row. (SQLite lets nobody so far.)
func (f *fixture) waitUntilSomebodyWaits() {
	f.t.Helper()
	const waitingQuery = `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
	for waiting := 0; waiting == 0 && f.db.Dialect == dbutil.Postgres; {
		f.must(f.db.QueryRow(f.t.Context(), waitingQuery).Scan(&waiting))
	}
}

func TestWhatTheReaderTellsItselfNeedsNoNotice(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		_, err := f.RecordOrder(t.Context(), OrderRecord{
			Event: conf, Code: "AAAAA", Held: true, Reported: true, Tickets: []Ticket{{Position: 1, Item: standard, Problem: "missing"}},
		})
		f.must(err)
		f.wantUnreported("told by the scan")
		f.wantFailures("but listed", failureOf{"AAAAA", "missing", "", 1})
	})
}
