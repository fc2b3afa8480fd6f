package pretixconn

import (
	"time"

	"matrix-pretix/pretixconn/api"
)

// counts reports whether the position is a ticket that somebody holds now: what invites, and what keeps the right to be invited.
//
// The order is paid, or pending where Pretix lets pending ones in already and no approval is awaited; it is no test. The position
// is neither canceled nor blocked, nor has its time passed. When its time begins does not matter: that is when the door lets one
// in, while the conversation starts before.
func counts(o api.Order, p api.Position, now time.Time) bool {
	return orderCounts(o) && !p.Canceled && !p.Blocked && (p.ValidUntil.IsZero() || now.Before(p.ValidUntil))
}

// orderCounts is counts for all that the order alone decides. A whole cancellation shows here only: it leaves the positions alone.
func orderCounts(o api.Order) bool {
	if o.Testmode {
		return false
	}
	switch o.Status {
	case api.StatusPaid:
		return true
	case api.StatusPending:
		return o.ValidIfPending && !o.RequireApproval
	default:
		return false
	}
}
