// Package authority decides who may do what. [Decide] is the one decision: a function of plain values, read a moment ago by
// the caller, which answers whether a command may run, what is missing if not, who can give that, and what may be shown to
// the asker.
//
// Two proofs are kept apart, because power is not ownership: anybody is all-powerful in a room that they made.
//   - Over a room: the level of the sender there. [Levels] reads it from the room's own state and refuses to guess.
//   - Over an event: a live Pretix login of the sender's own that sees the event, or the admin's level in one of the event's
//     control rooms.
//
// Giving needs both, taking away needs one, and nobody gets from a bot an invite or a kick that they could not send
// themselves. Whatever is unknown counts against the asker: the zero values of all types here allow nothing.
package authority
