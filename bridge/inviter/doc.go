// Package inviter takes an order on its way from due to settled: it is read from Pretix, recorded, whoever its tickets entitle is
// asked into the rooms that they open, and what came of it is written down.
//
//	due row ─▶ round ─▶ one by one, or by pages ─▶ record ─▶ each person: there already? ─▶ do they exist? ─▶ invite ─▶ outcome ─▶ settle
//
// What is to be asked stands in the invites' rows and nothing in memory matters, so the program may be killed at any moment: the order
// is still due, the room tells who has been invited, and nobody is asked twice. Anything that can pass puts an order off until a time
// that stands in its row.
//
// Nobody waits for somebody else's trouble:
//   - A server that is slow or dead holds up its own people only (package servers): they are set aside until a time, not queued. One
//     that answers questions but takes no invites is found out by the first that hangs.
//   - A room is a queue, so one invite at a time goes into each, and eight rooms are worked on at once. Fresh orders go ahead of
//     batches at each of these places (package turns).
//   - A room with a fault of its own, such as a bot without power, is stopped and told once (suspend.go). Its people stay due.
//   - While our own homeserver does not answer, everybody waits at one gate (fault.go).
//   - Only a fault of the bridge's registration stops everything (fault.go).
//
// The decisions are plain functions: who must not be asked, what an answer of the homeserver means, how long to wait (package judge);
// which rooms a ticket opens (roomsfor.go), whom an order names and who of them is to be asked now (record.go).
package inviter
