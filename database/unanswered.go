package database

import (
	"context"
	"fmt"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"
)

const (
	unansweredQuery = `
		SELECT attendee FROM pretix_invite invite
		WHERE event = $1 AND room_id = $2 AND state = 'invited' AND asked_at <> 0 AND NOT EXISTS (
			SELECT 1 FROM pretix_invite other
			WHERE other.room_id = invite.room_id AND other.attendee = invite.attendee AND other.event <> invite.event
		)
		ORDER BY attendee`
	hasInviteQuery = `SELECT EXISTS (SELECT 1 FROM pretix_invite WHERE room_id = $1 AND attendee = $2)`
)

// Unanswered returns those who have not answered an invite of the event's that we sent, and to whom no other event opens the
// room: whoever was invited by somebody else is not ours to uninvite.
func (s *Store) Unanswered(ctx context.Context, key EventKey, room id.RoomID) ([]Attendee, error) {
	attendees, err := list(ctx, s.db, dbutil.ScanSingleColumn[Attendee], unansweredQuery, key, room)
	if err != nil {
		return nil, fmt.Errorf("list unanswered invites of %s into %s: %w", key, room, err)
	}
	return attendees, nil
}

// HasInvite reports whether any event has, or had, something to do with the attendee in the room, while it is linked.
func (s *Store) HasInvite(ctx context.Context, room id.RoomID, attendee Attendee) (has bool, err error) {
	if err := s.db.QueryRow(ctx, hasInviteQuery, room, attendee).Scan(&has); err != nil {
		return false, fmt.Errorf("look for an invite into %s: %w", room, err)
	}
	return has, nil
}
