package database

import (
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

func TestReleasingARoomSetsItsHeldInvitesGoing(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf, camp)
		f.link(conf, hall)
		f.link(conf, lab)
		f.link(camp, hall)
		f.recordHeld("AAAAA", ticket(1, ada), ticket(2, bob))
		f.recordHeld("BBBBB", ticket(3, carl))
		_, err := f.RecordOrder(ctx, OrderRecord{Event: camp, Code: "OTHER", Tickets: []Ticket{ticket(1, ada)}, Held: true})
		f.must(err)
		_, err = f.MemberChanged(ctx, hall, bob, InviteGone, ReasonLeft)
		f.must(err)
		done, err := f.Release(ctx, conf, hall)
		if err != nil || done != (Released{Invites: 2, Orders: 2}) {
			t.Errorf("got %+v, %v, want 2 invites by 2 orders", done, err)
		}
		f.wantState(hall, ada, InviteDue)
		f.wantState(hall, bob, InviteGone)
		f.wantState(hall, carl, InviteDue)
		f.wantState(lab, ada, InviteHeld)
		due, err := f.NextDue(ctx, 10)
		f.must(err)
		if len(due) != 2 || !due[0].Batch || !due[1].Batch {
			t.Errorf("got %+v, want two orders as a batch", due)
		}
		done, err = f.Release(ctx, conf, "")
		if err != nil || done.Invites != 3 {
			t.Errorf("all rooms: got %+v, %v, want the lab's 3 invites", done, err)
		}
		f.wantSound()
	})
}

func TestReleasingKeepsALiveOrderLive(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.recordHeld("AAAAA", ticket(1, ada))
		f.makeDue(conf, "AAAAA", false)
		before := f.next()
		_, err := f.Release(t.Context(), conf, hall)
		f.must(err)
		if after := f.next(); after.Batch || after.Generation == before.Generation {
			t.Errorf("got %+v after %+v, want it live and made due again", after, before)
		}
	})
}

func TestReleasingFindsDueInvitesWhoseOrderWasForgotten(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		f.settleAll()
		done, err := f.Release(t.Context(), conf, "")
		if err != nil || done != (Released{Orders: 1}) {
			t.Errorf("got %+v, %v, want no new invite and one order", done, err)
		}
		f.wantSound()
	})
}

func TestFiveThousandAreReleasedByAHandfulOfStatements(t *testing.T) {
	const orders = 5000
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		for _, query := range []string{
			`INSERT INTO pretix_order (event, code, fingerprint) SELECT CAST($1 AS TEXT), 'C' || i, 'x' FROM numbers`,
			`INSERT INTO pretix_ticket (event, position, code, item, variation, subevent, attendee, problem, reported, found_at)
				SELECT CAST($1 AS TEXT), i, 'C' || i, 11, 0, 0, 'attendee ' || i, '', false, 1 FROM numbers`,
		} {
			n, err := f.change(ctx, `
				WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 5000) `+query, conf)
			if err != nil || n != orders {
				t.Fatalf("got %d rows, %v", n, err)
			}
		}
		if done := f.link(conf, hall); done.Held != orders {
			t.Errorf("the new link holds %d, want %d", done.Held, orders)
		}
		var statements, transactions int
		f.log.hear(func(method string) {
			switch method {
			case "Begin":
				transactions++
			case "Exec", "Query", "QueryRow":
				statements++
			}
		})
		done, err := f.Release(ctx, conf, hall)
		f.log.hear(nil)
		if err != nil || done != (Released{Invites: orders, Orders: orders}) {
			t.Errorf("got %+v, %v, want all %d", done, err, orders)
		}
		if statements > 5 || transactions != 1 {
			t.Errorf("got %d statements in %d transactions, want at most 5 in one", statements, transactions)
		}
		f.wantSound()
	})
}

func TestAnOrderReleasedByNameAsksAgainWhateverCameBefore(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		for _, before := range allStates {
			f.record("AAAAA")
			f.record("BBBBB")
			_, err := f.change(ctx, `DELETE FROM pretix_invite`)
			f.must(err)
			f.record("AAAAA", ticket(1, ada))
			f.record("BBBBB", ticket(2, bob))
			f.bring(hall, ada, before)
			_, err = f.change(ctx, `UPDATE pretix_invite SET reported = 'not_found'`)
			f.must(err)
			f.settleAll()
			done, err := f.ReleaseOrder(ctx, conf, "AAAAA", "")
			if err != nil || done != (Released{Invites: 1, Orders: 1}) {
				t.Errorf("%s: got %+v, %v", before, done, err)
			}
			got := f.invite(hall, ada)
			if got.State != InviteDue || !got.Again || got.Reason != "" || got.Attempts != 0 || !got.WaitUntil.IsZero() || got.Reported != "" {
				t.Errorf("%s: got %+v, want it due again", before, got)
			}
			if f.invite(hall, bob).Again {
				t.Errorf("%s: another order's holder is asked again", before)
			}
			if next := f.next(); next.Code != "AAAAA" || next.Batch {
				t.Errorf("%s: got %+v, want the order live", before, next)
			}
		}
	})
}

