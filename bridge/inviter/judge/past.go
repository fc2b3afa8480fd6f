package judge

import (
	"time"

	"matrix-pretix/database"
)

// Past is why the invite has waited until now, and how often.
type Past struct {
	Reason   database.Reason
	Attempts int
}

// PastOf is the past as it stands in the invite's row.
func PastOf(invite database.Invite) Past { return Past{invite.Reason, invite.Attempts} }

// tries is how often it has waited for that reason: having waited for another one says nothing about this.
func (p Past) tries(reason database.Reason) int {
	if p.Reason != reason {
		return 0
	}
	return p.Attempts
}

// later waits for something that may pass, longer each time.
func (p Past) later(reason database.Reason, steps []time.Duration) Outcome {
	return Wait(reason, growing(steps, p.tries(reason)))
}

// Limited waits as long as the homeserver asks for, and longer each time.
func (p Past) Limited(retryAfter time.Duration) Outcome {
	o := p.later(database.ReasonLimited, limitWaits)
	o.Wait = max(o.Wait, retryAfter)
	return o
}

// Unanswered is for our own homeserver's having given no proper answer.
func (p Past) Unanswered() Outcome { return p.later(database.ReasonHomeserver, trialWaits) }

// Unreachable is for the person's server's having given none.
func (p Past) Unreachable() Outcome { return p.later(database.ReasonUnreachable, serverWaits) }

// Unknown is for somebody whom their server does not know, or not yet: they are looked for more often on the days of what they bought
// a ticket for.
func (p Past) Unknown(now time.Time, event Days) Outcome {
	return Wait(database.ReasonNotFound, unknownPersonWait(p.tries(database.ReasonNotFound), now, event))
}
