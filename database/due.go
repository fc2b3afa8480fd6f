package database

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

const (
	dueColumns = `SELECT event, code, generation, due_at, batch, attempts FROM `

	// Made due again, a row keeps the earlier of its times, so that it loses no turn, and is live once anybody said so.
	makeDueAgain = `
		ON CONFLICT (event, code) DO UPDATE
		SET generation = pretix_due.generation + 1, batch = pretix_due.batch AND excluded.batch, attempts = 0,
			due_at = CASE WHEN pretix_due.due_at < excluded.due_at THEN pretix_due.due_at ELSE excluded.due_at END`
	makeDueQuery = `
		INSERT INTO pretix_due (event, code, generation, due_at, batch)
		SELECT event, CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BOOLEAN) FROM pretix_event
		WHERE event = $1` + makeDueAgain
	// A batch stays one.
	ensureDueQuery = `
		INSERT INTO pretix_due (event, code, generation, due_at, batch) VALUES ($1, $2, $3, $4, false)
		ON CONFLICT (event, code) DO UPDATE
		SET due_at = CASE WHEN pretix_due.due_at < excluded.due_at THEN pretix_due.due_at ELSE excluded.due_at END`
	ensureDueAnewQuery = ensureDueQuery + `, generation = pretix_due.generation + 1, attempts = 0`
	advanceDueQuery    = `
		UPDATE pretix_due
		SET generation = generation + 1, attempts = 0, due_at = CASE WHEN due_at < $3 THEN due_at ELSE $3 END
		WHERE event = $1 AND code = $2`
	takeReadingQuery = `
		UPDATE pretix_due SET generation = generation + 1 WHERE event = $1 AND code = $2 AND generation = $3`
	makeQueuedDueQuery = `
		INSERT INTO pretix_due (event, code, generation, due_at, batch)
		SELECT DISTINCT event, code, CAST($3 AS BIGINT), CAST($4 AS BIGINT), true FROM pretix_invite
		WHERE event = $1 AND room_id = $2 AND state IN ('due', 'waiting')` + makeDueAgain

	// The turn of a row is how many of its event stand before it: first everybody's first, then everybody's second.
	nextDueQuery = dueColumns + `(
			SELECT event, code, generation, due_at, batch, attempts,
				ROW_NUMBER() OVER (PARTITION BY event ORDER BY due_at, code) AS turn
			FROM pretix_due WHERE batch = $1 AND due_at <= $2
		) AS due
		ORDER BY turn, due_at, event LIMIT $3`
	dueOfQuery       = dueColumns + `pretix_due WHERE event = $1 AND due_at <= $2 ORDER BY batch, due_at, code`
	dueAtQuery       = `SELECT due_at FROM pretix_due WHERE event = $1 AND code = $2`
	earliestDueQuery = `SELECT MIN(due_at) FROM pretix_due`
	countDueQuery    = `
		SELECT
			COALESCE(SUM(CASE WHEN due_at <= $2 AND NOT batch THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN due_at <= $2 AND batch THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN due_at > $2 THEN 1 ELSE 0 END), 0)
		FROM pretix_due WHERE event = $1`
	turnsQuery = `
		SELECT
			COALESCE(SUM(CASE WHEN due.due_at <= $3 THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN due.due_at > $3 THEN 1 ELSE 0 END), 0),
			MIN(CASE WHEN due.due_at > $3 THEN due.due_at END)
		FROM pretix_invite invite
		JOIN pretix_due due ON due.event = invite.event AND due.code = invite.code
		WHERE invite.event = $1 AND invite.room_id = $2 AND invite.state = 'due'`

	settleQuery      = `DELETE FROM pretix_due WHERE event = $1 AND code = $2 AND generation = $3`
	settleUntilQuery = `
		UPDATE pretix_due SET due_at = $4, attempts = 0 WHERE event = $1 AND code = $2 AND generation = $3`
	postponeQuery = `
		UPDATE pretix_due SET due_at = $4, attempts = attempts + 1 WHERE event = $1 AND code = $2 AND generation = $3`
)

// Due is an order that must be looked at, and when. Which look made it due is in Generation: ending it takes that number.
type Due struct {
	Event      EventKey
	Code       string
	Generation int64
	At         time.Time
	// Batch orders come after live ones.
	Batch bool
	// Attempts is how often it was put off since it was made due, because Pretix did not answer.
	Attempts int
}

// Order names the order.
func (d Due) Order() OrderKey { return OrderKey{Event: d.Event, Code: d.Code} }

// MakeDue says "look at this order", now, and reports whether we have such an event at all. An order that is due already
// gets a new generation, so that a look begun before does not count; live wins over batch.
func (s *Store) MakeDue(ctx context.Context, key EventKey, code string, batch bool) (known bool, err error) {
	rows, err := s.change(ctx, makeDueQuery, key, code, firstGeneration(), at(s.now()), batch)
	if err != nil {
		return false, fmt.Errorf("make order %s of %s due: %w", code, key, err)
	}
	return rows > 0, nil
}

// ensureDue makes an order due now at the latest.
func (s *Store) ensureDue(ctx context.Context, key EventKey, code string) error {
	_, err := s.change(ctx, ensureDueQuery, key, code, firstGeneration(), at(s.now()))
	return err
}

