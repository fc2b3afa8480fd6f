package database

import (
	"context"
	"fmt"
	"time"

	"maunium.net/go/mautrix/id"
)

const (
	// Links come with their rules, one row per rule and one row of zeros for a link without.
	linkColumns = `
		SELECT link.event, link.room_id, link.linked_by, link.linked_at, link.state, link.reason, link.since, link.successor,
			link.follow_until, link.follow_told, COALESCE(rule.item, 0), COALESCE(rule.variation, 0), COALESCE(rule.subevent, 0)
		FROM pretix_link link
		LEFT JOIN pretix_rule rule ON rule.event = link.event AND rule.room_id = link.room_id `
	linkOrder    = ` ORDER BY link.linked_at, link.event, link.room_id, rule.item, rule.variation, rule.subevent`
	getLinkQuery = linkColumns + `WHERE link.event = $1 AND link.room_id = $2` + linkOrder
	linksOfQuery = linkColumns + `WHERE link.event = $1` + linkOrder
	linksInQuery = linkColumns + `WHERE link.room_id = $1` + linkOrder
	putLinkQuery = `
		INSERT INTO pretix_link (event, room_id, linked_by, linked_at, state, reason, since, successor, follow_until, follow_told)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (event, room_id) DO UPDATE
		SET linked_by = excluded.linked_by, state = excluded.state, reason = excluded.reason, since = excluded.since,
			untold = false, successor = excluded.successor, follow_until = excluded.follow_until, follow_told = excluded.follow_told`
	deleteLinkQuery  = `DELETE FROM pretix_link WHERE event = $1 AND room_id = $2`
	countQueuedQuery = `
		SELECT COUNT(*) FROM pretix_invite WHERE event = $1 AND room_id = $2 AND state IN ('due', 'waiting')`
)

// What an event that opens no room any more needs to forget: nothing follows its orders from then on, so that what is known
// of them grows stale. The next link reads them anew.
const (
	anyLinkQuery       = `SELECT EXISTS (SELECT 1 FROM pretix_link WHERE event = $1)`
	forgetOrdersQuery  = `DELETE FROM pretix_order WHERE event = $1`
	forgetDueQuery     = `DELETE FROM pretix_due WHERE event = $1`
	forgetScannedQuery = `UPDATE pretix_event SET scanned_at = 0, swept_from = 0 WHERE event = $1`
	beginScanQuery     = forgetScannedQuery + ` AND NOT EXISTS (SELECT 1 FROM pretix_link WHERE event = $1)`
)

// Link is a room tied to an event.
type Link struct {
	Event EventKey
	Room  id.RoomID
	// LinkedBy is the organizer who tied them.
	LinkedBy id.UserID
	LinkedAt time.Time
	State    LinkState
	Reason   LinkReason
	// Since is when the link came into its state.
	Since time.Time
	// Successor is the room that a tombstone names, to be followed until FollowUntil if the bot is invited there. FollowTold is
	// what was last said about that, in the words of whoever said it, so that nothing is said twice.
	Successor   id.RoomID
	FollowUntil time.Time
	FollowTold  string
	// Rules say which tickets open the room; none means every ticket.
	Rules []Rule
}

// Link returns one link with its rules, or [ErrNotFound].
func (s *Store) Link(ctx context.Context, key EventKey, room id.RoomID) (Link, error) {
	links, err := s.links(ctx, getLinkQuery, key, room)
	if err == nil && len(links) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Link{}, fmt.Errorf("get the link of %s to %s: %w", key, room, err)
	}
	return links[0], nil
}

// LinksOf returns the event's links, the oldest first.
func (s *Store) LinksOf(ctx context.Context, key EventKey) ([]Link, error) {
	links, err := s.links(ctx, linksOfQuery, key)
	if err != nil {
		return nil, fmt.Errorf("list the links of %s: %w", key, err)
	}
	return links, nil
}

