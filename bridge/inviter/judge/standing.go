package judge

import (
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
)

// Standing is how an event's bot stands in a room. The zero value is well: it may invite.
type Standing struct {
	Stop      database.LinkReason // the room's fault for which nobody can be invited
	Successor id.RoomID           // of a replaced room: where its tombstone points
	Unsure    bool                // the homeserver is there and did not tell about this room
}

// StandingOf reads it from the room as it is. Levels that prove nothing are no power.
func StandingOf(room authority.Room, bot id.UserID) Standing {
	switch room.Members[bot] {
	case event.MembershipJoin:
	case event.MembershipBan:
		return Standing{Stop: database.LinkBanned}
	default:
		return Standing{Stop: database.LinkRemoved}
	}
	switch {
	case room.Upgraded: // old rooms still take invites, and word of the tombstone may have been lost
		return Standing{Stop: database.LinkReplaced, Successor: room.Successor}
	case !room.CanInvite(bot):
		return Standing{Stop: database.LinkNoPower}
	}
	return Standing{}
}

// RefusedStanding reads it from the homeserver's refusal to tell the bot about the room.
func RefusedStanding(a Answer) Standing {
	switch a.Status {
	case 403:
		return Standing{Stop: database.LinkRemoved}
	case 404:
		return Standing{Stop: database.LinkNoRoom}
	default:
		return Standing{Unsure: true}
	}
}

// Mends says that a room stopped for this reason goes on by itself when its bot may invite again. (That an admin has lifted the
// blocking of a room cannot be seen, and a replaced room stays replaced.)
func Mends(reason database.LinkReason) bool {
	switch reason {
	case database.LinkNoPower, database.LinkRemoved, database.LinkBanned, database.LinkNoRoom:
		return true
	default:
		return false
	}
}
