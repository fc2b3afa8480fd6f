package replies

import (
	"fmt"
	"strings"
	"time"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/inviter"
)

// BatchProgress is how far a batch has come.
type BatchProgress struct {
	inviter.Progress
	Released  int // people who are to be asked
	Rooms     int // into which
	Done      bool
	Hindrance Hindrance
	Skipped   []authority.Target
	Now       time.Time
}

// Interrupted ends a message that says how something goes on, after a restart.
const Interrupted = "🔁 I was restarted in the middle of this. What was begun goes on by itself; `!status` says how it stands. If an answer is missing, " +
	"please send the command again."

// BatchShownAnew ends the older message of a batch that was asked for again.
const BatchShownAnew = "👇 You asked again: the newer message below says how it goes on."

// Batch says how far a batch has come: sent, in already, waiting, cannot be reached, put off, and how long still.
func Batch(p BatchProgress) string {
	if p.Done && p.Released+p.Left+p.PutOff+p.People() == 0 {
		return nobodyToInvite(p) + leftOut(p.Skipped)
	}
	text := batchHead(p) + " " + strings.Join(batchParts(p), ", ") + "."
	if p.PutOff > 0 {
		text += " " + verb(p.PutOff, "person waits", "people wait") + ": " + hindered(p.Hindrance)
		if wait := p.Next.Sub(p.Now); wait > 0 {
			text += " I look again in " + roughly(wait) + "; nothing is lost."
		}
	}
	text += leftOut(p.Skipped)
	if p.Done && p.Waiting+p.Failed > 0 {
		text += "\n\n`!status` says why."
	}
	return text
}

func batchHead(p BatchProgress) string {
	switch left := p.Remaining(); {
	case p.Done && p.PutOff > 0:
		return "⏸️ Not finished."
	case p.Done:
		return "✅ Done."
	case left > 0:
		return "📨 Inviting, about " + roughly(left) + " left."
	}
	return "📨 Inviting …"
}

func batchParts(p BatchProgress) []string {
	parts := []string{count(p.Invited, "invitation") + " sent"}
	for _, part := range []struct {
		n    int
		text string
	}{
		{p.Already, "in or invited already"}, {p.Gone, "left or declined before"}, {p.Waiting, "waiting"}, {p.Failed, "cannot be invited"},
		{p.Stopped, "in a room that is suspended"}, {p.Left, "to go"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.text))
		}
	}
	return parts
}

// nobodyToInvite says why there is nobody to invite, and what to do where something is missing.
func nobodyToInvite(p BatchProgress) string {
	switch {
	case p.Rooms == 0 && len(p.Skipped) == 0:
		return "No room is linked to this event, so there is nowhere to invite to. `!setroom` links one."
	case p.Hindrance != HindranceNone:
		return "I do not know whom to invite: " + hindered(p.Hindrance)
	}
	return "Nobody is left to invite: everybody with a ticket was asked already, or is in."
}

// leftOut lists the rooms that are left out, each with what is missing there.
func leftOut(skipped []authority.Target) string {
	var all []string
	for _, target := range skipped {
		for _, missing := range target.Missing {
			all = append(all, "Skipped: "+Missing(missing))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "\n" + listed(all)
}

// Stopped says how many are not invited for now.
func Stopped(n int) string {
	if n == 0 {
		return "Nobody was waiting to be invited."
	}
	return "Stopped: " + verb(n, "person is", "people are") + " not invited for now. `!batchinvite` takes it up again."
}

// Hindrance is why an event's orders are not read at present.
type Hindrance string

// The hindrances that there are.
const (
	HindranceNone     Hindrance = ""
	HindranceLogin    Hindrance = "no login"
	HindranceQuestion Hindrance = "no question"
	HindranceGone     Hindrance = "question gone"
	HindranceScan     Hindrance = "not read yet"
)

// hindered says why orders are not read at present, and what to do about it.
func hindered(h Hindrance) string {
	switch h {
	case HindranceLogin:
		return "no connected Pretix account sees the event now. `!authorize` connects one."
	case HindranceQuestion:
		return "it is not settled which question asks for the Matrix ID. `!set question <number>` does that; `!setroom` with the event lists them."
	case HindranceGone:
		return "Pretix no longer has the question that asks for the Matrix ID. `!set question <number>` chooses another."
	case HindranceScan:
		return "I am still reading the event's orders. Please ask once more when that is done."
	}
	return "Pretix does not answer."
}
