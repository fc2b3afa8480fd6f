package database

import (
	"context"
	"fmt"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

const (
	putUnfinishedQuery = `
		INSERT INTO pretix_unfinished (message_id, room_id) VALUES ($1, $2) ON CONFLICT (message_id) DO NOTHING`
	unfinishedQuery    = `SELECT message_id, room_id FROM pretix_unfinished ORDER BY room_id, message_id`
	endUnfinishedQuery = `DELETE FROM pretix_unfinished WHERE message_id = $1`
)

// Unfinished is a message of ours that says how something goes on, and will be edited until that has ended.
type Unfinished struct {
	Message id.EventID
	Room    id.RoomID
}

// PutUnfinished writes down that a message is to be edited, so that after a restart somebody knows of it.
func (s *Store) PutUnfinished(ctx context.Context, u Unfinished) error {
	if _, err := s.change(ctx, putUnfinishedQuery, u.Message, u.Room); err != nil {
		return fmt.Errorf("note an unfinished message in %s: %w", u.Room, err)
	}
	return nil
}

// Unfinished returns the messages that were not edited to their end, by room.
func (s *Store) Unfinished(ctx context.Context) ([]Unfinished, error) {
	unfinished, err := list(ctx, s.db, readUnfinished, unfinishedQuery)
	if err != nil {
		return nil, fmt.Errorf("list unfinished messages: %w", err)
	}
	return unfinished, nil
}

// EndUnfinished says that a message has got its last edit.
func (s *Store) EndUnfinished(ctx context.Context, message id.EventID) error {
	if _, err := s.change(ctx, endUnfinishedQuery, message); err != nil {
		return fmt.Errorf("end an unfinished message: %w", err)
	}
	return nil
}

func readUnfinished(row dbutil.Scannable) (u Unfinished, err error) {
	err = row.Scan(&u.Message, &u.Room)
	return u, err
}
