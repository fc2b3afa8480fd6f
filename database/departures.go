package database

import (
	"context"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

const (
	departQuery = `
		INSERT INTO pretix_departure (bot, room_id, leave_at)
		SELECT bot, CAST($2 AS TEXT), CAST($3 AS BIGINT) FROM pretix_event WHERE event = $1
		ON CONFLICT (bot, room_id) DO UPDATE SET leave_at = excluded.leave_at`
	stayQuery = `
		DELETE FROM pretix_departure WHERE room_id = $2 AND bot = (SELECT bot FROM pretix_event WHERE event = $1)`
	departuresQuery   = `SELECT bot, room_id, leave_at FROM pretix_departure WHERE leave_at <= $1 ORDER BY leave_at, bot, room_id`
	putOffQuery       = `UPDATE pretix_departure SET leave_at = $3 WHERE bot = $1 AND room_id = $2`
	endDepartureQuery = `DELETE FROM pretix_departure WHERE bot = $1 AND room_id = $2`
)

// Departure is a room that an event's bot has to leave, and the bridge bot with it where nothing else ties it there. It is
// written down with what untied the room, so that neither a crash nor a homeserver that is away leaves a bot where people no
// longer want it. Linking the room anew ends it.
type Departure struct {
	Bot  id.UserID
	Room id.RoomID
	At   time.Time
}

// Departures returns those whose time has come, the oldest first.
func (s *Store) Departures(ctx context.Context) ([]Departure, error) {
	departures, err := list(ctx, s.db, readDeparture, departuresQuery, at(s.now()))
	if err != nil {
		return nil, fmt.Errorf("list the rooms to leave: %w", err)
	}
	return departures, nil
}

// PutOffDeparture lets a departure have another time; one that is over stays so.
func (s *Store) PutOffDeparture(ctx context.Context, bot id.UserID, room id.RoomID, until time.Time) error {
	if _, err := s.change(ctx, putOffQuery, bot, room, at(until)); err != nil {
		return fmt.Errorf("put off leaving %s: %w", room, err)
	}
	return nil
}

// EndDeparture says that the bot has left, or need not.
func (s *Store) EndDeparture(ctx context.Context, bot id.UserID, room id.RoomID) error {
	if _, err := s.change(ctx, endDepartureQuery, bot, room); err != nil {
		return fmt.Errorf("end leaving %s: %w", room, err)
	}
	return nil
}

func readDeparture(row dbutil.Scannable) (d Departure, err error) {
	err = row.Scan(&d.Bot, &d.Room, into(&d.At))
	return d, err
}
