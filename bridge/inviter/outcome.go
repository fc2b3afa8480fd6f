package inviter

import (
	"time"

	"maunium.net/go/mautrix/event"

	"matrix-pretix/database"
)

// answer is what the homeserver said to an invite. The zero value is that it was sent.
type answer struct {
	refused    bool
	status     int // 0: none came
	code       string
	retryAfter time.Duration
}

// aftermath is all that decides what a refused invite means. The homeserver's sentences are not part of it: they change.
type aftermath struct {
	answer
	remote   bool // the person's server is another one
	attempts int  // before this one

	// As read after the answer; memberships are empty where the read failed, too.
	person []event.Membership
	room   standing
}

// outcome is what an invite has come to, and what follows from it.
type outcome struct {
	verdict
	wait time.Duration // with InviteWaiting

	stop   database.LinkReason // the room's own fault: it is stopped, and the invite stays as it is
	fault  bool                // our own fault: everything stops
	silent bool                // the person's server did not answer
}

// outcomeOf says what the answer to an invite means. What may have been done all the same counts as done; then comes what is our
// fault, what is the room's, and last what is the person's.
func outcomeOf(a aftermath) outcome {
	if !a.refused {
		return outcome{verdict: verdict{state: database.InviteInvited}}
	}
	if a.status == 401 || a.room.fault {
		return outcome{fault: true}
	}
	if v, known := stands(a.person, true); known {
		return outcome{verdict: v}
	}
	if a.room.stop != "" {
		return outcome{stop: a.room.stop}
	}
	switch {
	case a.status == 429 || a.code == "M_LIMIT_EXCEEDED":
		return later(database.ReasonLimited, max(a.retryAfter, growing(limitWaits, a.attempts)))
	case a.status == 0 || a.status >= 500:
		return unanswered(a)
	case a.status == 403:
		return forbidden(a)
	case a.status == 404:
		return later(database.ReasonNotFound, growing(missingWaits, a.attempts))
	case a.status == 400 || a.status == 413:
		return rejected(a)
	default:
		return later(database.ReasonRefused, growing(trialWaits, a.attempts))
	}
}

// unanswered is for a homeserver that gave no proper answer, here or, seen through ours, there.
func unanswered(a aftermath) outcome {
	if !a.remote {
		return later(database.ReasonHomeserver, growing(trialWaits, a.attempts))
	}
	o := later(database.ReasonUnreachable, growing(serverWaits, a.attempts))
	o.silent = true
	return o
}

// forbidden is for a 403 that is not about the room's power or members: those were looked at.
func forbidden(a aftermath) outcome {
	switch a.code {
	case "M_INVITE_BLOCKED":
		return failure(database.ReasonBlocked)
	case "M_BAD_STATE":
		return outcome{verdict: verdict{database.InviteGone, database.ReasonBanned}}
	case "M_FORBIDDEN":
		if a.remote {
			return failure(database.ReasonFederation)
		}
		return failure(database.ReasonRefused)
	}
	if a.remote {
		// It may be their server that says so, and no other server shall be able to stop a room.
		return later(database.ReasonRefused, growing(missingWaits, a.attempts))
	}
	return outcome{stop: database.LinkBlocked}
}

// rejected is for a request that the homeserver takes for wrong.
func rejected(a aftermath) outcome {
	switch a.code {
	case "M_INCOMPATIBLE_ROOM_VERSION", "M_UNSUPPORTED_ROOM_VERSION":
		return failure(database.ReasonIncompatible)
	default:
		return failure(database.ReasonInvalid)
	}
}

func later(reason database.Reason, wait time.Duration) outcome {
	return outcome{verdict: verdict{database.InviteWaiting, reason}, wait: wait}
}

func failure(reason database.Reason) outcome {
	return outcome{verdict: verdict{database.InviteFailed, reason}}
}
