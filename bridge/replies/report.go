package replies

import (
	"fmt"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// Failure is somebody who cannot be served, with the product in words.
type Failure struct {
	database.Failure
	Product string
}

// Report lists who cannot be served; more follow in later reports.
func Report(known database.Event, failures []Failure, more int, now time.Time) string {
	text := fmt.Sprintf("⚠️ %s: %s cannot be invited for now.\n", bold(known.Name), count(len(failures)+more, "ticket")) +
		listed(lines(failures, func(failure Failure) string { return failureLine(failure, now) }))
	if more > 0 {
		text += fmt.Sprintf("\n- %d more follow", more)
	}
	return text + "\n\nWhen it is mended in Pretix, they are invited by themselves."
}

// failureLine is one line of a report: order code, product, reason, remedy. It never says who it is.
func failureLine(failure Failure, now time.Time) string {
	reason := becauseOf(failure.Reason)
	if failure.Problem != "" {
		reason = ticketProblem(failure.Problem)
	}
	if !failure.WaitUntil.IsZero() && failure.WaitUntil.After(now) {
		reason += " (next in " + roughly(failure.WaitUntil.Sub(now)) + ")"
	}
	return fmt.Sprintf("`%s` %s: %s", failure.Code, quote(failure.Product), reason)
}

// becauseOf says why somebody waits, has gone or cannot be invited.
func becauseOf(reason database.Reason) string {
	switch reason {
	case database.ReasonLimited, database.ReasonHomeserver:
		return "waiting: this server is busy, it goes on by itself"
	case database.ReasonUnreachable:
		return "their server does not answer; tried again by itself"
	case database.ReasonNotFound:
		return "nobody of that name is known at their server; a typo can be mended in the order, and I try again by myself"
	case database.ReasonLeft:
		return "left the room"
	case database.ReasonDeclined:
		return "declined"
	case database.ReasonKicked:
		return "was removed from the room"
	case database.ReasonBanned:
		return "is banned from the room"
	case database.ReasonWithdrawn:
		return "the invitation was taken back"
	case database.ReasonBlocked:
		return "accepts no invitations"
	case database.ReasonInvalid:
		return "what was typed is no Matrix ID; it can be mended in the order"
	case database.ReasonFederation:
		return "this server or theirs refused the invitation; a typo in the server's name can be mended in the order, and whoever runs this Matrix server " +
			"can say whether it talks to that one"
	case database.ReasonIncompatible:
		return "their server is too old for this room"
	case database.ReasonOurs:
		return "names one of my own bots"
	}
	return "the invitation was refused"
}

// ticketProblem says why a ticket names nobody, with the remedy.
func ticketProblem(problem string) string {
	switch pretixconn.Problem(problem) {
	case pretixconn.ProblemMissing:
		return "no Matrix ID was given; it can be added to the order"
	case pretixconn.ProblemEmail:
		return "an e-mail address was given instead of a Matrix ID; it can be mended in the order"
	case pretixconn.ProblemSeveral:
		return "more than one Matrix ID was given, and a ticket invites one person; it can be mended in the order"
	case pretixconn.ProblemNoServer:
		return "a name without a server was given; mend it in the order, or set the server of bare names with `!set server <name>`"
	}
	return "what was typed is no Matrix ID; it can be mended in the order"
}

// TestOrder says what the first order in test mode would have opened.
func TestOrder(known database.Event, test inviter.TestOrder) string {
	names := lines(test.Rooms, func(room id.RoomID) string { return homeserver.RoomLink(room, "room") })
	opens := "no linked room"
	if len(names) > 0 {
		opens = inline(names, ", ") + " to " + verb(test.WouldAsk, "person", "people")
	}
	text := "🧪 " + bold(known.Name) + ": I have seen the test order `" + test.Code + "`. For real it would open " + opens + ". In test mode nobody is invited."
	if test.Unnamed > 0 {
		text += " " + verb(test.Unnamed, "ticket names", "tickets name") + " no Matrix ID."
	}
	return text
}
