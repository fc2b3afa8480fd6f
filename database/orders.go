package database

import (
	"context"
	"fmt"
	"slices"

	"go.mau.fi/util/dbutil"
)

const (
	putOrderQuery = `
		INSERT INTO pretix_order (event, code, fingerprint) VALUES ($1, $2, $3)
		ON CONFLICT (event, code) DO UPDATE SET fingerprint = excluded.fingerprint`
	deleteOrderQuery  = `DELETE FROM pretix_order WHERE event = $1 AND code = $2`
	positionsQuery    = `SELECT position FROM pretix_ticket WHERE event = $1 AND code = $2`
	ticketBeforeQuery = `SELECT code, attendee FROM pretix_ticket WHERE event = $1 AND position = $2`
	// Another order has lost a ticket to this one: what it was known by no longer holds.
	outdateOrderQuery = `UPDATE pretix_order SET fingerprint = 'outdated' WHERE event = $1 AND code = $2`
	deleteTicketQuery = `DELETE FROM pretix_ticket WHERE event = $1 AND position = $2`
	putTicketQuery    = `
		INSERT INTO pretix_ticket (event, position, code, item, variation, subevent, attendee, problem, reported, found_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (event, position) DO UPDATE
		SET code = excluded.code, item = excluded.item, variation = excluded.variation, subevent = excluded.subevent,
			attendee = excluded.attendee, problem = excluded.problem,
			reported = CASE
				WHEN pretix_ticket.attendee = excluded.attendee AND pretix_ticket.problem = excluded.problem
				THEN pretix_ticket.reported ELSE excluded.reported END,
			found_at = CASE
				WHEN pretix_ticket.attendee = excluded.attendee AND pretix_ticket.problem = excluded.problem
				THEN pretix_ticket.found_at ELSE excluded.found_at END`

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
	// Held says that the tickets were sold before their rooms were linked: nobody is to be asked by that alone.
	Held bool
	// Reported says that problems found are told by whoever reads (a new link's answer counts them), and need no notice.
	Reported bool
}

// Recorded is what became of an order.
type Recorded struct {
	// Changed says that the tickets differ from those recorded before.
	Changed bool
	// Invites are those of everybody whom a ticket of the order names, as they stand now, in every room of the event. What
	// is to be sent is in them, not in memory.
	Invites []Invite
}

// RecordOrder makes the order's tickets those given, and the invites what the tickets now entitle to: whoever has no row for
// a room that a ticket opens gets one, due or held; a held one becomes due by a ticket that is new; and an unsent one that no
// ticket of the event speaks for any more goes. Invites that were sent, answered or have failed are left as they are. If
// there is something to send, the order is due afterwards. All in one transaction, so after a crash at any moment the order
// can simply be recorded again. [ErrNotFound] when we have no such event.
func (s *Store) RecordOrder(ctx context.Context, record OrderRecord) (Recorded, error) {
	var recorded Recorded
	err := s.withEvent(ctx, record.Event, func(ctx context.Context) error {
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
	if err != nil {
		return Recorded{}, fmt.Errorf("record order %s of %s: %w", record.Code, record.Event, err)
	}
	return recorded, nil
}

// ForgetOrder records that the order no longer exists.
func (s *Store) ForgetOrder(ctx context.Context, key EventKey, code string) error {
	_, err := s.RecordOrder(ctx, OrderRecord{Event: key, Code: code})
	return err
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

// ticketChange is what putting an order's tickets came upon.
type ticketChange struct {
	// fresh tickets were not there before, or named somebody else.
	fresh []Ticket
	// losers are the orders that had one of the tickets until now.
	losers []string
}

// putTickets replaces the order's tickets. A ticket that another order had until now comes over: one of the two was split
// from the other, and whichever was read later is right. The loser is to be read again, so that both end up as they are.
func (s *Store) putTickets(ctx context.Context, record OrderRecord) (ticketChange, error) {
	var changed ticketChange
	key, code := record.Event, record.Code
	if len(record.Tickets) == 0 {
		_, err := s.change(ctx, deleteOrderQuery, key, code)
		return changed, err
	}
	if _, err := s.change(ctx, putOrderQuery, key, code, Fingerprint(record.Tickets)); err != nil {
		return changed, err
	}
	for _, t := range record.Tickets {
		if err := s.putTicket(ctx, record, t, &changed); err != nil {
			return changed, err
		}
	}
	for _, loser := range changed.losers {
		if _, err := s.change(ctx, outdateOrderQuery, key, loser); err != nil {
			return changed, err
		}
		if _, err := s.MakeDue(ctx, key, loser, false); err != nil {
			return changed, err
		}
	}
	return changed, s.deleteOtherTickets(ctx, record)
}

func (s *Store) putTicket(ctx context.Context, record OrderRecord, t Ticket, changed *ticketChange) error {
	before, err := list(ctx, s.db, readTicketBefore, ticketBeforeQuery, record.Event, t.Position)
	if err != nil {
		return err
	}
	if len(before) > 0 && before[0].code != record.Code && !slices.Contains(changed.losers, before[0].code) {
		changed.losers = append(changed.losers, before[0].code)
	}
	if t.Attendee != "" && (len(before) == 0 || before[0].attendee != t.Attendee) {
		changed.fresh = append(changed.fresh, t)
	}
	_, err = s.change(ctx, putTicketQuery, record.Event, t.Position, record.Code, t.Item, t.Variation, t.Subevent, t.Attendee,
		t.Problem, record.Reported, at(s.now()))
	return err
}

// deleteOtherTickets deletes the order's tickets that are not in the record.
func (s *Store) deleteOtherTickets(ctx context.Context, record OrderRecord) error {
	positions, err := list(ctx, s.db, dbutil.ScanSingleColumn[int64], positionsQuery, record.Event, record.Code)
	if err != nil {
		return err
	}
	for _, position := range positions {
		if slices.ContainsFunc(record.Tickets, func(t Ticket) bool { return t.Position == position }) {
			continue
		}
		if _, err := s.change(ctx, deleteTicketQuery, record.Event, position); err != nil {
			return err
		}
	}
	return nil
}

type ticketBefore struct {
	code     string
	attendee Attendee
}

func readTicketBefore(row dbutil.Scannable) (t ticketBefore, err error) {
	err = row.Scan(&t.code, &t.attendee)
	return t, err
}
