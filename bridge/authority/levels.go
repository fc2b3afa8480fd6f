package authority

import (
	"maps"
	"math"
	"slices"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// CommandType and AdminType are state event types that are never sent. A room sets their levels in its own power levels to
// tune who counts as moderator and as admin here.
var (
	CommandType = event.Type{Type: "io.github.matrix-pretix.command", Class: event.StateEventType}
	AdminType   = event.Type{Type: "io.github.matrix-pretix.admin", Class: event.StateEventType}
)

// Owner is the level of a creator in rooms of version 12 and later: above every number that power levels can hold.
const Owner int64 = math.MaxInt64

// nothing is everybody's level in a room that could not be read: below every number that power levels can hold.
const nothing int64 = math.MinInt64

// Unreadable says why a room's levels prove nothing.
type Unreadable string

// The reasons, in the order in which they are found.
const (
	Readable       Unreadable = ""
	NotRead        Unreadable = "not read"           // nobody has asked, the homeserver did not answer, or no bot of ours is there
	CreateBroken   Unreadable = "create malformed"   // the create event is missing or not as its version demands
	UnknownVersion Unreadable = "unknown version"    // a room version whose rules for power we do not know
	LevelsMissing  Unreadable = "levels missing"     // no power_levels event: the defaults of the specification prove nothing
	LevelsBroken   Unreadable = "levels malformed"   // power_levels is not the object that it should be
	LevelsText     Unreadable = "levels not numbers" // a level is written as text or otherwise no whole number
)

// Levels is what a room's create and power_levels events say about power. Only [ReadLevels] makes one that can be read; the
// zero value is unreadable, so that a failed read never looks like a room in which everything is 0.
type Levels struct {
	readable bool
	why      Unreadable

	creator     id.UserID
	predecessor id.RoomID
	owners      map[id.UserID]bool // version 12 and later

	users                                    map[id.UserID]int64
	events                                   map[string]int64
	usersDefault, stateDefault, invite, kick int64
}

// Why is [Readable] or the reason why these levels prove nothing.
func (l Levels) Why() Unreadable {
	switch {
	case l.readable:
		return Readable
	case l.why == Readable:
		return NotRead
	}
	return l.why
}

// Creator is the sender of the create event, empty if unreadable. In rooms before version 12 this alone gives no power.
func (l Levels) Creator() id.UserID { return l.creator }

// Predecessor is the room that the create event says this one replaces, empty if none. Anybody can write it there.
func (l Levels) Predecessor() id.RoomID { return l.predecessor }

// LevelOf is the level of a user: [Owner] for creators of rooms of version 12 and later, below everything where the room is
// unreadable.
func (l Levels) LevelOf(user id.UserID) int64 {
	if !l.readable {
		return nothing
	}
	if l.owners[user] {
		return Owner
	}
	if level, ok := l.users[user]; ok {
		return level
	}
	return l.usersDefault
}

// ModeratorLevel is the level that may command: that of [CommandType], unset: state_default.
func (l Levels) ModeratorLevel() int64 { return l.stateLevel(CommandType.Type) }

// AdminLevel is the level that may give: that of [AdminType], unset: the one that may change the power levels.
func (l Levels) AdminLevel() int64 {
	if level, ok := l.events[AdminType.Type]; ok && l.readable {
		return level
	}
	return l.stateLevel(event.StatePowerLevels.Type)
}

// InviteLevel is the level that may invite.
func (l Levels) InviteLevel() int64 { return l.orUnreachable(l.invite) }

// KickLevel is the level that may kick, and so take an invite back.
func (l Levels) KickLevel() int64 { return l.orUnreachable(l.kick) }

// CanInvite reports whether the user's level suffices to invite. Membership is the room's to know: see [Room.CanInvite].
func (l Levels) CanInvite(user id.UserID) bool { return l.readable && l.LevelOf(user) >= l.invite }

// CanKick reports whether the user's level suffices to take back the invite of somebody without a level of their own.
func (l Levels) CanKick(user id.UserID) bool {
	own := l.LevelOf(user)
	return l.readable && own >= l.kick && own > l.usersDefault
}

// Named lists the users whom the room's state gives a level of their own, creators of version 12 first, each group sorted.
// Whether they are still there is for the member list to say.
func (l Levels) Named() []id.UserID {
	if !l.readable {
		return nil
	}
	named := slices.Sorted(maps.Keys(l.owners))
	for _, user := range slices.Sorted(maps.Keys(l.users)) {
		if !l.owners[user] {
			named = append(named, user)
		}
	}
	return named
}

func (l Levels) stateLevel(eventType string) int64 {
	if level, ok := l.events[eventType]; ok && l.readable {
		return level
	}
	return l.orUnreachable(l.stateDefault)
}

func (l Levels) orUnreachable(level int64) int64 {
	if !l.readable {
		return Owner
	}
	return level
}
