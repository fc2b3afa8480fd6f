// Package pretixconn is the Pretix side of the bridge: who is connected to which instance and sees which events, which order has
// changed, and what a ticket says. It knows no rooms; what it finds out goes to the database, where the Matrix side reads it.
//
// What a ticket is worth is decided by functions of plain values, each in a file of its own: counts.go (does this position count),
// tickets.go (what an order's positions say), matrixid.go (whose Matrix ID somebody typed; matrixscan.go looks for it in a text,
// plaintext.go cleans that, servername.go knows servers), question.go (which question asks for it), reference.go (which event
// somebody means). They touch neither network nor clock nor database. The way to Pretix itself is
// package api.
package pretixconn
