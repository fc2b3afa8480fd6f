package database

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"
)

const (
	eventColumns = `
		SELECT event, name, public_url, has_subevents, ghost_id, bot, question_id, question_identifier, default_server,
			swept_from, scanned_at, test_told, created_at
		FROM pretix_event `
	getEventQuery     = eventColumns + `WHERE event = $1`
	eventByBotQuery   = eventColumns + `WHERE bot = $1`
	listEventsQuery   = eventColumns + `ORDER BY event`
	eventsOfQuery     = eventColumns + `WHERE organizer = $1 ORDER BY event`
	linkedEventsQuery = eventColumns + `WHERE event IN (SELECT event FROM pretix_link) ORDER BY event`
	putEventQuery     = `
		INSERT INTO pretix_event (event, organizer, name, public_url, has_subevents, ghost_id, bot, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (event) DO UPDATE
		SET name = excluded.name, public_url = excluded.public_url, has_subevents = excluded.has_subevents`
	// What answers mean changes with these two, so that all orders have to be read again.
	setQuestionQuery = `
		UPDATE pretix_event SET question_id = $2, question_identifier = $3,
			scanned_at = CASE WHEN question_id = $2 THEN scanned_at ELSE 0 END
		WHERE event = $1`
	setDefaultServerQuery = `
		UPDATE pretix_event SET default_server = $2, scanned_at = CASE WHEN default_server = $2 THEN scanned_at ELSE 0 END
		WHERE event = $1`
	advanceSweepQuery = `UPDATE pretix_event SET swept_from = $2 WHERE event = $1 AND swept_from < $2`
	// A watermark that went back is one of links that came to an end meanwhile.
	markScannedQuery = `
		UPDATE pretix_event SET scanned_at = $2
		WHERE event = $1 AND question_id = $3 AND default_server = $4 AND swept_from >= $5`
	markTestToldQuery = `UPDATE pretix_event SET test_told = true WHERE event = $1`
	forgetEventQuery  = `
		DELETE FROM pretix_event WHERE event = $1
			AND NOT EXISTS (SELECT 1 FROM pretix_link WHERE event = $1)
			AND NOT EXISTS (SELECT 1 FROM pretix_control WHERE event = $1)`
	organizerLinkedQuery = `
		SELECT EXISTS (
			SELECT 1 FROM pretix_link link JOIN pretix_event event ON event.event = link.event WHERE event.organizer = $1
		)`
)

// Event is a Pretix event that has, or had, a room of ours.
type Event struct {
	Key          EventKey
	Name         string
	PublicURL    string
	HasSubevents bool
	// GhostID and Bot are the event's bot, chosen once: names are for ever.
	GhostID networkid.UserID
	Bot     id.UserID
	// QuestionID and QuestionIdentifier are the question that asks for the Matrix ID; 0 and "" until it is found or chosen.
	QuestionID         int64
	QuestionIdentifier string
	// DefaultServer completes a bare name to a Matrix ID; "" does not.
	DefaultServer string
	// SweptFrom is the watermark, by Pretix's clock: what changed before it is known.
	SweptFrom time.Time
	// ScannedAt is when the orders were last read as a whole; zero when that is still to be done.
	ScannedAt time.Time
	// TestTold says that the organizer has once been told about test orders.
	TestTold  bool
	CreatedAt time.Time
}

// Event returns one event, or [ErrNotFound].
func (s *Store) Event(ctx context.Context, key EventKey) (Event, error) {
	e, err := readEvent(s.db.QueryRow(ctx, getEventQuery, key))
	if err != nil {
		return Event{}, fmt.Errorf("get event %s: %w", key, one(err))
	}
	return e, nil
}

// EventByBot returns the event whose face this user is, or [ErrNotFound]. This table says so, never the name's form.
func (s *Store) EventByBot(ctx context.Context, bot id.UserID) (Event, error) {
	e, err := readEvent(s.db.QueryRow(ctx, eventByBotQuery, bot))
	if err != nil {
		return Event{}, fmt.Errorf("get the event of a bot: %w", one(err))
	}
	return e, nil
}

// Events returns every event.
func (s *Store) Events(ctx context.Context) ([]Event, error) {
	return s.events(ctx, listEventsQuery)
}

// EventsOf returns the organizer's events.
func (s *Store) EventsOf(ctx context.Context, key OrganizerKey) ([]Event, error) {
	return s.events(ctx, eventsOfQuery, key)
}

