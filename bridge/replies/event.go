package replies

import (
	"slices"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// NamedEvent is an event that the words of a command may mean.
type NamedEvent struct {
	Key  database.EventKey
	Name string
}

// NameTheEvent asks for the event where none can be meant.
const NameTheEvent = "Which event? Name it by its shop's address, `organizer/event` or its short name."

// EventFirst says in which order a command takes event and room, to somebody who has named the room alone.
func EventFirst(command string) string {
	return "The event comes first, and then the room: `!" + command + " <event> <room>`. The event is its shop's address, `organizer/event` or its short name."
}

// WhichEvent asks which of several events is meant.
func WhichEvent(found []NamedEvent) string {
	return "Which event? Answer with a number, or name it by its shop's address.\n" +
		enumerated(lines(found, func(one NamedEvent) string { return quote(one.Name) + " (" + quote(one.Key.String()) + ")" }))
}

// UnknownEvent says that no event was found, and to somebody without a login of their own that can be used why.
func UnknownEvent(text string, logins []pretixconn.Login, bot id.UserID) string {
	dead := func(login pretixconn.Login) bool { return !login.Live }
	switch live := slices.DeleteFunc(slices.Clone(logins), dead); {
	case len(logins) == 0:
		return "To speak for an event you need a Pretix account that sees it, and you have connected none. Say `!authorize` here or to " + homeserver.UserLink(bot) +
			", or ask whoever sells its tickets."
	case len(live) == 0:
		return "I cannot look for an event " + bold(text) + ": no Pretix account that you have connected can be used any more. `!authorize` connects one anew, and " +
			"`!logins` says what is wrong."
	case len(live) < len(logins):
		return "No Pretix account of yours sees an event " + bold(text) + ", and not all that you have connected can be used any more: `!logins` says what is wrong."
	}
	return "None of your connected Pretix accounts sees an event " + bold(text) + ". `!logins` lists them. Is the address right, and may the account's team view its orders?"
}
