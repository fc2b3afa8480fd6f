package authority

import (
	"slices"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// Action is what somebody asks for.
type Action string

// The actions. Where one takes a room, no room means every room that is linked to the event.
const (
	Help      Action = "help"
	Version   Action = "version"
	Authorize Action = "authorize" // connect a Pretix account of one's own
	Logins    Action = "logins"    // list one's own connections
	Logout    Action = "logout"    // forget one of one's own connections

	Link       Action = "link"        // tie the event to the room, or add a rule to the link
	Unlink     Action = "unlink"      // untie it, or take a rule away
	ControlOn  Action = "control on"  // make the room a control room of the event
	ControlOff Action = "control off" // and no more
	SetSetting Action = "set"         // the question, the default server: of the event as a whole
	ShowLinks  Action = "show links"  // the links of one room

	BatchInvite Action = "batch invite" // ask everybody entitled, in one room or all
	InviteOrder Action = "invite order" // ask the people of one order, once more if need be
	Withdraw    Action = "withdraw"     // take back invites that nobody has answered
	Stop        Action = "stop"         // ask nobody further, in one room or all
	Status      Action = "status"
	Report      Action = "report" // whom the bridge cannot serve, by order code
)

// Gives reports whether the action gives somebody something: a room, a right, an invite. The others take away, or show how things stand.
func (a Action) Gives() bool {
	switch a {
	case Link, ControlOn, SetSetting, BatchInvite, InviteOrder:
		return true
	}
	return false
}

// Login is one Pretix connection. Only the sender's own live ones prove anything; others may stand in the list and do not
// count.
type Login struct {
	ID     string
	Owner  id.UserID
	Live   bool // neither revoked nor logged out
	Events []database.EventKey
}

// LinkedRoom says that tickets of an event open a room.
type LinkedRoom struct {
	Event     database.EventKey
	Room      id.RoomID
	Suspended bool
}

// ControlRoom says that an event is commanded from a room.
type ControlRoom struct {
	Event database.EventKey
	Room  id.RoomID
}

// Place is where a command was typed.
type Place struct {
	Room   id.RoomID
	Direct bool // the sender is alone there with the bridge bot
}

// Bots are our two users whom a command may concern.
type Bots struct {
	Bridge id.UserID
	Event  id.UserID
}

// Request is one command with all that is known of it. The caller reads the rooms that [Request.Reads] names afresh for each
// command; a room that is not in Rooms counts as unreadable.
type Request struct {
	Action Action
	Sender id.UserID

	// Permitted says that the host's config lets the sender command at all.
	Permitted bool

	Event database.EventKey // the zero key: none
	Room  id.RoomID         // the room that it is about, named or typed in; empty: none
	Login string            // for Logout
	Typed Place
	Bots  Bots

	Logins   []Login       // the sender's
	Unproven bool          // what they see of the event is what they saw before: Pretix does not tell now
	Controls []ControlRoom // of the event; ShowLinks without one: of this room and of all events linked to it
	Links    []LinkedRoom  // of the event; ShowLinks without one: of this room
	Rooms    []Room
}

// Reads lists the rooms that the decision depends on, each once. Others may be left unread.
func (r Request) Reads() []id.RoomID {
	if r.personal() {
		return nil
	}
	var rooms []id.RoomID
	add := func(room id.RoomID) {
		if room != "" && !slices.Contains(rooms, room) {
			rooms = append(rooms, room)
		}
	}
	add(r.Room)
	if !r.Typed.Direct {
		add(r.Typed.Room)
	}
	for _, control := range r.Controls {
		add(control.Room)
	}
	for _, link := range r.targetLinks() {
		add(link.Room)
	}
	return rooms
}

// personal reports whether the action concerns nobody but the sender.
func (r Request) personal() bool {
	switch r.Action {
	case Help, Version, Authorize, Logins, Logout:
		return true
	}
	return false
}

// room is what was read of a room, unreadable where nothing was or what was may have been true long ago only.
func (r Request) room(roomID id.RoomID) Room {
	i := slices.IndexFunc(r.Rooms, func(room Room) bool { return room.ID == roomID })
	if i < 0 || roomID == "" || r.Rooms[i].stale(r.Bots) {
		return Room{ID: roomID}
	}
	return r.Rooms[i]
}

// controlRooms lists an event's control rooms as they were read.
func (r Request) controlRooms(key database.EventKey) []Room {
	var rooms []Room
	for _, control := range r.Controls {
		if control.Event == key && known(key) {
			rooms = append(rooms, r.room(control.Room))
		}
	}
	return rooms
}

// targetLinks lists the event's links that the action is about: that of the room, or without a room all.
func (r Request) targetLinks() []LinkedRoom {
	switch r.Action {
	case BatchInvite, InviteOrder, Withdraw, Stop, Status:
	default:
		return nil
	}
	var links []LinkedRoom
	for _, link := range r.Links {
		if link.Event == r.Event && known(r.Event) && (r.Room == "" || link.Room == r.Room) {
			links = append(links, link)
		}
	}
	if len(links) == 0 && r.Action == Withdraw && r.Room != "" && known(r.Event) {
		links = append(links, LinkedRoom{Event: r.Event, Room: r.Room}) // unlinked a moment ago, with invites still open
	}
	return links
}
