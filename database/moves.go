package database

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"
)

const (
	copyLinkQuery = `
		INSERT INTO pretix_link (event, room_id, linked_by, linked_at, state, since)
		SELECT event, CAST($3 AS TEXT), linked_by, linked_at, 'active', CAST($4 AS BIGINT) FROM pretix_link
		WHERE event = $1 AND room_id = $2
		ON CONFLICT (event, room_id) DO NOTHING`
	copyRulesQuery = `
		INSERT INTO pretix_rule (event, room_id, item, variation, subevent)
		SELECT event, CAST($3 AS TEXT), item, variation, subevent FROM pretix_rule WHERE event = $1 AND room_id = $2`
	copyInvitesQuery = `
		INSERT INTO pretix_invite (event, room_id, attendee, state, reason, wait_until, attempts, again, code, position, reported,
			changed_at)
		SELECT event, CAST($3 AS TEXT), attendee, CASE WHEN state IN ('invited', 'joined') THEN 'held' ELSE state END, reason,
			wait_until, attempts, again, code, position, reported, CAST($4 AS BIGINT)
		FROM pretix_invite WHERE event = $1 AND room_id = $2
		ON CONFLICT (event, room_id, attendee) DO NOTHING`
)

// MoveLink lets the link follow its room to the successor, where it is active, with its rules. If the successor is linked
// already, that link's own rules stay. The invites come along: what was queued stays queued, and whoever had gone or failed
// stays so. Whoever was invited or in the room becomes held, because the successor does not know them yet and only an
// organizer says whether they are to be asked there too. The event's bot has to leave the old room: see [Departure].
func (s *Store) MoveLink(ctx context.Context, key EventKey, from, to id.RoomID) error {
	err := s.withEvent(ctx, key, func(ctx context.Context) error {
		now := at(s.now())
		isNew, err := s.change(ctx, copyLinkQuery, key, from, to, now)
		if err != nil {
			return err
		}
		if isNew > 0 {
			if _, err := s.change(ctx, copyRulesQuery, key, from, to); err != nil {
				return err
			}
		}
		if _, err := s.Link(ctx, key, from); err != nil {
			return err
		}
		if _, err := s.change(ctx, copyInvitesQuery, key, from, to, now); err != nil {
			return err
		}
		if err := s.changeOne(ctx, deleteLinkQuery, key, from); err != nil {
			return err
		}
		if _, err := s.change(ctx, departQuery, key, from, now); err != nil {
			return err
		}
		if _, err := s.change(ctx, stayQuery, key, to); err != nil {
			return err
		}
		if _, err := s.reconcile(ctx, key, to); err != nil {
			return err
		}
		return s.makeQueuedDue(ctx, key, to)
	})
	if err != nil {
		return fmt.Errorf("move the link of %s from %s: %w", key, from, err)
	}
	return nil
}
