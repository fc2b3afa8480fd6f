package servers

import (
	"time"

	"matrix-pretix/bridge/inviter/judge"
)

// failuresToRest is how often in a row a server may give no answer before it is left alone for a while.
const failuresToRest = 3

// health is what one homeserver's answers to one kind of question say about it: to look-ups, or to invites. It is a plain value: whoever
// holds it guards it.
type health struct {
	failures   int       // in a row
	rests      int       // in a row: how often it was left alone without an answer since
	restsUntil time.Time // zero or past: may be asked
	mean       time.Duration
}

// failed notes a question without an answer. The answers to those that were asked before the server was left alone say nothing new.
func (h *health) failed(now time.Time) {
	if now.Before(h.restsUntil) {
		return
	}
	h.failures++
	if h.failures < failuresToRest && h.rests == 0 {
		return
	}
	h.rest(now)
}

// rest leaves the server alone for a while, longer each time.
func (h *health) rest(now time.Time) {
	if now.Before(h.restsUntil) {
		return
	}
	h.restsUntil = now.Add(judge.ServerWait(h.rests))
	h.rests++
	h.failures = 0
}

// answered notes an answer, whatever it said: the server is there, and all that was held against it is forgotten.
func (h *health) answered(took time.Duration) {
	h.failures, h.rests, h.restsUntil = 0, 0, time.Time{}
	if h.mean == 0 {
		h.mean = took
		return
	}
	h.mean += (took - h.mean) / 4
}

// resting says until when the server is left alone, zero if it may be asked.
func (h *health) resting(now time.Time) time.Time {
	if now.Before(h.restsUntil) {
		return h.restsUntil
	}
	return time.Time{}
}

// onTrial says that the server has been left alone and has not answered since: one question tells whether it is back.
func (h *health) onTrial() bool { return h.rests > 0 }

// forgettable says that nobody suffers when nothing is known of this server any more.
func (h *health) forgettable(now time.Time) bool {
	return h.rests == 0 || now.After(h.restsUntil.Add(time.Hour))
}
