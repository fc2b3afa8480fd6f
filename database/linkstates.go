package database

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"
)

const (
	setLinkStateQuery = `
		UPDATE pretix_link SET state = $3, reason = $4, since = $5, untold = false
		WHERE event = $1 AND room_id = $2`
	switchLinkQuery = `
		UPDATE pretix_link SET state = $3, reason = $4, since = $5, untold = $8
		WHERE event = $1 AND room_id = $2 AND state = $6 AND reason = $7`
	untoldQuery   = linkColumns + `WHERE link.untold` + linkOrder
	markToldQuery = `
		UPDATE pretix_link SET untold = false WHERE event = $1 AND room_id = $2 AND state = $3 AND reason = $4`
)

// SetLinkState records a change of the link's state. When it becomes active, the orders of the invites that were left lying
// come due.
func (s *Store) SetLinkState(ctx context.Context, key EventKey, room id.RoomID, state LinkState, reason LinkReason) error {
	err := s.withEvent(ctx, key, func(ctx context.Context) error {
		err := s.changeOne(ctx, setLinkStateQuery, key, room, state, reason, at(s.now()))
		if err != nil || state != LinkActive {
			return err
		}
		return s.makeQueuedDue(ctx, key, room)
	})
	if err != nil {
		return fmt.Errorf("set the link of %s to %s %s: %w", key, room, state, err)
	}
	return nil
}

// SwitchLink brings the link into another state, unless it is no longer in the one that was read, and reports whether it did:
// of several who notice the same, one switches it and tells of it. When it becomes active, its orders come due as with
// [Store.SetLinkState].
func (s *Store) SwitchLink(ctx context.Context, was Link, state LinkState, reason LinkReason) (changed bool, err error) {
	return s.switchLink(ctx, was, state, reason, false)
}

// SwitchUntold is [Store.SwitchLink] for a change that is told later: the link is among [Store.UntoldLinks] until it was.
func (s *Store) SwitchUntold(ctx context.Context, was Link, state LinkState, reason LinkReason) (changed bool, err error) {
	return s.switchLink(ctx, was, state, reason, true)
}

func (s *Store) switchLink(ctx context.Context, was Link, state LinkState, reason LinkReason, untold bool) (changed bool, err error) {
	err = s.withEvent(ctx, was.Event, func(ctx context.Context) error {
		rows, err := s.change(ctx, switchLinkQuery, was.Event, was.Room, state, reason, at(s.now()), was.State, was.Reason, untold)
		if changed = rows > 0; err != nil || !changed || state != LinkActive {
			return err
		}
		return s.makeQueuedDue(ctx, was.Event, was.Room)
	})
	if err != nil {
		return false, fmt.Errorf("switch the link of %s to %s %s: %w", was.Event, was.Room, state, err)
	}
	return changed, nil
}

// UntoldLinks returns the links of whose state nobody has been told yet, the oldest first.
func (s *Store) UntoldLinks(ctx context.Context) ([]Link, error) {
	links, err := s.links(ctx, untoldQuery)
	if err != nil {
		return nil, fmt.Errorf("list the links to be told of: %w", err)
	}
	return links, nil
}

// MarkLinkTold records that the link's state was told. One that has changed meanwhile is still to be told.
func (s *Store) MarkLinkTold(ctx context.Context, l Link) error {
	if _, err := s.change(ctx, markToldQuery, l.Event, l.Room, l.State, l.Reason); err != nil {
		return fmt.Errorf("mark the link of %s to %s as told: %w", l.Event, l.Room, err)
	}
	return nil
}
