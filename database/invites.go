package database

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

const (
	inviteValues = `event, room_id, attendee, state, reason, wait_until, attempts, again, code, position, reported, asked_at, changed_at`

	inviteColumns  = `SELECT ` + inviteValues + ` FROM pretix_invite `
	getInviteQuery = inviteColumns + `WHERE event = $1 AND room_id = $2 AND attendee = $3`
	prospectQuery  = `
		SELECT ` + inviteValues + `,
			EXISTS (SELECT 1 FROM pretix_link WHERE event = $1 AND room_id = $2 AND state = 'active'),
			EXISTS (
				SELECT 1 FROM pretix_invite WHERE room_id = $2 AND attendee = $3 AND event <> $1 AND state IN ('invited', 'joined')
			)
		FROM pretix_invite WHERE event = $1 AND room_id = $2 AND attendee = $3`
	// Without an order, for which SQLite would read the whole event.
	orderInvitesQuery = inviteColumns + `
		WHERE event = $1 AND attendee IN (
			SELECT attendee FROM pretix_ticket WHERE event = $1 AND code = $2 AND attendee <> ''
		)`

	// What members do outruns the answer to our own request, so an outcome changes only what still waits for one. Of an invite
	// that was stopped while somebody was on it, what has come of it counts, but not that it is to be tried again.
	outcomeQuery = `
		UPDATE pretix_invite
		SET state = $4, reason = $5, wait_until = $6,
			attempts = CASE
				WHEN CAST($4 AS TEXT) <> 'waiting' THEN 0 WHEN reason = CAST($5 AS TEXT) THEN attempts + 1 ELSE 1 END,
			again = (again AND CAST($4 AS TEXT) = 'waiting'),
			reported = CASE WHEN CAST($4 AS TEXT) IN ('waiting', 'failed') THEN reported ELSE '' END,
			asked_at = CASE WHEN CAST($7 AS BOOLEAN) THEN CAST($8 AS BIGINT) ELSE asked_at END, changed_at = $8
		WHERE event = $1 AND room_id = $2 AND attendee = $3
			AND (state IN ('due', 'waiting') OR (state = 'held' AND CAST($4 AS TEXT) <> 'waiting')
				OR (state = 'invited' AND CAST($4 AS TEXT) = 'invited'))`
	memberChangedQuery = `
		UPDATE pretix_invite
		SET state = $3, reason = $4, wait_until = 0, attempts = 0, again = false, reported = '', changed_at = $5
		WHERE room_id = $1 AND attendee = $2 AND NOT (state = CAST($3 AS TEXT) AND reason = CAST($4 AS TEXT))`

	countInvitesQuery = `
		SELECT state, reason, COUNT(*), MIN(wait_until) FROM pretix_invite invite
		WHERE event = $1 AND (CAST($2 AS TEXT) = '' OR room_id = CAST($2 AS TEXT)) AND (state <> 'failed' OR EXISTS (
			SELECT 1 FROM pretix_opens opens
			WHERE opens.event = invite.event AND opens.room_id = invite.room_id AND opens.attendee = invite.attendee
		))
		GROUP BY state, reason ORDER BY state, reason`
)

// Invite is one attendee asked, or to be asked, into one room, and what came of it.
type Invite struct {
	Event    EventKey
	Room     id.RoomID
	Attendee Attendee
	State    InviteState
	Reason   Reason
	// WaitUntil is when a waiting one is to be tried again.
	WaitUntil time.Time
	// Attempts is how often in a row it was tried in vain, and has waited for the reason.
	Attempts int
	// Again says that somebody asked for this person by their order's code: having left once does not count then.
	Again bool
	// Code and Position are the ticket that speaks for the attendee.
	Code     string
	Position int64
	// Reported is the reason that its organizers were told last.
	Reported Reason
	// AskedAt is when we last sent the invite itself.
	AskedAt, ChangedAt time.Time
}

// Invite returns one invite, or [ErrNotFound].
func (s *Store) Invite(ctx context.Context, key EventKey, room id.RoomID, attendee Attendee) (Invite, error) {
	invite, err := readInvite(s.db.QueryRow(ctx, getInviteQuery, key, room, attendee))
	if err != nil {
		return Invite{}, fmt.Errorf("get an invite of %s into %s: %w", key, room, one(err))
	}
	return invite, nil
}

// Prospect is an invite as whoever is about to send it must know it.
type Prospect struct {
	Invite
	// Open says that the room's link is active.
	Open bool
	// Elsewhere says that another event has the same person invited into the room, or there.
	Elsewhere bool
}

