package bridge

import (
	"fmt"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// sayUnlinked says what was ended, and offers to take back what was not answered.
func sayUnlinked(u unlinked) string {
	text := "Unlinked: tickets of " + bold(u.Event.Name) + " no longer open the room."
	if u.Queued > 0 {
		text += " " + verb(u.Queued, "invitation that was waiting is", "invitations that were waiting are") + " not sent."
	}
	if u.Stays {
		text += " The event's bot leaves it."
	} else {
		text += " The event's bot leaves it, and so do I: before you say `!setroom` there again, invite " + homeserver.UserLink(u.Bridge) + "."
	}
	if u.Manual {
		text += " Please delete my webhook in Pretix under *Organizer account → Webhooks*: I could not."
	}
	if u.Unanswered > 0 {
		text += fmt.Sprintf("\n\n%s not answered yet. Shall I take them back? Answer `yes`, or `no` to let them stand.",
			verb(u.Unanswered, "invitation is", "invitations are"))
	}
	return text
}

func sayMayNotWithdraw(decision authority.Decision) string {
	return sayRefused(decision) + "\n\nSo the invitations stand."
}

func sayBotMayNotWithdraw(bot id.UserID, needs int64) string {
	return homeserver.UserLink(bot) + " may not take invitations back there. Give it the role " + authority.RoleLabel(needs) +
		" in the room's settings. Answer `yes` again when that is done, or `no` to let them stand."
}

// sayWithdrawLater says that the homeserver did not do all of it this time.
func sayWithdrawLater(withdrawn int) string {
	text := "The Matrix server does not answer me about that room at the moment. Answer `yes` again in a few minutes, or `no` to let the invitations stand."
	if withdrawn > 0 {
		return sayWithdrawn(withdrawn) + " " + text
	}
	return text
}

func sayWithdrawn(n int) string {
	return verb(n, "invitation was", "invitations were") + " taken back."
}

func sayControlUsage(prefix string) string {
	return "Which event? `!control <event>` makes this a room from which it is commanded, `!control off` ends that. `" + prefix + " help control` says more."
}

func sayControlOn(known database.Event, alsoLinked bool, prefix string) string {
	text := "✅ " + bold(known.Name) + " can be commanded from this room. Its admins speak for the event. I report here whom I cannot serve, and show figures and order codes."
	if alsoLinked {
		return "✅ " + bold(known.Name) + " can be commanded from this room. But tickets open this room as well, so attendees may be in it: I show figures and report in private. " +
			"A room of its own is better."
	}
	return text + " `" + prefix + " help` lists what I can do."
}

// sayControlAdded tells an event's control rooms of another one.
func sayControlAdded(known database.Event, room id.RoomID, by id.UserID) string {
	return "ℹ️ " + homeserver.UserLink(by) + " made " + homeserver.RoomLink(room, "another room") + " a control room of " + bold(known.Name) +
		": its admins speak for the event now, too. `!control off <event> <room>` ends that, also from here."
}

func sayNotControl(key database.EventKey) string {
	return "That is no control room of " + eventName(key) + ". `!status` lists them, and `!control off <event> <room>` ends one from elsewhere."
}

func sayControlOff(known database.Event, room id.RoomID) string {
	return homeserver.RoomLink(room, "This room") + " is no longer a control room of " + bold(known.Name) + "."
}

// sayControlEnded tells an event's control rooms that one of them is none any more.
func sayControlEnded(known database.Event, room id.RoomID, by id.UserID) string {
	return "ℹ️ " + homeserver.UserLink(by) + " ended that " + homeserver.RoomLink(room, "another room") + " is a control room of " + bold(known.Name) + "."
}

// What is told to whoever invites an event's bot in vain.

func sayTalkToBridge(bridge id.UserID) string {
	return "Please talk to " + bridge.String() + ", not to me."
}

func sayBridgeFirst(bridge id.UserID) string {
	return "I was put out of this room once. Please invite " + bridge.String() + " first, and then me: it has to see that an admin of the room invites me."
}

func sayByAdminOnly(needs int64) string {
	return "I was put out of this room once. I come back if somebody invites me who has the role " + authority.RoleLabel(needs) + " here."
}

func sayReplaced(known database.Event, room, successor id.RoomID) string {
	if successor == "" {
		return "⚠️ " + homeserver.RoomLink(room, "A room") + " of " + bold(known.Name) + " was closed. Nobody is invited there any more. `!setroom` links another."
	}
	return "⚠️ " + homeserver.RoomLink(room, "A room") + " of " + bold(known.Name) + " was replaced by " + homeserver.RoomLink(successor, "another") +
		". Please invite " + homeserver.UserLink(known.Bot) + " there within seven days and give it the role that may invite: then I go on in the new room by myself."
}

func sayControlReplaced(room, successor id.RoomID, bot id.UserID) string {
	text := "⚠️ " + homeserver.RoomLink(room, "A control room") + " was replaced"
	if successor != "" {
		text += " by " + homeserver.RoomLink(successor, "another room")
	}
	return text + ". I report nothing there any more. Please invite " + homeserver.UserLink(bot) + " into the new one: if an admin of the old room made it, " +
		"I go on there by myself, else say `!control` there."
}

func sayControlFollowed(controls []database.Control) string {
	events := lines(controls, func(control database.Control) string { return eventName(control.Event) })
	return "✅ This is the control room of " + inline(events, ", ") + " now, in place of the room that it replaces."
}

func sayFollowed(known database.Event, link database.Link) string {
	return "✅ " + bold(known.Name) + ": tickets open " + homeserver.RoomLink(link.Successor, "the new room") + " now. Who was in the old one is not invited by this; `!batchinvite` does that."
}

func sayNotFollowed(known database.Event, link database.Link, follow authority.Follow) string {
	why := "it does not name the old room as the one that it replaces"
	if follow == authority.NotByAdmin {
		why = "it was not made by an admin of the old room"
	}
	return "⚠️ " + bold(known.Name) + ": I do not follow into " + homeserver.RoomLink(link.Successor, "the new room") + ", because " + why +
		". If it is right, link it with `!setroom`."
}

func sayFollowAwaitsRole(known database.Event, link database.Link, needs int64) string {
	return fmt.Sprintf("⚠️ %s: %s is in %s, but needs the role %s there to invite. Then I go on in the new room by myself.",
		bold(known.Name), homeserver.UserLink(known.Bot), homeserver.RoomLink(link.Successor, "the new room"), authority.RoleLabel(needs))
}

// sayFollowOver says that the time in which a link follows its room is over, and what to do instead.
func sayFollowOver(known database.Event, link database.Link) string {
	return "⚠️ " + bold(known.Name) + ": the seven days are over in which I would have gone on in " + homeserver.RoomLink(link.Successor, "the new room") +
		" by myself. Link it with `!setroom`, and end the link of " + homeserver.RoomLink(link.Room, "the old one") + " with `!unsetroom`."
}
