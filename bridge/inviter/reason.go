package inviter

import (
	"fmt"
	"strings"
	"unicode"
)

// longestName is how much of an event's name is told to those who are invited.
const longestName = 120

// inviteReason is what somebody reads who is invited. It names the event and nothing that belongs to the order: a room's members can
// read it too.
func inviteReason(eventName string) string {
	name := plainLine(eventName)
	if name == "" {
		return "You hold a ticket that opens this room."
	}
	return fmt.Sprintf("You hold a ticket for %s, which opens this room.", name)
}

// plainLine makes a text that strangers wrote one line that cannot change how the words around it look.
func plainLine(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar:
			return -1
		default:
			return r
		}
	}, text)
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > longestName {
		runes = append(runes[:longestName-1], '…')
	}
	return string(runes)
}
