package replies

import (
	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// InviteUsage asks for the order of an `!invite`.
func InviteUsage(prefix string) string {
	return "Which order? `!invite ABC12` asks the people of that order again. `" + prefix + " help invite` says more."
}

// NoSuchOrder answers an `!invite` of an order that the event does not have.
func NoSuchOrder(code string, key database.EventKey) string {
	return "There is no order `" + code + "` in " + eventName(key) + "."
}

// Inviting stands where what came of an `!invite` will.
func Inviting(code string) string { return "⏳ Looking at `" + code + "` …" }

// InvitedOrder is what came of one order's invites so far.
type InvitedOrder struct {
	Code      string
	Invites   []database.Invite
	Waits     bool // it is still to be looked at
	Hindrance Hindrance
	Skipped   []authority.Target
}

// OrderInvited says what came of asking one order's people, by room, without saying who they are.
func OrderInvited(looked InvitedOrder) string {
	head := "Order `" + looked.Code + "`:"
	if len(looked.Invites) > 0 {
		return head + listed(lines(looked.Invites, inviteLine)) + leftOut(looked.Skipped)
	}
	if looked.Waits {
		head += " I could not look at it yet: " + hindered(looked.Hindrance) + " It stays in hand, and I invite by myself."
	} else {
		head += " it has no ticket that counts and names a Matrix ID for a linked room. `!status` says more."
	}
	return head + leftOut(looked.Skipped)
}

func inviteLine(invite database.Invite) string {
	return homeserver.RoomLink(invite.Room, "room") + ": " + inviteState(invite.State, invite.Reason)
}

func inviteState(state database.InviteState, reason database.Reason) string {
	switch state {
	case database.InviteInvited:
		return "invited"
	case database.InviteJoined:
		return "in the room"
	case database.InviteDue:
		return "about to be invited"
	case database.InviteHeld:
		return "not asked yet"
	}
	return becauseOf(reason)
}
