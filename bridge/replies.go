package bridge

import (
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// What stands in replies*.go is all that a person ever reads of us: Markdown, made of plain values. Texts that somebody else wrote come in through
// quote, bold or code only.

const (
	sayCancelled      = "All right, nothing was done."
	sayDeaf           = "I could not decrypt that message: your app has not given me its key. Please send it once more; if that does not help, tell me in an unencrypted room."
	sayUnknownRoom    = "I do not find that room. Is the alias spelled right? A room's link or its ID, which begins with `!`, works too."
	sayInvitesStand   = "The unanswered invitations stand."
	sayNoServerName   = "That is not the name of a Matrix server. It looks like `example.org`: what stands behind the colon of its people's IDs."
	sayDeleteYourself = "⚠️ I may not delete your message with the token here. Please delete it yourself.\n\n"

	sayExpectsYes    = "I have asked something and wait for `yes` or `no`. `cancel` ends that."
	sayExpectsNumber = "I have asked something and wait for a number out of the list. `cancel` ends that."

	sayWhichEventUsage = "Which event? Name it by its shop's address, `organizer/event` or its short name."
)

// quote makes text of somebody else harmless and short enough. A token in it is not said again, wherever it was typed.
func quote(text string) string {
	if token := pretixconn.FindToken(text); token != "" {
		text = strings.ReplaceAll(text, token, "…")
	}
	return homeserver.Escape(text, 80)
}

func bold(text string) string { return "**" + quote(text) + "**" }

// sayFailed says that nothing came of a command and whether it is worth trying again.
func sayFailed(err error) string {
	switch {
	case errors.Is(err, pretixconn.ErrNoLogin):
		return "I cannot look that up: no connected Pretix account sees this event now. Connect one with `!authorize`."
	case errors.Is(err, inviter.ErrQuestionGone):
		return "Pretix no longer has the question that asks for the Matrix ID. `!set question <number>` chooses another one."
	case errors.Is(err, api.ErrForbidden):
		return "Pretix refuses that: the connected account's team lacks a permission. It needs *view orders* for this event."
	case errors.Is(err, api.ErrUnavailable):
		return "Pretix does not answer at the moment. Please try again in a few minutes."
	case errors.Is(err, homeserver.ErrUnavailable):
		return "The Matrix server does not answer at the moment. Please try again in a few minutes."
	}
	return "Something went wrong on my side, and it is in the log. Please try again; if it happens again, tell whoever runs this server."
}

// sayNoDirect asks somebody to open a talk with the bridge bot where it could not make one.
func sayNoDirect(bot id.UserID) string {
	return "I have something to tell you in private, but could not open a talk. Please start one with " + homeserver.UserLink(bot) + " and try again there."
}

// sayLate takes the name of a command of ours.
func sayLate(name string) string {
	return "I was away and received your `!" + name + "` only now. It is old, so I have not done it. If you still want it, send it again."
}

func sayUnknownCommand(name, nearest, prefix string) string {
	text := "I do not know " + bold(name) + "."
	if nearest != "" {
		text += fmt.Sprintf(" Do you mean `%s %s`?", prefix, nearest)
	}
	return text + fmt.Sprintf(" `%s help` lists what I can do.", prefix)
}

func sayWelcome(prefix string) string {
	return "Hello! I invite the holders of Pretix tickets into Matrix rooms. You run an event? Then begin with `!authorize`, which connects your Pretix " +
		"account. After that invite me into the event's room and say there `!setroom` with the address of your shop. `" + prefix + " help` lists everything."
}

func sayHelp(commands []command, prefix string) string {
	var text strings.Builder
	text.WriteString("I invite the holders of Pretix tickets into Matrix rooms.\n\n")
	for _, cmd := range commands {
		fmt.Fprintf(&text, "- `!%s` – %s\n", strings.TrimSpace(cmd.name+" "+cmd.usage), cmd.summary)
	}
	fmt.Fprintf(&text, "\nEach also as `%s …`. A room can be named by its link, so all of it works in private as well. `!help setroom` says more about one.", prefix)
	return text.String()
}

func sayHelpAbout(cmd command) string {
	text := fmt.Sprintf("`!%s` – %s", strings.TrimSpace(cmd.name+" "+cmd.usage), cmd.summary)
	if len(cmd.aliases) > 0 {
		text += " (also `!" + strings.Join(cmd.aliases, "`, `!") + "`)"
	}
	if cmd.detail != "" {
		text += "\n\n" + cmd.detail
	}
	for i, example := range cmd.example {
		if i == 0 {
			text += "\n"
		}
		text += "\n- `!" + example + "`"
	}
	return text
}

// sayRefused says what is missing and who can give it.
func sayRefused(decision authority.Decision) string {
	parts := make([]string, 0, len(decision.Missing))
	for _, missing := range decision.Missing {
		parts = append(parts, sayMissing(missing))
	}
	if len(parts) == 0 {
		return "You may not do that here."
	}
	if decision.Either && len(parts) > 1 {
		return "One of these is missing:\n\n- " + strings.Join(parts, "\n- ")
	}
	return strings.Join(parts, "\n\n")
}

// sayMissing says one thing that is missing, with who can give it.
func sayMissing(m authority.Missing) string {
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
		return fmt.Sprintf("You need the role %s in %s for that.%s", authority.RoleLabel(m.Needs), homeserver.RoomLink(m.Room, "this room"), people(m.Givers))
	case authority.NotInRoom:
		return "You are not in " + homeserver.RoomLink(m.Room, "that room") + "."
	case authority.RoomUnreadable:
		return sayUnreadable(m)
	case authority.RoomUpgraded:
		return homeserver.RoomLink(m.Room, "That room") + " was replaced by another. Please do this in the new one."
	case authority.NotLinked:
		return homeserver.RoomLink(m.Room, "That room") + " does not belong to " + eventName(m.Event) + "."
	case authority.Suspended:
		return "Inviting into " + homeserver.RoomLink(m.Room, "that room") + " is suspended. `!status` says why."
	case authority.SenderInvite:
		return fmt.Sprintf("You could not invite people into %s yourself (that takes the role %s), so I do not do it for you.%s",
			homeserver.RoomLink(m.Room, "that room"), authority.RoleLabel(m.Needs), people(m.Givers))
	case authority.SenderKick:
		return fmt.Sprintf("You could not take invitations back in %s yourself (that takes the role %s).%s",
			homeserver.RoomLink(m.Room, "that room"), authority.RoleLabel(m.Needs), people(m.Givers))
	case authority.BotNotInRoom:
		return "The event's bot is not in " + homeserver.RoomLink(m.Room, "that room") + "."
	case authority.BotInvite, authority.BotKick:
		return fmt.Sprintf("The event's bot lacks the role %s in %s.%s", authority.RoleLabel(m.Needs), homeserver.RoomLink(m.Room, "that room"), people(m.Givers))
	case authority.OwnLogin:
		return "You have no such connection. `!logins` lists yours."
	}
	return "Nobody may do that."
}

