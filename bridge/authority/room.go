package authority

import (
	"slices"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Room is what was read just now of one room. What is left out counts against whoever asks: a user who is not among the
// members is not there, and a room without a member list or with unreadable levels proves nothing.
type Room struct {
	ID id.RoomID

	// OpensToTickets says that some event's tickets open this room, whichever event and however the link fares: its members
	// may be attendees.
	OpensToTickets bool

	// Upgraded says that the room has a tombstone. Power in it proves nothing new then, because a demotion may stand in its
	// successor only; taking away stays possible. Successor is the room that the tombstone names, if it names one: anybody can
	// be named there.
	Upgraded  bool
	Successor id.RoomID

	Levels Levels

	// ReadBy is the bot of ours that read the room. It must be there: to somebody who left or was kicked a homeserver goes on
	// showing the room as it was then, without an error, so that who kicks the bot would keep their power for ever.
	// Empty: one of our bots that the members show to be there, and never the bridge bot after it left.
	ReadBy id.UserID

	// Members holds at least the sender, our bots and the users of [Levels.Named]; nil where it could not be read.
	Members map[id.UserID]event.Membership
}

// Why is [Readable], or the reason why the room proves nothing.
func (r Room) Why() Unreadable {
	if why := r.Levels.Why(); why != Readable {
		return why
	}
	if r.Members == nil || r.ReadBy != "" && !r.Joined(r.ReadBy) {
		return NotRead
	}
	return Readable
}

// stale reports whether nobody of ours can have read the room as it is now.
func (r Room) stale(bots Bots) bool {
	if r.ReadBy != "" {
		return !r.Joined(r.ReadBy)
	}
	switch r.Members[bots.Bridge] {
	case event.MembershipJoin:
		return false
	case event.MembershipLeave, event.MembershipBan:
		return true
	}
	return !r.Joined(bots.Event)
}

// Joined reports whether the user is in the room now.
func (r Room) Joined(user id.UserID) bool { return r.Members[user] == event.MembershipJoin }

// Admin reports whether the user is in the room and may give there.
func (r Room) Admin(user id.UserID) bool { return r.has(user, r.Levels.AdminLevel()) }

// Moderator reports whether the user is in the room and may command there. An admin is not by that a moderator: a room that
// tunes one of the two levels means it.
func (r Room) Moderator(user id.UserID) bool { return r.has(user, r.Levels.ModeratorLevel()) }

// CanInvite reports whether the user, a person or a bot, is in the room and may invite there.
func (r Room) CanInvite(user id.UserID) bool { return r.here(user) && r.Levels.CanInvite(user) }

// CanKick reports whether the user, a person or a bot, is in the room and may take back there the invite of somebody who
// has no level of their own.
func (r Room) CanKick(user id.UserID) bool { return r.here(user) && r.Levels.CanKick(user) }

// InviteRoleLacking is the level that the user, in general an event's bot, lacks to invite here, and false where it lacks
// none. [RoleLabel] names it. Of an unreadable room nothing can be said: the answer is [Owner].
func (r Room) InviteRoleLacking(user id.UserID) (int64, bool) {
	return r.Levels.InviteLevel(), !r.Levels.CanInvite(user)
}

// admins lists the people who are there and may give, the bots left out.
func (r Room) admins(bots Bots) []id.UserID { return r.people(r.Admin, bots) }

// moderators lists the people who are there and may command, the bots left out.
func (r Room) moderators(bots Bots) []id.UserID { return r.people(r.Moderator, bots) }

func (r Room) people(may func(id.UserID) bool, bots Bots) []id.UserID {
	var people []id.UserID
	for _, user := range r.Levels.Named() {
		if may(user) && user != bots.Bridge && user != bots.Event {
			people = append(people, user)
		}
	}
	return slices.Clip(people)
}

func (r Room) has(user id.UserID, level int64) bool {
	return r.here(user) && r.Levels.LevelOf(user) >= level
}

func (r Room) here(user id.UserID) bool { return r.Why() == Readable && r.Joined(user) }
