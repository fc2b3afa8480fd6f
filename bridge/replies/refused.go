package replies

import (
	"fmt"
	"strings"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
)

// Refused says what is missing and who can give it.
func Refused(decision authority.Decision) string {
	parts := make([]string, 0, len(decision.Missing))
	for _, missing := range decision.Missing {
		parts = append(parts, Missing(missing))
	}
	switch {
	case len(parts) == 0:
		return "You may not do that here."
	case len(parts) == 1:
		return parts[0]
	case decision.Either:
		return "Something is missing. Either of these would do:\n" + listed(parts)
	}
	return "These are missing:\n" + listed(parts)
}

// Missing says one thing that is missing, with who can give it. The answer may be read in another room than the one that it is about.
func Missing(m authority.Missing) string {
	room := homeserver.RoomLink(m.Room, "that room")
	switch m.Kind {
	case authority.Permission:
		return "This bridge takes no commands from your account. Whoever runs this Matrix server can allow it in the bridge's configuration."
	case authority.EventAdmin:
		return "You have not shown that you speak for " + eventName(m.Event) + ". Connect a Pretix account that sees it with `!authorize`" + giversElse(m) + "."
	case authority.EventModerator:
		return "You have not shown that you help with " + eventName(m.Event) + ". Connect a Pretix account that sees it with `!authorize`" + giversElse(m) + "."
	case authority.EventUnproven:
		return "Pretix does not answer at the moment, so I cannot see whether you still speak for " + eventName(m.Event) + ". Please try again in a few minutes."
	case authority.RoomAdmin, authority.RoomModerator:
		return fmt.Sprintf("You need the role %s in %s for that. ", authority.RoleLabel(m.Needs), room) + whoCan(m, "give it to you")
	case authority.NotInRoom:
		return "You are not in " + room + ". " + whoCan(m, "invite you")
	case authority.RoomUnreadable:
		return unreadable(m)
	case authority.RoomUpgraded:
		return homeserver.RoomLink(m.Room, "That room") + " was replaced by another. Please do this in the new one."
	case authority.NotLinked:
		return homeserver.RoomLink(m.Room, "That room") + " is not linked to " + eventName(m.Event) + ". `!setroom` links it, by somebody who speaks for the event and is an admin of the room. " +
			whoCan(m, "give you that role")
	case authority.Suspended:
		return "Inviting into " + room + " is suspended. `!status` says why."
	case authority.SenderInvite:
		return fmt.Sprintf("You could not invite people into %s yourself (that takes the role %s), so I do not do it for you. ",
			room, authority.RoleLabel(m.Needs)) + whoCan(m, "give it to you")
	case authority.SenderKick:
		return fmt.Sprintf("You could not take invitations back in %s yourself (that takes the role %s). ", room, authority.RoleLabel(m.Needs)) +
			whoCan(m, "give it to you")
	case authority.BotNotInRoom:
		return eventBot(m.Bot) + " is not in " + room + ". " + whoCan(m, "invite it")
	case authority.BotInvite, authority.BotKick:
		return fmt.Sprintf("%s lacks the role %s in %s. ", eventBot(m.Bot), authority.RoleLabel(m.Needs), room) + whoCan(m, "give it that role")
	case authority.OwnLogin:
		return "You have no such connection. `!logins` lists yours."
	}
	return "Nobody may do that."
}

func unreadable(m authority.Missing) string {
	if m.Why == authority.NotRead {
		return "I cannot see " + homeserver.RoomLink(m.Room, "that room") + ", so I do not know what you may do there. Please invite me there and try again."
	}
	return "I cannot read from " + homeserver.RoomLink(m.Room, "that room") + " who may do what there, so I do nothing in it. An admin can set the roles anew in the room's settings."
}

// eventBot names an event's bot so that it can be tapped, to invite it or to give it a role.
func eventBot(bot id.UserID) string {
	if bot == "" {
		return "The event's bot"
	}
	return "The event's bot " + homeserver.UserLink(bot)
}

// giversElse names the other way to the same proof: an admin of a control room.
func giversElse(m authority.Missing) string {
	for _, giver := range m.Givers {
		if giver.Kind == authority.ControlAdmin || giver.Kind == authority.ControlModerator {
			if names := userLinks(giver.People); names != "" {
				return ", or ask " + names
			}
			return ", or ask somebody who manages its control room"
		}
	}
	return ""
}

// whoCan names who can give what is missing in a room: by name if the asker may know them, else by their role.
func whoCan(m authority.Missing, give string) string {
	who := "An admin"
	for _, giver := range m.Givers {
		if names := userLinks(giver.People); names != "" {
			return "You can ask " + names + "."
		}
		if giver.Kind == authority.Moderator {
			who = "A moderator"
		}
	}
	return who + " of that room can " + give + "."
}

func userLinks(users []id.UserID) string {
	names := make([]string, 0, 3)
	for _, user := range users[:min(len(users), 3)] {
		names = append(names, homeserver.UserLink(user))
	}
	return strings.Join(names, " or ")
}
