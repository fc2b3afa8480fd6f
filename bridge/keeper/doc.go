// Package keeper keeps what the database says of rooms true to what becomes of the rooms themselves, without anybody commanding: a link waits until the
// event's bot has come and may invite, follows its room when that is replaced, and bots leave where nothing holds them any more.
//
//	joins, power, tombstones ──▶ Entered, PowerChanged, Tombstoned ──┐
//	every ten minutes ──▶ Run: whatever still waits ─────────────────┼──▶ link pending ─▶ active; replaced ─▶ moved or given up
//	a command: Activate, Depart, LeaveUntied, Tidy, Begin ───────────┘    bots join, come along, leave; those who command are told
//
// Its promises:
//   - Whatever it has begun stands in a row until it is done: a link that waits, what was said of a replaced room, a room to be left, a message that is
//     being edited. The homeserver tells of each change once, and that word may be lost; the next upkeep finds what it was about.
//   - Events are hints. What counts is read from the room before it is acted on; what cannot be read proves nothing.
//   - A room follows another only once package authority says that both prove it, and a bot comes into a room only where a link waits for it.
package keeper
