package database

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"
)

const (
	getDirectQuery = `SELECT room_id FROM pretix_direct WHERE user_id = $1 ORDER BY since DESC LIMIT 1`
	setDirectQuery = `
		INSERT INTO pretix_direct (user_id, room_id, since) VALUES ($1, $2, $3)
		ON CONFLICT (room_id) DO UPDATE SET user_id = excluded.user_id, since = excluded.since`
	isDirectQuery     = `SELECT EXISTS (SELECT 1 FROM pretix_direct WHERE room_id = $1)`
	forgetDirectQuery = `DELETE FROM pretix_direct WHERE room_id = $1`
)

// Direct returns the room in which the bridge bot last began to talk with somebody who commands, or [ErrNotFound].
func (s *Store) Direct(ctx context.Context, user id.UserID) (id.RoomID, error) {
	var room id.RoomID
	if err := s.db.QueryRow(ctx, getDirectQuery, user).Scan(&room); err != nil {
		return "", fmt.Errorf("get somebody's direct room: %w", one(err))
	}
	return room, nil
}

// IsDirect reports whether the bridge bot talks with somebody in that room.
func (s *Store) IsDirect(ctx context.Context, room id.RoomID) (direct bool, err error) {
	if err = s.db.QueryRow(ctx, isDirectQuery, room).Scan(&direct); err != nil {
		return false, fmt.Errorf("look whether a room is a direct one: %w", err)
	}
	return direct, nil
}

// SetDirect records such a room, to be used from now on. A former one stays known as what it is.
func (s *Store) SetDirect(ctx context.Context, user id.UserID, room id.RoomID) error {
	if _, err := s.change(ctx, setDirectQuery, user, room, at(s.now())); err != nil {
		return fmt.Errorf("set somebody's direct room: %w", err)
	}
	return nil
}

// ForgetDirect forgets a room that has ceased to be one for two.
func (s *Store) ForgetDirect(ctx context.Context, room id.RoomID) error {
	if _, err := s.change(ctx, forgetDirectQuery, room); err != nil {
		return fmt.Errorf("forget a direct room: %w", err)
	}
	return nil
}
