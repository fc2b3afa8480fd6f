package authority

import (
	"slices"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// Decision is the answer to a [Request]. Either it is allowed, or Missing is not empty.
type Decision struct {
	Allowed bool

	// Missing lists what the sender would need besides. All of it, or where Either is set any one.
	Missing []Missing
	Either  bool

	// Targets lists the rooms of an action that works on several, those that are left out with what is missing there.
	Targets []Target

	Scope  Scope
	Answer Answer
}

// Target is one room of an action that works on several.
type Target struct {
	Room    id.RoomID
	Missing []Missing // empty: the room takes part
}

// Allowed reports whether the room takes part.
func (t Target) Allowed() bool { return len(t.Missing) == 0 }

// AllowedRooms lists the targets that take part.
func (d Decision) AllowedRooms() []id.RoomID {
	var rooms []id.RoomID
	for _, target := range d.Targets {
		if target.Allowed() {
			rooms = append(rooms, target.Room)
		}
	}
	return rooms
}

// Skipped lists the targets that do not take part.
func (d Decision) Skipped() []Target {
	return slices.DeleteFunc(slices.Clone(d.Targets), Target.Allowed)
}

// LacksOnly reports whether nothing else is missing than this, once.
func (d Decision) LacksOnly(kind Kind) bool {
	return len(d.Missing) == 1 && d.Missing[0].Kind == kind
}

// Kind says what is missing.
type Kind string

// The kinds.
const (
	Permission     Kind = "permission"         // the host's config does not let the sender command
	Unknown        Kind = "unknown action"     // asked for something that nobody may do
	EventAdmin     Kind = "event admin"        // a login that sees the event, or admin in one of its control rooms
	EventModerator Kind = "event moderator"    // the same, or moderator in one of its control rooms
	EventUnproven  Kind = "event unproven"     // the sender's login saw the event, and Pretix does not tell whether it still does
	RoomAdmin      Kind = "room admin"         // the admin's level in the room
	RoomModerator  Kind = "room moderator"     // the moderator's level in the room
	NotInRoom      Kind = "not in room"        // the sender is not in the room
	RoomUnreadable Kind = "room unreadable"    // the room's levels or members could not be read: Why says more
	RoomUpgraded   Kind = "room upgraded"      // the room has been replaced by another
	NotLinked      Kind = "not linked"         // the event's tickets do not open the room
	Suspended      Kind = "link suspended"     // the link is suspended
	SenderInvite   Kind = "sender's invite"    // the sender could not invite there themselves
	SenderKick     Kind = "sender's kick"      // the sender could not kick there themselves
	BotNotInRoom   Kind = "bot not in room"    // the event's bot is not in the room
	BotInvite      Kind = "bot's invite"       // the event's bot may not invite there
	BotKick        Kind = "bot's kick"         // the event's bot may not kick there
	OwnLogin       Kind = "login of one's own" // the login is not among the sender's
)

// Missing is one thing that the sender, or a bot, would need.
type Missing struct {
	Kind  Kind
	Event database.EventKey // where it is about an event
	Room  id.RoomID         // where it is about a room
	Why   Unreadable        // RoomUnreadable: the reason
	Bot   id.UserID         // BotNotInRoom, BotInvite, BotKick: the event's bot

	// Needs is the level in the room that would do, where it is about a level. See [RoleLabel].
	Needs int64

	// Givers says who can give it, by kind; empty where nobody can.
	Givers []Giver
}

// GiverKind says what sort of person can give what is missing.
type GiverKind string

// The kinds of givers.
const (
	Host             GiverKind = "host"              // whoever runs the bridge
	LoginOwner       GiverKind = "login owner"       // somebody whose own Pretix login sees the event
	ControlAdmin     GiverKind = "control admin"     // an admin of one of the event's control rooms
	ControlModerator GiverKind = "control moderator" // a moderator of one of the event's control rooms
	Admin            GiverKind = "admin"             // an admin of the room
	Moderator        GiverKind = "moderator"         // a moderator of the room
)

// Giver is who can give what is missing. People are named only where the asker shares the room with them, so that a refusal
// tells a stranger nothing; login owners are never named.
type Giver struct {
	Kind   GiverKind
	Event  database.EventKey
	Room   id.RoomID
	People []id.UserID
}

// Scope is what may be shown to the asker in the answer, at the place where it is given.
type Scope struct {
	// Whole is the event as a whole: all its rooms, and what is sold. Without it only Rooms and Events may be shown, and of
	// those neither sales nor order codes.
	Whole  bool
	Rooms  []id.RoomID
	Events []database.EventKey // ShowLinks: the events whose links may be shown

	Codes   bool // order codes
	Secrets bool // the webhook's address
}

// ShowsRoom reports whether the figures of a room may be shown.
func (s Scope) ShowsRoom(room id.RoomID) bool { return s.Whole || slices.Contains(s.Rooms, room) }

// ShowsEvent reports whether the links of an event may be shown.
func (s Scope) ShowsEvent(key database.EventKey) bool { return slices.Contains(s.Events, key) }

// AnswerKind says where an answer belongs.
type AnswerKind string

// The kinds of places.
const (
	Here      AnswerKind = "here"         // where the command was typed
	InControl AnswerKind = "control room" // in the one control room; where it was typed no more than a sentence
	InDirect  AnswerKind = "direct"       // in the sender's own talk with the bridge bot; where it was typed no more than a sentence
)

// Answer is where the answer belongs: never in a room that tickets open, for attendees listen there.
type Answer struct {
	Kind AnswerKind
	Room id.RoomID // of Here and InControl
}
