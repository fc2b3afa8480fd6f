package database

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"
)

const (
	someRoom     = `(CAST($2 AS TEXT) = '' OR room_id = CAST($2 AS TEXT))`
	releaseQuery = `
		UPDATE pretix_invite SET state = 'due', changed_at = $3
		WHERE event = $1 AND state = 'held' AND ` + someRoom
	// Orders of invites that are due already come along: should one have been forgotten, this is how it is found again.
	releaseOrdersQuery = `
		INSERT INTO pretix_due (event, code, generation, due_at, batch)
		SELECT DISTINCT event, code, CAST($3 AS BIGINT), CAST($4 AS BIGINT), true FROM pretix_invite
		WHERE event = $1 AND state = 'due' AND ` + someRoom + makeDueAgain
	releaseOrderQuery = `
		UPDATE pretix_invite AS invite
		SET state = 'due', reason = '', wait_until = 0, attempts = 0, again = true, reported = '', changed_at = $3,
			(code, position) = (
				SELECT opens.code, opens.position FROM pretix_opens opens
				WHERE opens.event = invite.event AND opens.room_id = invite.room_id AND opens.attendee = invite.attendee
					AND opens.code = $2
				ORDER BY opens.position LIMIT 1
			)
		WHERE invite.event = $1 AND (CAST($4 AS TEXT) = '' OR invite.room_id = CAST($4 AS TEXT)) AND EXISTS (
			SELECT 1 FROM pretix_opens opens
			WHERE opens.event = invite.event AND opens.room_id = invite.room_id AND opens.attendee = invite.attendee
				AND opens.code = $2
		)`
	stopQueuedQuery = `
		UPDATE pretix_invite
		SET state = 'held', reason = '', wait_until = 0, attempts = 0, again = false, reported = '', changed_at = $3
		WHERE event = $1 AND state IN ('due', 'waiting') AND ` + someRoom
)

// Released says what was set going: that many invites, by looking at that many orders.
type Released struct{ Invites, Orders int }

// Release sets going everybody held in one room of the event, or with "" in all of them: three statements in one
// transaction, however many people it is about, so that a crash leaves all of it or nothing.
func (s *Store) Release(ctx context.Context, key EventKey, room id.RoomID) (done Released, err error) {
	now := at(s.now())
	err = s.withEvent(ctx, key, func(ctx context.Context) (err error) {
		if done.Invites, err = s.change(ctx, releaseQuery, key, room, now); err != nil {
			return err
		}
		done.Orders, err = s.change(ctx, releaseOrdersQuery, key, room, firstGeneration(), now)
		return err
	})
	if err != nil {
		return Released{}, fmt.Errorf("release invites of %s: %w", key, err)
	}
	return done, nil
}

// ReleaseOrder sets going everybody whom the order's tickets entitle to the room, or with "" to any room of the event,
// whatever came of their invites before: it is the one way to ask again. Also those whom we believe invited or in the room,
// because word of their leaving may have been lost; whoever asks reads the room first. The order comes due, live.
func (s *Store) ReleaseOrder(ctx context.Context, key EventKey, code string, room id.RoomID) (done Released, err error) {
	err = s.withEvent(ctx, key, func(ctx context.Context) (err error) {
		if done.Invites, err = s.change(ctx, releaseOrderQuery, key, code, at(s.now()), room); err != nil {
			return err
		}
		done.Orders = 1
		_, err = s.MakeDue(ctx, key, code, false)
		return err
	})
	if err != nil {
		return Released{}, fmt.Errorf("release order %s of %s: %w", code, key, err)
	}
	return done, nil
}

// StopQueued holds back everybody who was about to be asked into the room, or with "" into any room of the event, and
// returns how many. The orders stay due: a look at them finds nothing to send.
func (s *Store) StopQueued(ctx context.Context, key EventKey, room id.RoomID) (int, error) {
	var stopped int
	err := s.withEvent(ctx, key, func(ctx context.Context) (err error) {
		stopped, err = s.change(ctx, stopQueuedQuery, key, room, at(s.now()))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("stop invites of %s: %w", key, err)
	}
	return stopped, nil
}