// LinkedEvents returns the events that have a room link in any state: those whose orders must be followed.
func (s *Store) LinkedEvents(ctx context.Context) ([]Event, error) {
	return s.events(ctx, linkedEventsQuery)
}

func (s *Store) events(ctx context.Context, query string, args ...any) ([]Event, error) {
	events, err := list(ctx, s.db, readEvent, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return events, nil
}

// PutEvent adds the event, whose organizer must exist. Of one that is there it takes only what Pretix may change: name,
// public URL and whether it is a series.
func (s *Store) PutEvent(ctx context.Context, e Event) error {
	created := e.CreatedAt
	if created.IsZero() {
		created = s.now()
	}
	_, err := s.change(ctx, putEventQuery, e.Key, e.Key.OrganizerKey(), e.Name, e.PublicURL, e.HasSubevents, e.GhostID, e.Bot,
		at(created))
	if err != nil {
		return fmt.Errorf("put event %s: %w", e.Key, err)
	}
	return nil
}

// SetQuestion records which question asks for the Matrix ID. If it is another one, all orders are to be read again.
func (s *Store) SetQuestion(ctx context.Context, key EventKey, question int64, identifier string) error {
	return s.changeEvent(ctx, key, "set the question of", setQuestionQuery, question, identifier)
}

// SetDefaultServer records how a bare name becomes a Matrix ID; "" takes that back. If it is
// another one, all orders are to be read again.
func (s *Store) SetDefaultServer(ctx context.Context, key EventKey, server string) error {
	return s.changeEvent(ctx, key, "set the default server of", setDefaultServerQuery, server)
}

// AdvanceSweep moves the watermark on, never back: two sweeps that overlap leave the later one's. An event that is gone
// has no watermark, which is no error.
func (s *Store) AdvanceSweep(ctx context.Context, key EventKey, upTo time.Time) error {
	if _, err := s.change(ctx, advanceSweepQuery, key, at(upTo)); err != nil {
		return fmt.Errorf("advance the sweep of %s: %w", key, err)
	}
	return nil
}

// MarkScanned records that all orders have been read as a whole, with the question, the server and the watermark that the event as given
// has. If one of them has been set anew since, what was read is worth nothing: it reports false and changes nothing.
func (s *Store) MarkScanned(ctx context.Context, read Event, when time.Time) (done bool, err error) {
	rows, err := s.change(ctx, markScannedQuery, read.Key, at(when), read.QuestionID, read.DefaultServer, at(read.SweptFrom))
	if err != nil {
		return false, fmt.Errorf("mark as scanned %s: %w", read.Key, err)
	}
	return rows > 0, nil
}

// MarkTestTold records that the organizer has been told about test orders.
func (s *Store) MarkTestTold(ctx context.Context, key EventKey) error {
	return s.changeEvent(ctx, key, "note the word about test orders of", markTestToldQuery)
}

// ForgetEvent forgets an event that has neither a link nor a control room, and reports whether it did. One that gets a room at
// the same moment keeps it.
func (s *Store) ForgetEvent(ctx context.Context, key EventKey) (forgotten bool, err error) {
	err = s.withEvent(ctx, key, func(ctx context.Context) error {
		rows, err := s.change(ctx, forgetEventQuery, key)
		forgotten = rows > 0
		return err
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, fmt.Errorf("forget event %s: %w", key, err)
	}
	return forgotten, nil
}

// OrganizerLinked reports whether any room is linked to an event of the organizer.
func (s *Store) OrganizerLinked(ctx context.Context, key OrganizerKey) (linked bool, err error) {
	if err := s.db.QueryRow(ctx, organizerLinkedQuery, key).Scan(&linked); err != nil {
		return false, fmt.Errorf("look for rooms of %s: %w", key, err)
	}
	return linked, nil
}

func (s *Store) changeEvent(ctx context.Context, key EventKey, doing, query string, args ...any) error {
	if err := s.changeOne(ctx, query, append([]any{key}, args...)...); err != nil {
		return fmt.Errorf("%s %s: %w", doing, key, err)
	}
	return nil
}

func readEvent(row dbutil.Scannable) (e Event, err error) {
	err = row.Scan(&e.Key, &e.Name, &e.PublicURL, &e.HasSubevents, &e.GhostID, &e.Bot, &e.QuestionID, &e.QuestionIdentifier,
		&e.DefaultServer, into(&e.SweptFrom), into(&e.ScannedAt), &e.TestTold, into(&e.CreatedAt))
	return e, err
}
