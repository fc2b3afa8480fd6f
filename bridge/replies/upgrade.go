package replies

import (
	"fmt"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// Replaced tells those who command an event that a room of it was replaced or closed, and what to do now.
func Replaced(known database.Event, room, successor id.RoomID) string {
	if successor == "" {
		return "⚠️ " + homeserver.RoomLink(room, "A room") + " of " + bold(known.Name) + " was closed. Nobody is invited there any more. `!setroom` links another."
	}
	return "⚠️ " + homeserver.RoomLink(room, "A room") + " of " + bold(known.Name) + " was replaced by " + homeserver.RoomLink(successor, "another") +
		". Please invite " + homeserver.UserLink(known.Bot) + " there within seven days and give it the role that may invite: then I go on in the new room by myself."
}

// Followed says that the link has moved to the new room.
func Followed(known database.Event, link database.Link) string {
	return "✅ " + bold(known.Name) + ": tickets open " + homeserver.RoomLink(link.Successor, "the new room") + " now. Who was in the old one is not invited by this; `!batchinvite` does that."
}

// NotFollowed says why it has not.
func NotFollowed(known database.Event, link database.Link, follow authority.Follow) string {
	why := "it does not name the old room as the one that it replaces"
	if follow == authority.NotByAdmin {
		why = "it was not made by an admin of the old room"
	}
	return "⚠️ " + bold(known.Name) + ": I do not follow into " + homeserver.RoomLink(link.Successor, "the new room") + ", because " + why +
		". If it is right, link it with `!setroom`."
}

// FollowAwaitsRole says what the event's bot lacks in the new room.
func FollowAwaitsRole(known database.Event, link database.Link, needs int64) string {
	return fmt.Sprintf("⚠️ %s: %s is in %s, but needs the role %s there to invite. Then I go on in the new room by myself.",
		bold(known.Name), homeserver.UserLink(known.Bot), homeserver.RoomLink(link.Successor, "the new room"), authority.RoleLabel(needs))
}

// FollowOver says that the time in which a link follows its room is over, and what to do instead.
func FollowOver(known database.Event, link database.Link) string {
	return "⚠️ " + bold(known.Name) + ": the seven days are over in which I would have gone on in " + homeserver.RoomLink(link.Successor, "the new room") +
		" by myself. Link it with `!setroom`, and end the link of " + homeserver.RoomLink(link.Room, "the old one") + " with `!unsetroom`."
}

// ControlReplaced tells who made a room a control room that it was replaced or closed.
func ControlReplaced(room, successor id.RoomID, bot id.UserID) string {
	text := "⚠️ " + homeserver.RoomLink(room, "A control room") + " was replaced"
	if successor != "" {
		text += " by " + homeserver.RoomLink(successor, "another room")
	}
	return text + ". I report nothing there any more. Please invite " + homeserver.UserLink(bot) + " into the new one: if an admin of the old room made it, " +
		"I go on there by myself, else say `!control` there."
}

// ControlFollowed says in the new room that it is the control room now.
func ControlFollowed(controls []database.Control) string {
	events := lines(controls, func(control database.Control) string { return eventName(control.Event) })
	return "✅ This is the control room of " + inline(events, ", ") + " now, in place of the room that it replaces."
}
