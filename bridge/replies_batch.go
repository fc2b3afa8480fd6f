package bridge

import (
	"fmt"
	"strings"

	"matrix-pretix/bridge/authority"
)

const sayBatchShownAnew = "👇 You asked again: the newer message below says how it goes on."

// sayBatch says how far a batch has come: sent, in already, waiting, cannot be reached, put off, and how long still.
func sayBatch(p batchProgress) string {
	if p.Done && p.Released+p.Left+p.PutOff+p.People() == 0 {
		return sayNobodyToInvite(p) + saySkipped(p.Skipped)
	}
	text := sayBatchHead(p) + " " + strings.Join(batchParts(p), ", ") + "."
	if p.PutOff > 0 {
		text += " " + verb(p.PutOff, "person waits", "people wait") + ": " + sayHindrance(p.Hindrance)
		if wait := p.Next.Sub(p.Now); wait > 0 {
			text += " I look again in " + roughly(wait) + "; nothing is lost."
		}
	}
	text += saySkipped(p.Skipped)
	if p.Done && p.Waiting+p.Failed > 0 {
		text += "\n\n`!status` says why."
	}
	return text
}

func sayBatchHead(p batchProgress) string {
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

func batchParts(p batchProgress) []string {
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

// sayNobodyToInvite says why there is nobody to invite, and what to do where something is missing.
func sayNobodyToInvite(p batchProgress) string {
	switch {
	case p.Rooms == 0 && len(p.Skipped) == 0:
		return "No room is linked to this event, so there is nowhere to invite to. `!setroom` links one."
	case p.Hindrance != hindranceNone:
		return "I do not know whom to invite: " + sayHindrance(p.Hindrance)
	}
	return "Nobody is left to invite: everybody with a ticket was asked already, or is in."
}

// sayHindrance says why orders are not read at present, and what to do about it.
func sayHindrance(h hindrance) string {
	switch h {
	case hindranceLogin:
		return "no connected Pretix account sees the event now. `!authorize` connects one."
	case hindranceQuestion:
		return "it is not settled which question asks for the Matrix ID. `!set question <number>` does that; `!setroom` with the event lists them."
	case hindranceGone:
		return "Pretix no longer has the question that asks for the Matrix ID. `!set question <number>` chooses another."
	case hindranceScan:
		return "I am still reading the event's orders. Please ask once more when that is done."
	}
	return "Pretix does not answer."
}

// saySkipped lists the rooms that are left out, each with what is missing there.
func saySkipped(skipped []authority.Target) string {
	var all []string
	for _, target := range skipped {
		for _, missing := range target.Missing {
			all = append(all, "Skipped: "+sayMissing(missing))
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "\n" + listed(all)
}
