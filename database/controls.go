package database

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

const (
	controlColumns  = `SELECT event, room_id, added_by, added_at FROM pretix_control `
	controlsOfQuery = controlColumns + `WHERE event = $1 ORDER BY added_at, room_id`
	controlsInQuery = controlColumns + `WHERE room_id = $1 ORDER BY added_at, event`
	putControlQuery = `
		INSERT INTO pretix_control (event, room_id, added_by, added_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (event, room_id) DO NOTHING`
	deleteControlQuery = `DELETE FROM pretix_control WHERE event = $1 AND room_id = $2`
	moveControlsQuery  = `
		INSERT INTO pretix_control (event, room_id, added_by, added_at)
		SELECT event, CAST($2 AS TEXT), added_by, added_at FROM pretix_control WHERE room_id = $1
		ON CONFLICT (event, room_id) DO NOTHING`
	leaveControlsQuery = `DELETE FROM pretix_control WHERE room_id = $1`
)

// Control is a room from which an event is commanded and which hears about its failures.
type Control struct {
	Event EventKey
	Room  id.RoomID
	// AddedBy is the organizer who made it one.
	AddedBy id.UserID
	AddedAt time.Time
}

// ControlsOf returns the event's control rooms, the oldest first.
func (s *Store) ControlsOf(ctx context.Context, key EventKey) ([]Control, error) {
	controls, err := list(ctx, s.db, readControl, controlsOfQuery, key)
	if err != nil {
		return nil, fmt.Errorf("list the control rooms of %s: %w", key, err)
	}
	return controls, nil
}

// ControlsIn returns the events that the room controls, the oldest first.
func (s *Store) ControlsIn(ctx context.Context, room id.RoomID) ([]Control, error) {
	controls, err := list(ctx, s.db, readControl, controlsInQuery, room)
	if err != nil {
		return nil, fmt.Errorf("list what %s controls: %w", room, err)
	}
	return controls, nil
}

// EventsIn lists the events that a room has to do with, by link or as control room.
func (s *Store) EventsIn(ctx context.Context, room id.RoomID) ([]EventKey, error) {
	links, err := s.LinksIn(ctx, room)
	if err != nil {
		return nil, err
	}
	controls, err := s.ControlsIn(ctx, room)
	if err != nil {
		return nil, err
	}
	var keys []EventKey
	for _, link := range links {
		keys = append(keys, link.Event)
	}
	for _, control := range controls {
		keys = append(keys, control.Event)
	}
	slices.SortFunc(keys, func(a, b EventKey) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(keys), nil
}

// PutControl makes the room a control room, and reports whether it is a new one; one that is it already stays as it was.
func (s *Store) PutControl(ctx context.Context, c Control) (added bool, err error) {
	if c.AddedAt.IsZero() {
		c.AddedAt = s.now()
	}
	err = s.withEvent(ctx, c.Event, func(ctx context.Context) error {
		rows, err := s.change(ctx, putControlQuery, c.Event, c.Room, c.AddedBy, at(c.AddedAt))
		added = rows > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("make %s a control room of %s: %w", c.Room, c.Event, err)
	}
	return added, nil
}

// DeleteControl takes the room its part; [ErrNotFound] when it had none.
func (s *Store) DeleteControl(ctx context.Context, key EventKey, room id.RoomID) error {
	if err := s.changeOne(ctx, deleteControlQuery, key, room); err != nil {
		return fmt.Errorf("delete control room %s of %s: %w", room, key, err)
	}
	return nil
}

// MoveControls lets the successor of a replaced room control what that one did.
func (s *Store) MoveControls(ctx context.Context, from, to id.RoomID) error {
	return s.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		if _, err := s.change(ctx, moveControlsQuery, from, to); err != nil {
			return fmt.Errorf("move control rooms from %s: %w", from, err)
		}
		if _, err := s.change(ctx, leaveControlsQuery, from); err != nil {
			return fmt.Errorf("move control rooms from %s: %w", from, err)
		}
		return nil
	})
}

func readControl(row dbutil.Scannable) (c Control, err error) {
	err = row.Scan(&c.Event, &c.Room, &c.AddedBy, into(&c.AddedAt))
	return c, err
}