// Prospect returns what decides on an invite at the last moment, or [ErrNotFound]. One statement, because a room waits for it.
func (s *Store) Prospect(ctx context.Context, key EventKey, room id.RoomID, attendee Attendee) (p Prospect, err error) {
	if p, err = readProspect(s.db.QueryRow(ctx, prospectQuery, key, room, attendee)); err != nil {
		return Prospect{}, fmt.Errorf("look at an invite of %s into %s: %w", key, room, one(err))
	}
	return p, nil
}

// OrderInvites returns the invites of everybody whom a ticket of the order names, by room, in whatever state.
func (s *Store) OrderInvites(ctx context.Context, key EventKey, code string) ([]Invite, error) {
	invites, err := list(ctx, s.db, readInvite, orderInvitesQuery, key, code)
	if err != nil {
		return nil, fmt.Errorf("list invites of order %s of %s: %w", code, key, err)
	}
	slices.SortFunc(invites, func(a, b Invite) int {
		return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.Position, b.Position))
	})
	return invites, nil
}

// Outcome is what came of trying to invite somebody.
type Outcome struct {
	// State is waiting, invited, joined, gone or failed.
	State InviteState
	// Reason goes with waiting, gone and failed.
	Reason Reason
	// WaitUntil goes with waiting.
	WaitUntil time.Time
	// Asked says that the invite was really sent, not found to stand already.
	Asked bool
}

// Outcome records what came of an unsent invite, and reports whether there was one: what a member did in the meantime
// counts more, a row that its ticket has lost stays lost, and one that was stopped is not tried again.
func (s *Store) Outcome(ctx context.Context, key EventKey, room id.RoomID, attendee Attendee, o Outcome) (bool, error) {
	if o.State == InviteHeld || o.State == InviteDue {
		return false, fmt.Errorf("record an outcome of an invite into %s: %q is none", room, o.State)
	}
	rows, err := s.change(ctx, outcomeQuery, key, room, attendee, o.State, o.Reason, at(o.WaitUntil), o.Asked, at(s.now()))
	if err != nil {
		return false, fmt.Errorf("record an outcome of an invite into %s: %w", room, err)
	}
	return rows > 0, nil
}

// MemberChanged records what the room says of somebody (invited, joined, or gone with a reason), for every event that the
// room is linked to, and returns how many invites that changed: none for those who are no attendees.
func (s *Store) MemberChanged(ctx context.Context, room id.RoomID, attendee Attendee, state InviteState, reason Reason) (int, error) {
	if state != InviteInvited && state != InviteJoined && state != InviteGone {
		return 0, fmt.Errorf("record a member of %s: %q says nothing of one", room, state)
	}
	rows, err := s.change(ctx, memberChangedQuery, room, attendee, state, reason, at(s.now()))
	if err != nil {
		return 0, fmt.Errorf("record a member of %s: %w", room, err)
	}
	if rows > 0 && state != InviteInvited { // as each of our own invites comes back
		s.changes.Add(1)
	}
	return rows, nil
}

// InviteCount is how many invites are in one state for one reason.
type InviteCount struct {
	State  InviteState
	Reason Reason
	Count  int
	// NextTry is when the first of the waiting ones is tried again.
	NextTry time.Time
}

// CountInvites counts the event's invites into one room, or with "" into all of them. A failed invite counts while a ticket
// still speaks for it: a typed ID that was mended is no failure any more.
func (s *Store) CountInvites(ctx context.Context, key EventKey, room id.RoomID) ([]InviteCount, error) {
	counts, err := list(ctx, s.db, readInviteCount, countInvitesQuery, key, room)
	if err != nil {
		return nil, fmt.Errorf("count invites of %s: %w", key, err)
	}
	return counts, nil
}

func readInvite(row dbutil.Scannable) (i Invite, err error) {
	err = row.Scan(i.values()...)
	return i, err
}

func readProspect(row dbutil.Scannable) (p Prospect, err error) {
	err = row.Scan(append(p.values(), &p.Open, &p.Elsewhere)...)
	return p, err
}

// values are where the row's columns go.
func (i *Invite) values() []any {
	return []any{
		&i.Event, &i.Room, &i.Attendee, &i.State, &i.Reason, into(&i.WaitUntil), &i.Attempts, &i.Again, &i.Code,
		&i.Position, &i.Reported, into(&i.AskedAt), into(&i.ChangedAt),
	}
}

func readInviteCount(row dbutil.Scannable) (c InviteCount, err error) {
	err = row.Scan(&c.State, &c.Reason, &c.Count, into(&c.NextTry))
	return c, err
}
