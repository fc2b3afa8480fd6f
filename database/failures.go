package database

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

const (
	failureColumns = `
		SELECT event, code, position, item, variation, subevent, problem, state, reason, MIN(room_id), COUNT(*), MIN(wait_until),
			MAX(found_at) AS found
		FROM pretix_failure `
	failureGroup = `
		GROUP BY event, code, position, item, variation, subevent, problem, state, reason
		ORDER BY found DESC, code, position, state, reason `
	failuresQuery     = failureColumns + `WHERE event = $1` + failureGroup + `LIMIT $2`
	unreportedQuery   = failureColumns + `WHERE NOT reported` + failureGroup
	reportTicketQuery = `UPDATE pretix_ticket SET reported = true WHERE event = $1 AND position = $2 AND problem = $3`
	reportInviteQuery = `
		UPDATE pretix_invite SET reported = reason WHERE event = $1 AND position = $2 AND state = $3 AND reason = $4`
)

// Failure is a ticket whose holder cannot be served, and why: its Problem, or what came of inviting them.
type Failure struct {
	Event                               EventKey
	Code                                string
	Position, Item, Variation, Subevent int64
	// Problem says why the ticket names nobody. The other fields are empty then.
	Problem string
	// State and Reason are those of the invite, failed or waiting.
	State  InviteState
	Reason Reason
	// Room is the room of the invite, or one of several Rooms.
	Room  id.RoomID
	Rooms int
	// WaitUntil is when a waiting one is tried again.
	WaitUntil time.Time
	FoundAt   time.Time
}

// Failures returns those of the event who cannot be served at present, the newest first. What passes by itself is not among
// them, nor a ticket that would open no room anyway.
func (s *Store) Failures(ctx context.Context, key EventKey, limit int) ([]Failure, error) {
	failures, err := list(ctx, s.db, readFailure, failuresQuery, key, limit)
	if err != nil {
		return nil, fmt.Errorf("list failures of %s: %w", key, err)
	}
	return failures, nil
}

// Unreported returns the failures of all events that nobody has been told about, the newest first.
func (s *Store) Unreported(ctx context.Context) ([]Failure, error) {
	failures, err := list(ctx, s.db, readFailure, unreportedQuery)
	if err != nil {
		return nil, fmt.Errorf("list unreported failures: %w", err)
	}
	return failures, nil
}

// MarkReported records that these failures have been told. One that has become another meanwhile stays unreported. Event by event,
// alone with each: on Postgres, two who change several of its rows could otherwise each wait for the other.
func (s *Store) MarkReported(ctx context.Context, failures []Failure) error {
	byEvent := make(map[EventKey][]Failure)
	for _, f := range failures {
		byEvent[f.Event] = append(byEvent[f.Event], f)
	}
	for key, those := range byEvent {
		err := s.aloneWith(ctx, key, func(ctx context.Context) error { return s.markReported(ctx, those) })
		if err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("mark failures of %s as reported: %w", key, err)
		}
	}
	return nil
}

func (s *Store) markReported(ctx context.Context, failures []Failure) (err error) {
	for _, f := range failures {
		if f.Problem != "" {
			_, err = s.change(ctx, reportTicketQuery, f.Event, f.Position, f.Problem)
		} else {
			_, err = s.change(ctx, reportInviteQuery, f.Event, f.Position, f.State, f.Reason)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func readFailure(row dbutil.Scannable) (f Failure, err error) {
	err = row.Scan(&f.Event, &f.Code, &f.Position, &f.Item, &f.Variation, &f.Subevent, &f.Problem, &f.State, &f.Reason, &f.Room,
		&f.Rooms, into(&f.WaitUntil), into(&f.FoundAt))
	return f, err
}
