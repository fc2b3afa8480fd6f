package judge

import (
	"time"

	"maunium.net/go/mautrix/event"

	"matrix-pretix/database"
)

// Aftermath is all that decides what a refused invite means. The homeserver's sentences are not part of it: they change.
type Aftermath struct {
	Answer
	Remote bool // the person's server is another one
	Past   Past

	// As read after the answer; memberships are empty where the read failed, too.
	Person []event.Membership
	Room   Standing
}

// Outcome is what an invite has come to, and what follows from it.
type Outcome struct {
	Verdict
	Wait time.Duration // with InviteWaiting

	Stop database.LinkReason // the room's own fault: it is stopped, and the invite stays as it is
	Sent bool                // the invite itself was accepted now
}

// Wait says that the invite waits so long.
func Wait(reason database.Reason, wait time.Duration) Outcome {
	return Outcome{Verdict: Verdict{database.InviteWaiting, reason}, Wait: wait}
}

// Failure says that the invite is not tried again.
func Failure(reason database.Reason) Outcome {
	return Outcome{Verdict: Verdict{database.InviteFailed, reason}}
}

// Invite says what the answer to an invite means. What has been done all the same counts as done; then comes what is the room's
// fault, and last what is the person's. (Our own fault shows when the room is read, and stops everything before this is asked.)
func Invite(a Aftermath) Outcome {
	if !a.Refused {
		return Outcome{Verdict: Verdict{State: database.InviteInvited}, Sent: true}
	}
	if v, known := Stands(a.Person, true); known {
		return Outcome{Verdict: v}
	}
	if a.Room.Stop != "" {
		return Outcome{Stop: a.Room.Stop}
	}
	switch {
	case a.Limited():
		return a.Past.Limited(a.RetryAfter)
	case a.Status == 0 || a.Status >= 500:
		return unanswered(a)
	case a.Status == 403:
		return forbidden(a)
	case a.Status == 404:
		return a.Past.later(database.ReasonNotFound, missingWaits)
	case a.Status == 400 || a.Status == 413:
		return rejected(a)
	default:
		return a.Past.later(database.ReasonRefused, trialWaits)
	}
}

// unanswered is for a homeserver that gave no proper answer: theirs if ours says so, else ours.
func unanswered(a Aftermath) Outcome {
	if a.Remote && a.FarSilent() {
		return a.Past.Unreachable()
	}
	return a.Past.Unanswered()
}

// forbidden is for a 403 that is not about the room's power or members: those were looked at.
func forbidden(a Aftermath) Outcome {
	switch a.Code {
	case "M_INVITE_BLOCKED":
		return Failure(database.ReasonBlocked)
	case "M_BAD_STATE":
		return Outcome{Verdict: Verdict{database.InviteGone, database.ReasonBanned}}
	case "M_FORBIDDEN":
		if a.Remote {
			return Failure(database.ReasonFederation)
		}
		return Failure(database.ReasonRefused)
	case "M_UNKNOWN":
		if !a.Remote { // else it may be their server that says so, and no other server shall be able to stop a room
			return Outcome{Stop: database.LinkBlocked}
		}
	}
	return a.Past.later(database.ReasonRefused, missingWaits)
}

// rejected is for a request that a homeserver takes for wrong. Only of our own one is it known what it means by that.
func rejected(a Aftermath) Outcome {
	switch {
	case a.Code == "M_INCOMPATIBLE_ROOM_VERSION" || a.Code == "M_UNSUPPORTED_ROOM_VERSION":
		return Failure(database.ReasonIncompatible)
	case !a.Remote && (a.Code == "M_INVALID_PARAM" || a.Status == 413):
		return Failure(database.ReasonInvalid)
	default:
		return a.Past.later(database.ReasonRefused, missingWaits)
	}
}
