package database

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/id"
)

const (
	awaitingQuery        = linkColumns + `WHERE link.successor = $1 AND link.follow_until > $2` + linkOrder
	suspendReplacedQuery = `
		UPDATE pretix_link
		SET state = 'suspended', reason = 'replaced', since = $4, successor = $3, follow_until = $5, follow_told = '', untold = false
		WHERE event = $1 AND room_id = $2 AND NOT (reason = 'replaced' AND successor = CAST($3 AS TEXT))`
	tellFollowQuery = `UPDATE pretix_link SET follow_told = $4 WHERE event = $1 AND room_id = $2 AND successor = $3`
	endFollowQuery  = `UPDATE pretix_link SET successor = '', follow_until = 0 WHERE event = $1 AND room_id = $2 AND successor = $3`
)

// followTime is how long a link may follow its room to the one that replaces it.
const followTime = 7 * 24 * time.Hour

// SuspendReplaced suspends the link of a room that has a tombstone, with the room that it names, to be followed for seven days,
// or "" where it names none. It reports whether that is news: it is not where the link is suspended for that already.
func (s *Store) SuspendReplaced(ctx context.Context, key EventKey, room, successor id.RoomID) (bool, error) {
	now, until := s.now(), time.Time{}
	if successor != "" {
		until = now.Add(followTime)
	}
	defer s.changes.Add(1)
	rows, err := s.change(ctx, suspendReplacedQuery, key, room, successor, at(now), at(until))
	if err != nil {
		return false, fmt.Errorf("suspend the link of %s to %s, which was replaced: %w", key, room, err)
	}
	return rows > 0, nil
}

// AwaitingSuccessor returns the links that may still follow their room to this one.
func (s *Store) AwaitingSuccessor(ctx context.Context, successor id.RoomID) ([]Link, error) {
	links, err := s.links(ctx, awaitingQuery, successor, at(s.now()))
	if err != nil {
		return nil, fmt.Errorf("list the links that follow to %s: %w", successor, err)
	}
	return links, nil
}

// SetFollowTold records what was said about following the link's successor. Another one, named meanwhile, is another matter.
func (s *Store) SetFollowTold(ctx context.Context, l Link, told string) error {
	if _, err := s.change(ctx, tellFollowQuery, l.Event, l.Room, l.Successor, told); err != nil {
		return fmt.Errorf("note what was said about the successor of %s: %w", l.Room, err)
	}
	return nil
}

// EndFollow gives the link's successor up, unless another one was named meanwhile. The link stays suspended.
func (s *Store) EndFollow(ctx context.Context, l Link) error {
	if _, err := s.change(ctx, endFollowQuery, l.Event, l.Room, l.Successor); err != nil {
		return fmt.Errorf("give up the successor of %s: %w", l.Room, err)
	}
	return nil
}