func sayUnreadable(m authority.Missing) string {
	if m.Why == authority.NotRead {
		return "I cannot see " + homeserver.RoomLink(m.Room, "that room") + ", so I do not know what you may do there. Please invite me there and try again."
	}
	return "I cannot read from " + homeserver.RoomLink(m.Room, "that room") + " who may do what there, so I do nothing in it. An admin can set the roles anew in the room's settings."
}

func eventName(key database.EventKey) string { return bold(key.Organizer + "/" + key.Event) }

// giversElse names the other way to the same proof: an admin of a control room.
func giversElse(m authority.Missing) string {
	for _, giver := range m.Givers {
		if giver.Kind == authority.ControlAdmin || giver.Kind == authority.ControlModerator {
			if names := links(giver.People); names != "" {
				return ", or ask " + names
			}
			return ", or ask somebody who manages its control room"
		}
	}
	return ""
}

// people names who can give what is missing, if the asker may know them.
func people(givers []authority.Giver) string {
	for _, giver := range givers {
		if names := links(giver.People); names != "" {
			return " You can ask " + names + "."
		}
	}
	return ""
}

func links(users []id.UserID) string {
	names := make([]string, 0, 3)
	for _, user := range users[:min(len(users), 3)] {
		names = append(names, homeserver.UserLink(user))
	}
	return strings.Join(names, " or ")
}

// count says a number of things: "1 ticket", "5 tickets".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
