package database

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"
)

const (
	getDirectQuery = `SELECT room_id FROM pretix_direct WHERE user_id = $1`
	setDirectQuery = `
		INSERT INTO pretix_direct (user_id, room_id) VALUES ($1, $2)
		ON CONFLICT (user_id) DO UPDATE SET room_id = excluded.room_id`
	forgetDirectQuery = `DELETE FROM pretix_direct WHERE room_id = $1`
)

// Direct returns the room in which the bridge bot talks with somebody who commands, or [ErrNotFound].
func (s *Store) Direct(ctx context.Context, user id.UserID) (id.RoomID, error) {
	var room id.RoomID
	if err := s.db.QueryRow(ctx, getDirectQuery, user).Scan(&room); err != nil {
		return "", fmt.Errorf("get somebody's direct room: %w", one(err))
	}
	return room, nil
}

// SetDirect records that room, in place of a former one.
func (s *Store) SetDirect(ctx context.Context, user id.UserID, room id.RoomID) error {
	if _, err := s.change(ctx, setDirectQuery, user, room); err != nil {
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
