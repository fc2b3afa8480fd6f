package database

import (
	"context"
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
)

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
