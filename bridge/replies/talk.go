package replies

import (
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
)

// Undecryptable answers a message that could not be read, in words that somebody on a phone understands.
const Undecryptable = "I could not decrypt that message: your app has not given me its key. Please send it once more; if that does not help, tell me in an unencrypted room."

// NoDirect asks somebody to open a talk with the bridge bot where it could not make one.
func NoDirect(bot id.UserID) string {
	return "I have something to tell you in private, but could not open a talk. Please start one with " + homeserver.UserLink(bot) + " and try again there."
}

// Late answers a command that is too old to be done, by its name.
func Late(name string) string {
	return "I was away and received your `!" + name + "` only now. It is old, so I have not done it. If you still want it, send it again."
}

// Cancelled takes a `cancel`.
const Cancelled = "All right, nothing was done."

// NothingAsked takes one where nothing waits for an answer.
const NothingAsked = "I wait for nothing, so there is nothing to cancel. `!help` lists what I can do."

// PlainWords answers what is no command, to whoever it may be who says it in private.
const PlainWords = "I understand commands only: if you run an event, `!help` lists them; if you have a ticket, put your Matrix ID into your order at the " +
	"shop, and the invitation comes by itself."

// What is said to somebody who was asked something and says something else.
const (
	ExpectsYes    = "I have asked something and wait for `yes` or `no`. `cancel` ends that."
	ExpectsNumber = "I have asked something and wait for a number out of the list. `cancel` ends that."
)

// UnknownRoom answers an alias that leads nowhere.
const UnknownRoom = "I do not find that room. Is the alias spelled right? A room's link or its ID, which begins with `!`, works too."
