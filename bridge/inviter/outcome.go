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

// limited says that too much was asked at once.
func (a answer) limited() bool { return a.status == 429 || a.code == "M_LIMIT_EXCEEDED" }

// farSilent is our own homeserver's word that it cannot reach the other one. (The bare status is a proxy's, before our own.)
func (a answer) farSilent() bool { return a.status == 502 && a.code != "" }

// aftermath is all that decides what a refused invite means. The homeserver's sentences are not part of it: they change.
type aftermath struct {
	answer
	remote bool // the person's server is another one
	past   past

	// As read after the answer; memberships are empty where the read failed, too.
	person []event.Membership
	room   standing
}

// outcome is what an invite has come to, and what follows from it.
type outcome struct {
	verdict
	wait time.Duration // with InviteWaiting

	stop database.LinkReason // the room's own fault: it is stopped, and the invite stays as it is
	sent bool                // the invite itself was accepted now
}

// past is why the invite has waited until now, and how often.
type past struct {
	reason   database.Reason
	attempts int
}

func pastOf(invite database.Invite) past { return past{invite.Reason, invite.Attempts} }

// tries is how often it has waited for that reason: having waited for another one says nothing about this.
func (p past) tries(reason database.Reason) int {
	if p.reason != reason {
		return 0
	}
	return p.attempts
}

// later waits for something that may pass, longer each time.
func (p past) later(reason database.Reason, steps []time.Duration) outcome {
	return waitFor(reason, growing(steps, p.tries(reason)))
}

// limited waits as long as the homeserver asks for, and longer each time.
func (p past) limited(retryAfter time.Duration) outcome {
	o := p.later(database.ReasonLimited, limitWaits)
	o.wait = max(o.wait, retryAfter)
	return o
}

func waitFor(reason database.Reason, wait time.Duration) outcome {
	return outcome{verdict: verdict{database.InviteWaiting, reason}, wait: wait}
}

func failure(reason database.Reason) outcome {
	return outcome{verdict: verdict{database.InviteFailed, reason}}
}

// outcomeOf says what the answer to an invite means. What has been done all the same counts as done; then comes what is the room's
// fault, and last what is the person's. (Our own fault shows when the room is read, and stops everything before this is asked.)
func outcomeOf(a aftermath) outcome {
	if !a.refused {
		return outcome{verdict: verdict{state: database.InviteInvited}, sent: true}
	}
	if v, known := stands(a.person, true); known {
		return outcome{verdict: v}
	}
	if a.room.stop != "" {
		return outcome{stop: a.room.stop}
	}
	switch {
	case a.limited():
		return a.past.limited(a.retryAfter)
	case a.status == 0 || a.status >= 500:
		return unanswered(a)
	case a.status == 403:
		return forbidden(a)
	case a.status == 404:
		return a.past.later(database.ReasonNotFound, missingWaits)
	case a.status == 400 || a.status == 413:
		return rejected(a)
	default:
		return a.past.later(database.ReasonRefused, trialWaits)
	}
}

// unanswered is for a homeserver that gave no proper answer: theirs if ours says so, else ours.
func unanswered(a aftermath) outcome {
	if a.remote && a.farSilent() {
		return a.past.later(database.ReasonUnreachable, serverWaits)
	}
	return a.past.later(database.ReasonHomeserver, trialWaits)
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
	case "M_UNKNOWN":
		if !a.remote { // else it may be their server that says so, and no other server shall be able to stop a room
			return outcome{stop: database.LinkBlocked}
		}
	}
	return a.past.later(database.ReasonRefused, missingWaits)
}

// rejected is for a request that a homeserver takes for wrong. Only of our own one is it known what it means by that.
func rejected(a aftermath) outcome {
	switch {
	case a.code == "M_INCOMPATIBLE_ROOM_VERSION" || a.code == "M_UNSUPPORTED_ROOM_VERSION":
		return failure(database.ReasonIncompatible)
	case !a.remote && (a.code == "M_INVALID_PARAM" || a.status == 413):
		return failure(database.ReasonInvalid)
	default:
		return a.past.later(database.ReasonRefused, missingWaits)
	}
}
