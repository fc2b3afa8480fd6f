// Package pretixconn is the Pretix side of the bridge: which accounts are connected, what each of them sees, what Pretix tells and is asked, and what
// a ticket is worth. It knows no rooms. Whatever it learns ends in one way: an order's row becomes due, and whoever works on rows is woken.
//
//	Pretix ──webhook──▶ webhook.go ─────────────▶ order is due
//	       ◀──sweep──── sweep*.go, cover.go ────▶ order is due
//	       ◀──read───── reading.go ◀──────────── the inviter, by any live login that sees the event
//
// Logins are connected in loginflow.go and connect.go, at one of instances.go, and sealed in login.go. look.go asks which login can read
// which event's orders, sight.go keeps it, prove.go has it asked before somebody is given something, and refusal.go says what is concluded
// from Pretix's refusals.
//
// Decisions are pure functions in files of their own: which positions count (counts.go), whose Matrix ID a ticket names (matrixid.go,
// matrixscan.go, tickets.go), which question asks for it (question.go), which event somebody means (reference.go), which logins a sweep
// needs (cover.go). Package api below does the requests.
package pretixconn