func TestAskingAgainEndsWithItsOutcome(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		_, err := f.ReleaseOrder(t.Context(), conf, "AAAAA", "")
		f.must(err)
		f.bring(hall, ada, InviteWaiting)
		if !f.invite(hall, ada).Again {
			t.Error("a try in vain has forgotten that somebody asked for it")
		}
		f.bring(hall, ada, InviteInvited)
		if f.invite(hall, ada).Again {
			t.Error("once invited, the person is still to be asked again")
		}
	})
}

func TestAnOrderIsReleasedInTheRoomThatIsNamedOnly(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.link(conf, lab)
		f.record("AAAAA", ticket(1, ada))
		f.bring(hall, ada, InviteGone)
		f.bring(lab, ada, InviteGone)
		done, err := f.ReleaseOrder(t.Context(), conf, "AAAAA", lab)
		if err != nil || done.Invites != 1 {
			t.Errorf("got %+v, %v, want 1", done, err)
		}
		f.wantState(lab, ada, InviteDue)
		f.wantState(hall, ada, InviteGone)
	})
}

func TestOnlyWhatTheOrderOpensIsReleasedByItsName(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		f.event(conf)
		f.link(conf, hall)
		f.link(conf, lab, Rule{Item: workshop})
		f.record("AAAAA", Ticket{Position: 1, Item: workshop, Attendee: ada})
		f.record("BBBBB", ticket(2, ada))
		f.bring(hall, ada, InviteGone)
		f.bring(lab, ada, InviteGone)
		f.record("AAAAA") // canceled: the lab is open to her no more
		_, err := f.ReleaseOrder(ctx, conf, "AAAAA", "")
		f.must(err)
		f.wantState(hall, ada, InviteGone)
		done, err := f.ReleaseOrder(ctx, conf, "BBBBB", "")
		if err != nil || done.Invites != 1 {
			t.Errorf("got %+v, %v, want 1", done, err)
		}
		f.wantState(hall, ada, InviteDue)
		f.wantState(lab, ada, InviteGone)
		if got := f.invite(hall, ada); got.Code != "BBBBB" || got.Position != 2 {
			t.Errorf("got %s/%d, want BBBBB/2", got.Code, got.Position)
		}
		f.wantSound()
	})
}

func TestStoppingHoldsBackWhatIsQueued(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		ctx := t.Context()
		for _, c := range []struct {
			room  id.RoomID
			count int
			lab   InviteState
		}{{hall, 2, InviteDue}, {"", 3, InviteHeld}} {
			f.event(conf)
			f.link(conf, hall)
			f.link(conf, lab, Rule{Item: workshop})
			f.record("AAAAA", ticket(1, ada), ticket(2, bob), ticket(3, carl), Ticket{Position: 4, Item: workshop, Attendee: "d"})
			f.bring(hall, "d", InviteJoined)
			f.bring(hall, bob, InviteWaiting)
			f.bring(hall, carl, InviteInvited)
			stopped, err := f.StopQueued(ctx, conf, c.room)
			if err != nil || stopped != c.count {
				t.Errorf("%q: got %d, %v, want %d", c.room, stopped, err, c.count)
			}
			f.wantState(hall, ada, InviteHeld)
			f.wantState(hall, bob, InviteHeld)
			f.wantState(hall, carl, InviteInvited)
			f.wantState(lab, "d", c.lab)
			f.wantSound()
			f.dropEvent(conf)
		}
	})
}

func TestAStoppedInviteThatWasJustSentCountsAsSent(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall)
		f.record("AAAAA", ticket(1, ada))
		_, err := f.StopQueued(t.Context(), conf, hall)
		f.must(err)
		f.clock.advance(time.Second)
		f.outcome(hall, ada, Outcome{State: InviteInvited, Asked: true})
		f.wantState(hall, ada, InviteInvited)
	})
}
