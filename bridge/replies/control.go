package replies

import (
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// ControlUsage asks for the event of a `!control`, after saying which events can be commanded from the room already.
func ControlUsage(controlled []NamedEvent, prefix string) string {
	more := " `" + prefix + " help control` says more."
	if len(controlled) == 0 {
		return "Which event? `!control <event>` makes this a room from which it is commanded, `!control off` ends that." + more
	}
	names := lines(controlled, func(one NamedEvent) string { return bold(one.Name) + " (" + quote(reference(one.Key)) + ")" })
	return "Commanded from this room: " + inline(names, ", ") + ". `!control <event>` adds another event, `!control off <event>` ends one." + more
}

// Audience is who may read in a room besides those who run the event.
type Audience string

// The audiences there are.
const (
	Nobody    Audience = "nobody else"
	Attendees Audience = "attendees" // tickets open it
	Anybody   Audience = "anybody"   // it may be read or entered unasked
)

// ControlOn says what a control room is for, and which room is no good one.
func ControlOn(known database.Event, audience Audience, prefix string) string {
	text := "✅ " + bold(known.Name) + " can be commanded from this room."
	if audience == Attendees {
		return text + " But tickets open this room as well, so attendees may be in it: I show figures and report in private. A room of its own is better."
	}
	text += " Its admins speak for the event. I report here whom I cannot serve, and show figures and order codes."
	if audience == Anybody {
		text += "\n\n⚠️ Anybody can enter or read this room, and with it all of that. Please make it one that people are invited into (*Room settings → Security & privacy*)."
	}
	return text + " `" + prefix + " help` lists what I can do."
}

// ControlAdded tells an event's control rooms of another one.
func ControlAdded(known database.Event, room id.RoomID, by id.UserID) string {
	return "ℹ️ " + homeserver.UserLink(by) + " made " + homeserver.RoomLink(room, "another room") + " a control room of " + bold(known.Name) +
		": its admins speak for the event now, too. `!control off <event> <room>` ends that, also from here."
}

// NotControl answers a `!control off` for a room that is none.
func NotControl(key database.EventKey) string {
	return "That is no control room of " + eventName(key) + ". `!status` lists them, and `!control off <event> <room>` ends one from elsewhere."
}

// ControlOff says in the room, and to who asked, that it is none any more.
func ControlOff(known database.Event, room id.RoomID) string {
	return homeserver.RoomLink(room, "This room") + " is no longer a control room of " + bold(known.Name) + "."
}

// ControlEnded tells an event's control rooms that one of them is none any more.
func ControlEnded(known database.Event, room id.RoomID, by id.UserID) string {
	return "ℹ️ " + homeserver.UserLink(by) + " ended that " + homeserver.RoomLink(room, "another room") + " is a control room of " + bold(known.Name) + "."
}
