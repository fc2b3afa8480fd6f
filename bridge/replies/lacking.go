package replies

import "matrix-pretix/pretixconn"

// lacking says why an order or a position is no ticket now, and what to do about it.
func lacking(lack pretixconn.Lack) string {
	switch lack {
	case pretixconn.LackReal:
		return "it is a test order, and nobody is invited by those. End the test mode in Pretix, and order once more."
	case pretixconn.LackPayment:
		return "it is not paid yet. When it is marked as paid in Pretix, I invite by myself."
	case pretixconn.LackApproval:
		return "it waits for approval. Approve it in Pretix; once it is paid or free, I invite by myself."
	case pretixconn.LackTime:
		return "it has expired without being paid. Extend it or mark it as paid in Pretix; once it is paid, I invite by myself."
	case pretixconn.LackOrder:
		return "it was cancelled, so nobody is invited by it. If that was a mistake, reactivate it in Pretix: then I invite by myself."
	case pretixconn.LackPosition:
		return "it was cancelled, so nobody is invited by it"
	case pretixconn.LackRelease:
		return "it is blocked in Pretix; unblock it there, then I invite by myself"
	case pretixconn.LackValidity:
		return "its time is over; its validity can be changed in the order"
	case pretixconn.LackQuestion:
		return "its buyer is not asked for a Matrix ID; add the product to the question in Pretix (*Products → Questions*), then the ID to the order"
	}
	return "it does not count"
}
