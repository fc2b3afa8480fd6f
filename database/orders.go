package database

import (
	"context"
	"errors"
	"fmt"
)

const (
	entitleQuery = `
		INSERT INTO pretix_invite (event, room_id, attendee, state, code, position, changed_at)
		SELECT event, room_id, attendee, CAST($3 AS TEXT), code, position, CAST($4 AS BIGINT) FROM pretix_opens
		WHERE event = $1 AND code = $2 AND attendee <> '' ORDER BY position
		ON CONFLICT (event, room_id, attendee) DO NOTHING`
	// A ticket that was not there before asks for its holder, also where an older one was merely held.
	promoteQuery = `
		UPDATE pretix_invite SET state = 'due', code = $2, position = $3, changed_at = $5
		WHERE event = $1 AND attendee = $4 AND state = 'held' AND room_id IN (
			SELECT room_id FROM pretix_opens WHERE event = $1 AND position = $3
		)`
	anyQueuedQuery = `
		SELECT EXISTS (
			SELECT 1 FROM pretix_invite WHERE event = $1 AND code = $2 AND state IN ('due', 'waiting')
		)`
)

// OrderRecord is an order as it was read: the tickets that count, none when it does not.
type OrderRecord struct {
	Event   EventKey
	Code    string
	Tickets []Ticket
	// Generation is that of the due row by which the order was read: if the row has another by now, the reading is outdated.
	// 0 takes the reading as it is, for whoever knows that no newer one can have been recorded.
	Generation int64
	// Held says that the tickets were sold before their rooms were linked: nobody is to be asked by that alone.
	Held bool
	// Reported says that problems found are told by whoever reads (a new link's answer counts them), and need no notice.
	Reported bool
}

// Recorded is what became of an order.
type Recorded struct {
	// Changed says that the tickets differ from those recorded before.
	Changed bool
	// Generation is what the due row has now, where one was given: it settles the look.
	Generation int64
	// Invites are those of everybody whom a ticket of the order names, as they stand now, in every room of the event. What
	// is to be sent is in them, not in memory.
	Invites []Invite
}

// RecordOrder makes the order's tickets those given, and the invites what the tickets now entitle to: whoever has no row for
// a room that a ticket opens gets one, due or held; a held one becomes due by a ticket that is new; and an unsent one that no
// ticket of the event speaks for any more goes. Invites that were sent, answered or have failed are left as they are. If
// there is something to send, the order is due afterwards. All in one transaction, so after a crash at any moment the order
// can simply be recorded again. [ErrNotFound] when we have no such event. [ErrOutdated] when the due row is no longer what it
// was: another reading has been recorded since, or the order has changed, so that this one may be the older.
func (s *Store) RecordOrder(ctx context.Context, record OrderRecord) (Recorded, error) {
	var recorded Recorded
	err := s.aloneWith(ctx, record.Event, func(ctx context.Context) (err error) {
		if recorded.Generation, err = s.takeReading(ctx, record); err != nil {
			return err
		}
		before, err := s.Fingerprint(ctx, record.Event, record.Code)
		if err != nil {
			return err
		}
		if before != Fingerprint(record.Tickets) {
			recorded.Changed = true
			if err := s.replaceTickets(ctx, record); err != nil {
				return err
			}
		}
		recorded.Invites, err = s.OrderInvites(ctx, record.Event, record.Code)
		return err
	})
	if err != nil || recorded.Changed {
		s.changes.Add(1)
	}
	if err != nil {
		return Recorded{}, fmt.Errorf("record order %s of %s: %w", record.Code, record.Event, err)
	}
	return recorded, nil
}

// RecordUnlessDue records an order for whoever reads all of them, and reports false for one that is due, now or later: whoever looks
// at that one knows better whom to ask, and does so now.
func (s *Store) RecordUnlessDue(ctx context.Context, record OrderRecord) (recorded bool, err error) {
	err = s.withEvent(ctx, record.Event, func(ctx context.Context) error {
		due, err := s.change(ctx, advanceDueQuery, record.Event, record.Code, at(s.now()))
		if err != nil || due > 0 {
			return err
		}
		recorded = true
		_, err = s.RecordOrder(ctx, record)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("record order %s of %s unless it is due: %w", record.Code, record.Event, err)
	}
	return recorded, nil
}

// takeReading makes sure that a reading is recorded once and no older one after it: it raises the row's generation.
func (s *Store) takeReading(ctx context.Context, record OrderRecord) (int64, error) {
	if record.Generation == 0 {
		return 0, nil
	}
	err := s.changeOne(ctx, takeReadingQuery, record.Event, record.Code, record.Generation)
	if errors.Is(err, ErrNotFound) {
		return 0, ErrOutdated
	}
	return record.Generation + 1, err
}

func (s *Store) replaceTickets(ctx context.Context, record OrderRecord) error {
	changed, err := s.putTickets(ctx, record)
	if err != nil {
		return err
	}
	key, code, now := record.Event, record.Code, at(s.now())
	state, recording := InviteDue, code
	if record.Held {
		state, recording = InviteHeld, "" // by a scan, while another may have the order in hand
	}
	if _, err := s.change(ctx, entitleQuery, key, code, state, now); err != nil {
		return err
	}
	if !record.Held {
		for _, t := range changed.fresh {
			if _, err := s.change(ctx, promoteQuery, key, code, t.Position, t.Attendee, now); err != nil {
				return err
			}
		}
	}
	for _, order := range append(changed.losers, code) {
		if err := s.repoint(ctx, repointOrderQuery, key, order, recording); err != nil {
			return err
		}
		if _, err := s.change(ctx, dropOrderQuery, key, order); err != nil {
			return err
		}
	}
	var queued bool
	if err := s.db.QueryRow(ctx, anyQueuedQuery, key, code).Scan(&queued); err != nil || !queued {
		return err
	}
	return s.ensureDue(ctx, key, code)
}
