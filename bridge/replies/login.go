package replies

import (
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/bridgev2"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// LoginStep asks for what a login needs next.
func LoginStep(step *bridgev2.LoginStep, instances []pretixconn.Instance) string {
	if step.StepID == pretixconn.StepInstance {
		names := lines(instances, func(instance pretixconn.Instance) string { return quote(instance.Title(instances)) })
		return "Which Pretix server is it? Answer with a number.\n" + enumerated(names)
	}
	return step.Instructions + ".\n\nYou make one in Pretix under *Organizer account → Teams → (a team) → API tokens*. The team needs *view orders* for the " +
		"events; with *change organizer settings* I register the webhook by myself, which makes invitations immediate. I delete your message as soon as " +
		"I have read it. `cancel` ends this."
}

// LoginRefused says why a step was not taken; the question is asked again below.
func LoginRefused(err error) string {
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
	if fault := faultOfPretix(err); fault != "" {
		return fault + "\n\n"
	}
	return "That did not work, and the reason is in my log. You can try again.\n\n"
}

// Connected says what a new login sees and what it lacks.
func Connected(login pretixconn.Login) string {
	var text strings.Builder
	fmt.Fprintf(&text, "✅ Connected to %s.", bold(login.Name))
	if len(login.Events) == 0 {
		text.WriteString(" It sees no event whose orders it may read: give its team *view orders* for your events.")
	} else {
		fmt.Fprintf(&text, " It sees %s:\n", count(len(login.Events), "event"))
		text.WriteString(listed(lines(login.Events, func(key database.EventKey) string { return quote(key.Organizer + "/" + key.Event) })))
	}
	for _, lacking := range login.Lacks {
		text.WriteString("\n\n" + permissionLacking(lacking))
	}
	if len(login.Events) > 0 {
		text.WriteString("\n\nNow invite me into a room of the event and say there `!setroom` with the event's address.")
	}
	return text.String()
}

// permissionLacking says what follows from a permission that Pretix does not grant.
func permissionLacking(permission string) string {
	switch permission {
	case api.PermissionOrders:
		return "⚠️ The team lacks *view orders*: without it I cannot see tickets."
	case api.PermissionWebhooks:
		return "ℹ️ The team lacks *change organizer settings*, so I cannot register the webhook: when you link a room, or say `!setroom` for a linked one again, I tell you " +
			"what to enter in Pretix."
	}
	return "ℹ️ The team lacks the permission `" + quote(permission) + "`."
}

// Logins lists somebody's own connections, with what is wrong with them.
func Logins(logins []pretixconn.Login) string {
	if len(logins) == 0 {
		return "You have connected no Pretix account. `!authorize` connects one."
	}
	return "Your Pretix accounts:\n" + enumerated(lines(logins, loginLine)) + "\n\n`!logout <number>` forgets one."
}

// loginLine describes one so that its owner knows it from another of the same organizer.
func loginLine(login pretixconn.Login) string {
	text := bold(login.Name) + ", " + count(len(login.Events), "event")
	if !login.Connected.IsZero() {
		text += ", connected " + login.Connected.Format("2006-01-02 15:04") + " UTC"
	}
	for _, lacking := range login.Lacks {
		text += ", " + mayNot(lacking)
	}
	if !login.Live {
		text += " – ⚠️ " + deadReason(login.DeadReason)
	}
	return text
}

// mayNot says in a few words what a permission that Pretix does not grant is for.
func mayNot(permission string) string {
	switch permission {
	case api.PermissionOrders:
		return "may not view orders"
	case api.PermissionWebhooks:
		return "may not register webhooks"
	}
	return "lacks the permission " + quote(permission)
}

func deadReason(reason string) string {
	switch reason {
	case pretixconn.DeadRefused:
		return "Pretix no longer accepts it; `!authorize` connects it anew"
	case pretixconn.DeadNoInstance:
		return "its server is no longer in my configuration"
	case pretixconn.DeadUnreadable:
		return "I have lost the key to its token; `!authorize` connects it anew"
	}
	return "it can no longer be used; `!authorize` connects it anew"
}

// WhichLogin asks which of them is meant.
func WhichLogin(logins []pretixconn.Login) string {
	if len(logins) == 0 {
		return Logins(logins)
	}
	return "Which one? " + Logins(logins)
}

// LoggedOut says for what the person no longer vouches and what is left to do in Pretix. Whether somebody else still does is theirs to tell.
func LoggedOut(left pretixconn.LoggedOut) string {
	text := "Forgotten: " + bold(left.Login.Name) + "."
	if len(left.Given) > 0 {
		text += " You no longer vouch for these events. They stop unless another connection serves them:\n" + listed(lines(left.Given, eventName))
	}
	for _, organizer := range left.Webhooks {
		text += "\n\nPlease delete my webhook of " + bold(organizer.Organizer) + " in Pretix under *Organizer account → Webhooks*: I could not."
	}
	return text + "\n\nYou may delete the API token in Pretix now."
}

// LoginDied tells the owner of a login why it is of no use any more.
func LoginDied(login pretixconn.Login, reason string) string {
	text := "⚠️ Pretix no longer accepts your connection to " + bold(login.Name) + ": the token was deleted, or its team lost access."
	if reason == pretixconn.DeadUnreadable {
		text = "⚠️ I can no longer use your connection to " + bold(login.Name) + ": on this server the key was lost under which I keep its token."
	}
	return text + " Connect it anew with `!authorize`; then everything goes on by itself, and nothing is lost."
}

// NoLogin tells those who command an event that nobody's login sees it any more.
func NoLogin(known database.Event) string {
	return "⚠️ " + bold(known.Name) + ": no connected Pretix account sees it any more, so nobody is invited. `!authorize` connects one; then everything goes on, and nothing is lost."
}
