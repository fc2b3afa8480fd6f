package bridge

import (
	"fmt"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// sayReason says why somebody waits, has gone or cannot be invited.
func sayReason(reason database.Reason) string {
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
		return "this server or theirs refused the invitation"
	case database.ReasonIncompatible:
		return "their server is too old for this room"
	case database.ReasonOurs:
		return "names one of my own bots"
	}
	return "the invitation was refused"
}

// sayProblem says why a ticket names nobody, with the remedy.
func sayProblem(problem string) string {
	switch pretixconn.Problem(problem) {
	case pretixconn.ProblemMissing:
		return "no Matrix ID was given; it can be added to the order"
	case pretixconn.ProblemEmail:
		return "an e-mail address was given instead of a Matrix ID; it can be mended in the order"
	case pretixconn.ProblemNoServer:
		return "a name without a server was given; mend it in the order, or set the server of bare names with `!set server`"
	}
	return "what was typed is no Matrix ID; it can be mended in the order"
}

// sayFailure is one line of a report: order code, product, reason, remedy. It never says who it is.
func sayFailure(failure failureText, now time.Time) string {
	reason := sayReason(failure.Reason)
	if failure.Problem != "" {
		reason = sayProblem(failure.Problem)
	}
	if !failure.WaitUntil.IsZero() && failure.WaitUntil.After(now) {
		reason += " (next in " + roughly(failure.WaitUntil.Sub(now)) + ")"
	}
	return fmt.Sprintf("`%s` %s: %s", failure.Code, quote(failure.Product), reason)
}

// sayReport lists who cannot be served; more follow in later reports.
func sayReport(known database.Event, failures []failureText, more int, now time.Time) string {
	text := fmt.Sprintf("⚠️ %s: %s cannot be invited for now.\n", bold(known.Name), count(len(failures)+more, "ticket")) +
		listed(lines(failures, func(failure failureText) string { return sayFailure(failure, now) }))
	if more > 0 {
		text += fmt.Sprintf("\n- %d more follow", more)
	}
	return text + "\n\nWhen it is mended in Pretix, they are invited by themselves."
}
