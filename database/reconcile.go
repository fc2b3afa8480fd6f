package database

import (
	"context"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

// The three statements that bring invites in line with what tickets open. Each comes with the part of the event that it
// looks at: one room ($2 is its ID) or one order ($2 is its code).
const (
	// holdQuery gives everybody entitled to the room a row. Where tickets of one person compete, the oldest speaks.
	holdQuery = `
		INSERT INTO pretix_invite (event, room_id, attendee, state, code, position, changed_at)
		SELECT event, room_id, attendee, 'held', code, position, CAST($3 AS BIGINT) FROM pretix_opens
		WHERE event = $1 AND room_id = $2 AND attendee <> '' ORDER BY position
		ON CONFLICT (event, room_id, attendee) DO NOTHING`
	// repointQuery lets another ticket of the same person speak for an invite whose own ticket does no longer.
	repointQuery = `
		UPDATE pretix_invite AS invite SET (code, position) = (
			SELECT opens.code, opens.position FROM pretix_opens opens
			WHERE opens.event = invite.event AND opens.room_id = invite.room_id AND opens.attendee = invite.attendee
			ORDER BY opens.position LIMIT 1
		)
		WHERE invite.event = $1 AND EXISTS (
			SELECT 1 FROM pretix_opens opens
			WHERE opens.event = invite.event AND opens.room_id = invite.room_id AND opens.attendee = invite.attendee
		) AND NOT EXISTS (
			SELECT 1 FROM pretix_opens opens
			WHERE opens.event = invite.event AND opens.room_id = invite.room_id AND opens.attendee = invite.attendee
				AND opens.code = invite.code AND opens.position = invite.position
		) AND `
	// dropQuery removes unsent invites that no ticket speaks for.
	dropQuery = `
		DELETE FROM pretix_invite AS invite
		WHERE invite.event = $1 AND invite.state IN ('held', 'due', 'waiting') AND NOT EXISTS (
			SELECT 1 FROM pretix_opens opens
			WHERE opens.event = invite.event AND opens.room_id = invite.room_id AND opens.attendee = invite.attendee
		) AND `

	inRoom  = `invite.room_id = $2`
	ofOrder = `invite.code = $2`
	// An order may take over a ticket from another (a split), and with it invites that still name the other one.
	nearOrder = `invite.attendee IN (
			SELECT attendee FROM pretix_ticket WHERE event = $1 AND code = $2 AND attendee <> ''
			UNION ALL SELECT attendee FROM pretix_invite WHERE event = $1 AND code = $2
		)`
	returnMoved = ` RETURNING code, state`

	repointRoomQuery  = repointQuery + inRoom + returnMoved
	repointOrderQuery = repointQuery + nearOrder + returnMoved
	dropRoomQuery     = dropQuery + inRoom
	dropOrderQuery    = dropQuery + ofOrder
)

// Reconciled says what a change of links or rules did to unsent invites.
type Reconciled struct {
	// Held is how many people got a held invite, Dropped how many lost an unsent one.
	Held, Dropped int
}

// reconcile restores, for one room, that everybody entitled has a row and that every unsent row belongs to somebody entitled.
func (s *Store) reconcile(ctx context.Context, key EventKey, room id.RoomID) (done Reconciled, err error) {
	if done.Held, err = s.change(ctx, holdQuery, key, room, at(s.now())); err != nil {
		return Reconciled{}, err
	}
	if err = s.repoint(ctx, repointRoomQuery, key, string(room), ""); err != nil {
		return Reconciled{}, err
	}
	if done.Dropped, err = s.change(ctx, dropRoomQuery, key, room); err != nil {
		return Reconciled{}, err
	}
	return done, nil
}

type movedInvite struct {
	code  string
	state InviteState
}

// repoint runs one of the two statements and makes the orders due that now have an invite to send. One that is in hand is due
// anew: whoever has it does not know of the invite. But for whoever records the order itself, and so is told of its invites.
func (s *Store) repoint(ctx context.Context, query string, key EventKey, part, recording string) error {
	moved, err := list(ctx, s.db, readMoved, query, key, part)
	if err != nil {
		return err
	}
	made := make(map[string]bool)
	for _, invite := range moved {
		if made[invite.code] || (invite.state != InviteDue && invite.state != InviteWaiting) {
			continue
		}
		made[invite.code] = true
		if invite.code == recording {
			err = s.ensureDue(ctx, key, invite.code)
		} else {
			err = s.ensureDueAnew(ctx, key, invite.code)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func readMoved(row dbutil.Scannable) (m movedInvite, err error) {
	err = row.Scan(&m.code, &m.state)
	return m, err
}
