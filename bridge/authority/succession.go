package authority

import (
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Follow says whether a link or a control room may move from a room that was replaced to the one named in its tombstone.
type Follow string

// The answers.
const (
	Follows          Follow = "follows"
	FollowUnreadable Follow = "unreadable"        // one of the two rooms proves nothing now
	NotSuccessor     Follow = "not successor"     // the new room does not name the old one as its predecessor
	NotByAdmin       Follow = "not by admin"      // it was not made by an admin of the old room
	AwaitsBot        Follow = "awaits bot"        // the event's bot is not in the new room
	AwaitsBotRole    Follow = "awaits bot's role" // it is there and may not invite
)

// FollowUpgrade decides whether a link moves along with a room. A tombstone names any room, and any room can call itself a
// successor; only somebody who might have linked the old room speaks for the new one. That they have left the old room since
// does not matter; a ban does.
func FollowUpgrade(old, successor Room, bot id.UserID) Follow {
	follow := FollowControl(old, successor, bot)
	if follow == Follows && !successor.CanInvite(bot) {
		return AwaitsBotRole
	}
	return follow
}

// FollowControl decides the same for a control room, in which the bridge bot has to be and need not invite.
func FollowControl(old, successor Room, bot id.UserID) Follow {
	maker := successor.Levels.Creator()
	switch {
	case old.Why() != Readable || successor.Why() != Readable:
		return FollowUnreadable
	case successor.Levels.Predecessor() != old.ID || old.ID == "":
		return NotSuccessor
	case old.Levels.LevelOf(maker) < old.Levels.AdminLevel() || old.Members[maker] == event.MembershipBan:
		return NotByAdmin
	case !successor.Joined(bot):
		return AwaitsBot
	}
	return Follows
}
