package replies

import (
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// NamedEvent is an event that the words of a command may mean.
type NamedEvent struct {
	Key  database.EventKey
	Name string
}

// NameTheEvent asks for the event where none can be meant.
const NameTheEvent = "Which event? Name it by its shop's address, `organizer/event` or its short name."

// WhichEvent asks which of several events is meant.
func WhichEvent(found []NamedEvent) string {
	return "Which event? Answer with a number, or name it by its shop's address.\n" +
		enumerated(lines(found, func(one NamedEvent) string { return quote(one.Name) + " (" + quote(one.Key.String()) + ")" }))
}

// UnknownEvent says that no event was found, and to somebody without a login of their own why.
func UnknownEvent(text string, connected bool, bot id.UserID) string {
	if !connected {
		return "To speak for an event you need a Pretix account that sees it, and you have connected none. Say `!authorize` here or to " + homeserver.UserLink(bot) +
			", or ask whoever sells its tickets."
	}
	return "None of your connected Pretix accounts sees an event " + bold(text) + ". `!logins` lists them. Is the address right, and may the account's team view its orders?"
}