// LinksIn returns the room's links, the oldest first.
func (s *Store) LinksIn(ctx context.Context, room id.RoomID) ([]Link, error) {
	links, err := s.links(ctx, linksInQuery, room)
	if err != nil {
		return nil, fmt.Errorf("list the links of room %s: %w", room, err)
	}
	return links, nil
}

// PutLink makes the link as given, rules included: a new one, or one that is there in place of what it was (but for when it
// was first made). The tickets already known that open the room get held invites, and unsent invites of those that no longer
// do go. With its first link an event begins anew: its orders are to be read as a whole, and what was sold until then is old.
func (s *Store) PutLink(ctx context.Context, l Link) (Reconciled, error) {
	now := s.now()
	if l.LinkedAt.IsZero() {
		l.LinkedAt = now
	}
	if l.Since.IsZero() {
		l.Since = now
	}
	var done Reconciled
	err := s.withEvent(ctx, l.Event, func(ctx context.Context) (err error) {
		if _, err = s.change(ctx, beginScanQuery, l.Event); err != nil {
			return err
		}
		_, err = s.change(ctx, putLinkQuery, l.Event, l.Room, l.LinkedBy, at(l.LinkedAt), l.State, l.Reason, at(l.Since),
			l.Successor, at(l.FollowUntil), l.FollowTold)
		if err != nil {
			return err
		}
		for _, query := range []string{deleteRulesQuery, stayQuery} {
			if _, err = s.change(ctx, query, l.Event, l.Room); err != nil {
				return err
			}
		}
		for _, rule := range l.Rules {
			if _, err = s.change(ctx, addRuleQuery, l.Event, l.Room, rule.Item, rule.Variation, rule.Subevent); err != nil {
				return err
			}
		}
		if done, err = s.reconcile(ctx, l.Event, l.Room); err != nil || l.State != LinkActive {
			return err
		}
		return s.makeQueuedDue(ctx, l.Event, l.Room)
	})
	if err != nil {
		return Reconciled{}, fmt.Errorf("link %s to %s: %w", l.Room, l.Event, err)
	}
	return done, nil
}

// DeleteLink unties the room and forgets its invites, and returns how many of them were about to be sent. The event's bot has
// to leave the room then, from the given time on: see [Departure]. With its last link the event also forgets its orders, since
// nobody follows them any more; a later link reads them again.
func (s *Store) DeleteLink(ctx context.Context, key EventKey, room id.RoomID, leaveAt time.Time) (queued int, err error) {
	err = s.withEvent(ctx, key, func(ctx context.Context) error {
		if err := s.db.QueryRow(ctx, countQueuedQuery, key, room).Scan(&queued); err != nil {
			return err
		}
		if _, err := s.change(ctx, departQuery, key, room, at(leaveAt)); err != nil {
			return err
		}
		if err := s.changeOne(ctx, deleteLinkQuery, key, room); err != nil {
			return err
		}
		var linked bool
		if err := s.db.QueryRow(ctx, anyLinkQuery, key).Scan(&linked); err != nil || linked {
			return err
		}
		for _, query := range []string{forgetOrdersQuery, forgetDueQuery, forgetScannedQuery} {
			if _, err := s.change(ctx, query, key); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("unlink %s from %s: %w", room, key, err)
	}
	return queued, nil
}

// links reads links and gathers each one's rules, which stand in neighbouring rows.
func (s *Store) links(ctx context.Context, query string, args ...any) ([]Link, error) {
	rows, err := s.db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var links []Link
	for rows.Next() {
		var l Link
		var rule Rule
		err := rows.Scan(&l.Event, &l.Room, &l.LinkedBy, into(&l.LinkedAt), &l.State, &l.Reason, into(&l.Since), &l.Successor,
			into(&l.FollowUntil), &l.FollowTold, &rule.Item, &rule.Variation, &rule.Subevent)
		if err != nil {
			return nil, err
		}
		if n := len(links); n == 0 || links[n-1].Event != l.Event || links[n-1].Room != l.Room {
			links = append(links, l)
		}
		if rule != (Rule{}) {
			last := &links[len(links)-1]
			last.Rules = append(last.Rules, rule)
		}
	}
	return links, rows.Err()
}
