package pretixconn

import (
	"time"

	"matrix-pretix/pretixconn/api"
)

// Lack is why an order, or one of its positions, is no ticket that somebody holds now. Each has its own remedy.
type Lack string

// What can be lacking. The first are of the whole order, the others of a position.
const (
	LackNothing  Lack = ""
	LackReal     Lack = "real"     // it is a test order
	LackPayment  Lack = "payment"  // it is pending, and its tickets count when it is paid
	LackApproval Lack = "approval" // it is pending, and somebody has to approve it first
	LackTime     Lack = "time"     // it has expired unpaid
	LackOrder    Lack = "order"    // it was canceled

	LackPosition Lack = "position" // the position was canceled
	LackRelease  Lack = "release"  // it is blocked
	LackValidity Lack = "validity" // its time has passed
	LackQuestion Lack = "question" // it counts, but nobody was asked for a Matrix ID
)

// counts reports whether the position is a ticket that somebody holds now: what invites, and what keeps the right to be invited.
//
// The order is paid, or pending where Pretix lets pending ones in already and no approval is awaited; it is no test. The position
// is neither canceled nor blocked, nor has its time passed. When its time begins does not matter: that is when the door lets one
// in, while the conversation starts before.
func counts(o api.Order, p api.Position, now time.Time) bool { return lacks(o, p, now) == LackNothing }

// lacks says why it does not count.
func lacks(o api.Order, p api.Position, now time.Time) Lack {
	if lack := OrderLacks(o); lack != LackNothing {
		return lack
	}
	switch {
	case p.Canceled:
		return LackPosition
	case p.Blocked:
		return LackRelease
	case !p.ValidUntil.IsZero() && !now.Before(p.ValidUntil):
		return LackValidity
	}
	return LackNothing
}

// OrderLacks says why none of an order's positions counts, as far as the order alone decides that. A whole cancellation shows here only: it leaves
// the positions alone.
func OrderLacks(o api.Order) Lack {
	switch {
	case o.Testmode:
		return LackReal
	case o.Status == api.StatusPaid:
		return LackNothing
	case o.Status == api.StatusPending && o.RequireApproval:
		return LackApproval
	case o.Status == api.StatusPending && o.ValidIfPending:
		return LackNothing
	case o.Status == api.StatusPending:
		return LackPayment
	case o.Status == api.StatusExpired:
		return LackTime
	}
	return LackOrder
}