// ensureDueAnew makes an order due now at the latest, and anew if somebody has it in hand.
func (s *Store) ensureDueAnew(ctx context.Context, key EventKey, code string) error {
	_, err := s.change(ctx, ensureDueAnewQuery, key, code, firstGeneration(), at(s.now()))
	return err
}

// makeQueuedDue makes the orders of the room's due and waiting invites due.
func (s *Store) makeQueuedDue(ctx context.Context, key EventKey, room id.RoomID) error {
	_, err := s.change(ctx, makeQueuedDueQuery, key, room, firstGeneration(), at(s.now()))
	return err
}

// firstGeneration starts a new row at random: should the order's former row have been removed while it was in hand, then
// settling that one must not hit this one. It is never 0, which stands for no row.
func firstGeneration() int64 { return 1 + rand.Int64N(1<<40) }

// NextDue returns up to limit orders whose time has come: live ones before batches, and among each the events in turns, so
// that 5 000 orders of one delay no other. The rows stay: only [Store.Settle] ends one, and only the generation that was
// read. So it returns orders that are in hand as well, and limit must exceed their number.
func (s *Store) NextDue(ctx context.Context, limit int) ([]Due, error) {
	now := at(s.now())
	var next []Due
	for _, batch := range []bool{false, true} {
		if len(next) >= limit {
			break
		}
		more, err := list(ctx, s.db, readDue, nextDueQuery, batch, now, limit-len(next))
		if err != nil {
			return nil, fmt.Errorf("list due orders: %w", err)
		}
		next = append(next, more...)
	}
	return next, nil
}

// DueOf returns all orders of an event whose time has come, for whoever reads them by pages.
func (s *Store) DueOf(ctx context.Context, key EventKey) ([]Due, error) {
	due, err := list(ctx, s.db, readDue, dueOfQuery, key, at(s.now()))
	if err != nil {
		return nil, fmt.Errorf("list due orders of %s: %w", key, err)
	}
	return due, nil
}

// DueCount says how much is to be looked at.
type DueCount struct {
	// Live and Batch are due now, Later when their time has come.
	Live, Batch, Later int
}

// DueAt returns when an order is to be looked at, in the past while it is in hand; [ErrNotFound] when there is nothing to look at.
func (s *Store) DueAt(ctx context.Context, key EventKey, code string) (when time.Time, err error) {
	if err = s.db.QueryRow(ctx, dueAtQuery, key, code).Scan(into(&when)); err != nil {
		return time.Time{}, fmt.Errorf("look when order %s of %s is due: %w", code, key, one(err))
	}
	return when, nil
}

// Queued says how many people are about to be asked into a room.
type Queued struct {
	// Now are those whose order is looked at as soon as it is its turn; Later those whose order was put off, the first until Next.
	Now, Later int
	Next       time.Time
}

// CountQueued counts who is about to be asked into a room. Whoever waits for the room itself is not among them: their order is looked at when it opens.
func (s *Store) CountQueued(ctx context.Context, key EventKey, room id.RoomID) (q Queued, err error) {
	if err = s.db.QueryRow(ctx, turnsQuery, key, room, at(s.now())).Scan(&q.Now, &q.Later, into(&q.Next)); err != nil {
		return Queued{}, fmt.Errorf("count who is about to be asked into %s for %s: %w", room, key, err)
	}
	return q, nil
}

// CountDue counts the event's due orders.
func (s *Store) CountDue(ctx context.Context, key EventKey) (n DueCount, err error) {
	if err = s.db.QueryRow(ctx, countDueQuery, key, at(s.now())).Scan(&n.Live, &n.Batch, &n.Later); err != nil {
		return DueCount{}, fmt.Errorf("count due orders of %s: %w", key, err)
	}
	return n, nil
}

// EarliestDue returns when the next order's time comes, which may have passed; the zero time when nothing is due.
func (s *Store) EarliestDue(ctx context.Context) (time.Time, error) {
	var earliest time.Time
	if err := s.db.QueryRow(ctx, earliestDueQuery).Scan(into(&earliest)); err != nil {
		return time.Time{}, fmt.Errorf("find the earliest due order: %w", err)
	}
	return earliest, nil
}

// Settle ends a look at an order: its row goes, or with a time to look again stays until then. It reports false, and does
// nothing, when the order was made due again since it was read: then it must be looked at again now.
func (s *Store) Settle(ctx context.Context, d Due, again time.Time) (settled bool, err error) {
	var rows int
	if again.IsZero() {
		rows, err = s.change(ctx, settleQuery, d.Event, d.Code, d.Generation)
	} else {
		rows, err = s.change(ctx, settleUntilQuery, d.Event, d.Code, d.Generation, at(again))
	}
	if err != nil {
		return false, fmt.Errorf("settle order %s of %s: %w", d.Code, d.Event, err)
	}
	return rows > 0, nil
}

// Postpone puts off an order that could not be read, and counts that. It does nothing to an order made due again meanwhile.
func (s *Store) Postpone(ctx context.Context, d Due, until time.Time) error {
	if _, err := s.change(ctx, postponeQuery, d.Event, d.Code, d.Generation, at(until)); err != nil {
		return fmt.Errorf("postpone order %s of %s: %w", d.Code, d.Event, err)
	}
	return nil
}

func readDue(row dbutil.Scannable) (d Due, err error) {
	err = row.Scan(&d.Event, &d.Code, &d.Generation, into(&d.At), &d.Batch, &d.Attempts)
	return d, err
}
