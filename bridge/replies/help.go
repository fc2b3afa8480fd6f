package replies

import (
	"fmt"
	"strings"
)

// Welcome says in a new private talk what one can do here.
func Welcome(prefix string) string {
	return "Hello! I invite the holders of Pretix tickets into Matrix rooms. You run an event? Then begin with `!authorize`, which connects your Pretix " +
		"account. After that invite me into the event's room and say there `!setroom` with the address of your shop. `" + prefix + " help` lists everything.\n\n" +
		"You have a ticket? Then there is nothing to do here: put your Matrix ID into your order at the shop, and the invitation comes by itself."
}

// UnknownCommand answers a command that is none of ours, with the one that may have been meant.
func UnknownCommand(name, nearest, prefix string) string {
	text := "I do not know " + bold(name) + "."
	if nearest != "" {
		text += fmt.Sprintf(" Do you mean `%s %s`?", prefix, nearest)
	}
	return text + fmt.Sprintf(" `%s help` lists what I can do.", prefix)
}

// Help lists the commands.
func Help(prefix string) string {
	var text strings.Builder
	text.WriteString("I invite the holders of Pretix tickets into Matrix rooms.\n\n")
	for _, cmd := range Commands() {
		fmt.Fprintf(&text, "- `!%s` – %s\n", strings.TrimSpace(cmd.Name+" "+cmd.Usage), cmd.Summary)
	}
	fmt.Fprintf(&text, "\nEach also as `%s …`. A room can be named by its link, so all of it works in private as well. `!help setroom` says more about one.", prefix)
	return text.String()
}

// HelpAbout says more about one command.
func HelpAbout(cmd Command) string {
	text := fmt.Sprintf("`!%s` – %s", strings.TrimSpace(cmd.Name+" "+cmd.Usage), cmd.Summary)
	if len(cmd.Aliases) > 0 {
		text += " (also `!" + strings.Join(cmd.Aliases, "`, `!") + "`)"
	}
	if cmd.Detail != "" {
		text += "\n\n" + cmd.Detail
	}
	for i, example := range cmd.Examples {
		if i == 0 {
			text += "\n"
		}
		text += "\n- `!" + example + "`"
	}
	return text
}

// Version says which version is running.
func Version(version string) string { return "matrix-pretix " + version }
