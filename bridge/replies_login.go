package bridge

import (
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// sayLoginStep asks for what a login needs next.
func sayLoginStep(step *bridgev2.LoginStep, instances []pretixconn.Instance) string {
	if step.StepID == pretixconn.StepInstance {
		names := lines(instances, func(instance pretixconn.Instance) string { return quote(instance.Title(instances)) })
		return "Which Pretix server is it? Answer with a number.\n" + enumerated(names)
	}
	return step.Instructions + ".\n\nYou make one in Pretix under *Organizer account → Teams → (a team) → API tokens*. The team needs *view orders* for the " +
		"events; with *change organizer settings* I register the webhook by myself, which makes invitations immediate. I delete your message as soon as " +
		"I have read it. `cancel` ends this."
}

// sayTokenWaits goes before the question which server a token is for.
const sayTokenWaits = "I have your token and use it as soon as I know its server.\n\n"

// sayStrayToken answers a token that came in private without being asked for, and not alone or late.
func sayStrayToken(removed bool) string {
	text := "That looks like an API token of Pretix. I have not used it."
	if removed {
		text = "That looks like an API token of Pretix. I have deleted your message and not used it."
	}
	return "🔑 " + text + " To connect your account say `!authorize`, and send the token when I ask for it."
}

// sayLoginRefused says why a step was not taken; the question is asked again below.
func sayLoginRefused(err error) string {
	switch {
	case errors.Is(err, pretixconn.ErrUnknownInstance):
		return "That is none of the servers I know.\n\n"
	case errors.Is(err, pretixconn.ErrNotAToken):
		return "That does not look like an API token: it is a long row of letters and digits, without anything else.\n\n"
	case errors.Is(err, pretixconn.ErrSeesNothing):
		return "Pretix accepts the token, but it sees no organizer. Give its team access to your events and send it again.\n\n"
	case errors.Is(err, api.ErrUnauthorized):
		return "Pretix does not accept this token. Perhaps a part is missing, or it was deleted.\n\n"
	case errors.Is(err, api.ErrForbidden):
		return "Pretix knows the token, but its team may not see what I need. Give it *view orders* for your events and send it again.\n\n"
	}
	if fault := sayFaultOfPretix(err); fault != "" {
		return fault + "\n\n"
	}
	return "That did not work, and the reason is in my log. You can try again.\n\n"
}

// sayConnected says what a new login sees and what it lacks.
func sayConnected(login pretixconn.Login) string {
	var text strings.Builder
	fmt.Fprintf(&text, "✅ Connected to %s.", bold(login.Name))
	if len(login.Events) == 0 {
		text.WriteString(" It sees no event whose orders it may read: give its team *view orders* for your events.")
	} else {
		fmt.Fprintf(&text, " It sees %s:\n", count(len(login.Events), "event"))
		text.WriteString(listed(lines(login.Events, func(key database.EventKey) string { return quote(key.Organizer + "/" + key.Event) })))
	}
	for _, lacking := range login.Lacks {
		text.WriteString("\n\n" + sayLacking(lacking))
	}
	if len(login.Events) > 0 {
		text.WriteString("\n\nNow invite me into a room of the event and say there `!setroom` with the event's address.")
	}
	return text.String()
}

// sayLacking says what follows from a permission that Pretix does not grant.
func sayLacking(permission string) string {
	switch permission {
	case api.PermissionOrders:
		return "⚠️ The team lacks *view orders*: without it I cannot see tickets."
	case api.PermissionWebhooks:
		return "ℹ️ The team lacks *change organizer settings*, so I cannot register the webhook: when you link a room I tell you what to enter in Pretix."
	}
	return "ℹ️ The team lacks the permission `" + quote(permission) + "`."
}

func sayLogins(logins []pretixconn.Login) string {
	if len(logins) == 0 {
		return "You have connected no Pretix account. `!authorize` connects one."
	}
	return "Your Pretix accounts:\n" + enumerated(lines(logins, sayLogin)) + "\n\n`!logout <number>` forgets one."
}

func sayLogin(login pretixconn.Login) string {
	text := bold(login.Name) + ", " + count(len(login.Events), "event")
	if !login.Live {
		text += " – ⚠️ " + sayDeadReason(login.DeadReason)
	}
	return text
}

func sayDeadReason(reason string) string {
	switch reason {
	case pretixconn.DeadRefused:
		return "Pretix no longer accepts it; `!authorize` connects it anew"
	case pretixconn.DeadNoInstance:
		return "its server is no longer in my configuration"
	}
	return "it can no longer be used; `!authorize` connects it anew"
}

func sayWhichLogin(logins []pretixconn.Login) string {
	if len(logins) == 0 {
		return sayLogins(logins)
	}
	return "Which one? " + sayLogins(logins)
}

// sayLoggedOut says for what the person no longer vouches and what is left to do in Pretix. Whether somebody else still does is theirs to tell.
func sayLoggedOut(left pretixconn.LoggedOut) string {
	text := "Forgotten: " + bold(left.Login.Name) + "."
	if len(left.Given) > 0 {
		text += " You no longer vouch for these events. They stop unless another connection serves them:\n" + listed(lines(left.Given, eventName))
	}
	for _, organizer := range left.Webhooks {
		text += "\n\nPlease delete my webhook of " + bold(organizer.Organizer) + " in Pretix under *Organizer account → Webhooks*: I could not."
	}
	return text + "\n\nYou may delete the API token in Pretix now."
}

func sayLoginDied(login pretixconn.Login) string {
	return "⚠️ Pretix no longer accepts your connection to " + bold(login.Name) + ": the token was deleted, or its team lost access. Connect it anew with `!authorize`; " +
		"then everything goes on by itself, and nothing is lost."
}

// sayPerhapsBurnt is for a token of which it could not be seen who read it.
func sayPerhapsBurnt(removed bool) string {
	return "⚠️ " + sayRemoved(removed) + ". I have not used it, because I could not see just now whether others are in this room. If it is our private talk, " +
		"please say `!authorize` once more in a moment."
}

func sayRemoved(removed bool) string {
	if removed {
		return "I have deleted your message with the token"
	}
	return "Please delete your message with the token"
}

func sayBurnt(removed bool) string {
	return "🔥 " + sayRemoved(removed) + ", but others in this room may have read it: it is burnt. I have not used it. Please delete it in Pretix, make a new one, and send me that " +
		"in our private talk only, after `!authorize`."
}

func sayWhichEvent(found []meant) string {
	return "Which event? Answer with a number, or name it by its shop's address.\n" +
		enumerated(lines(found, func(one meant) string { return quote(one.Name) + " (" + quote(one.Key.String()) + ")" }))
}

func sayUnknownEvent(text string, connected bool, bot id.UserID) string {
	if !connected {
		return "To speak for an event you need a Pretix account that sees it, and you have connected none. Say `!authorize` here or to " + homeserver.UserLink(bot) +
			", or ask whoever sells its tickets."
	}
	return "None of your connected Pretix accounts sees an event " + bold(text) + ". `!logins` lists them. Is the address right, and may the account's team view its orders?"
}
