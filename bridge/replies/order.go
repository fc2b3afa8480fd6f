package replies

import (
	"slices"
	"time"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
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
	Since     time.Time       // when that was asked for: what was sent before stood already
	Lack      pretixconn.Lack // why nothing of the order counts
	Invites   []database.Invite
	Unserved  []Unserved
	Waits     bool // it is still to be looked at
	Hindrance Hindrance
	Skipped   []authority.Target
}

// Unserved is a position of an order by which nobody is asked into a room, and why. One that lacks nothing and has no problem opens no room.
type Unserved struct {
	Product string
	Lack    pretixconn.Lack
	Problem pretixconn.Problem // where it lacks nothing
}

// OrderInvited says what came of asking one order's people, by room, without saying who they are, and why the others are not asked.
func OrderInvited(looked InvitedOrder) string {
	head := "Order `" + looked.Code + "`:"
	switch {
	case looked.Lack != pretixconn.LackNothing:
		return head + " " + lacking(looked.Lack)
	case looked.Waits && len(looked.Invites) == 0:
		return head + " I could not look at it yet: " + hindered(looked.Hindrance) + " It stays in hand, and I invite by myself." + leftOut(looked.Skipped)
	}
	invites := lines(looked.Invites, func(invite database.Invite) string { return inviteLine(invite, looked.Since) })
	whys := unservedReasons(looked.Unserved)
	switch {
	case len(invites)+len(whys) == 0:
		return head + " it has no ticket that opens a linked room. `!setroom` in a room says which do." + leftOut(looked.Skipped)
	case len(invites) == 0 && len(slices.Compact(slices.Clone(whys))) == 1:
		return head + " " + whys[0] + "." + leftOut(looked.Skipped)
	}
	for i, why := range whys {
		invites = append(invites, bold(looked.Unserved[i].Product)+": "+why)
	}
	return head + listed(invites) + leftOut(looked.Skipped)
}

func inviteLine(invite database.Invite, since time.Time) string {
	return homeserver.RoomLink(invite.Room, "room") + ": " + inviteState(invite, since)
}

// inviteState says how somebody stands, and of an invitation whether it is new.
func inviteState(invite database.Invite, since time.Time) string {
	switch invite.State {
	case database.InviteInvited:
		if invite.AskedAt.Before(since.Truncate(time.Millisecond)) { // as it is kept
			return "was invited already, and has not answered"
		}
		return "invited now"
	case database.InviteJoined:
		return "in the room"
	case database.InviteDue:
		return "about to be invited"
	case database.InviteHeld:
		return "not asked yet"
	}
	return becauseOf(invite.Reason)
}

// unservedReasons says why nobody is asked by each of the positions that a list shows.
func unservedReasons(unserved []Unserved) []string {
	return lines(unserved, func(one Unserved) string {
		switch {
		case one.Lack != pretixconn.LackNothing:
			return lacking(one.Lack)
		case one.Problem != pretixconn.ProblemNone:
			return ticketProblem(string(one.Problem))
		}
		return "no linked room opens to it; `!setroom <event> <room> <product>` lets it open one"
	})
}
