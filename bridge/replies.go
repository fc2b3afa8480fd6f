package bridge

import (
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter"
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
	if fault := sayFaultOfPretix(err); fault != "" {
		return fault
	}
	switch {
	case errors.Is(err, pretixconn.ErrNoLogin):
		return "I cannot look that up: no connected Pretix account sees this event now. Connect one with `!authorize`."
	case errors.Is(err, inviter.ErrQuestionGone):
		return "Pretix no longer has the question that asks for the Matrix ID. `!set question <number>` chooses another one."
	case errors.Is(err, api.ErrForbidden):
		return "Pretix refuses that: the connected account's team lacks a permission. It needs *view orders* for this event."
	case errors.Is(err, homeserver.ErrUnavailable):
		return "The Matrix server does not answer at the moment. Please try again in a few minutes."
	}
	return "Something went wrong on my side, and it is in the log. Please try again; if it happens again, tell whoever runs this server."
}

// sayFaultOfPretix says what is wrong with Pretix itself and who can mend it, empty where nothing is.
func sayFaultOfPretix(err error) string {
	switch {
	case errors.Is(err, api.ErrLimited):
		wait := "a moment"
		if failed, ok := errors.AsType[*api.Error](err); ok && failed.RetryAfter > 0 {
			wait = "about " + roughly(failed.RetryAfter)
		}
		return "Pretix asks me to wait " + wait + " before I ask again. Please try again then."
	case errors.Is(err, api.ErrRedirected):
		return "The address of Pretix that I know leads to another server, to which I give no token. Whoever runs this bridge must mend the address in its configuration."
	case errors.Is(err, api.ErrUnknownServer):
		return "I cannot find the Pretix server: its name is not known. Whoever runs this bridge must look at the address in its configuration, or at its DNS."
	case errors.Is(err, api.ErrUntrusted):
		return "I do not trust the certificate of the Pretix server, so I ask it nothing. Whoever runs that server must renew it."
	case errors.Is(err, api.ErrUnavailable):
		return "Pretix does not answer at the moment. Please try again in a few minutes."
	}
	return ""
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

// count says a number of things: "1 ticket", "5 tickets".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
