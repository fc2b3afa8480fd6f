// Package database keeps what must outlive the process: our tables beside the framework's in one database, on SQLite or
// Postgres, with one text for both; the two keys; and the lock that lets only one process work.
//
// # The life of an invite
//
// An invite is one attendee and one room. Its row says whether that person may be asked, and what came of it; nothing
// about that is kept in memory.
//
//	a ticket sold before              a ticket sold
//	the room was linked               afterwards
//	        │                              │
//	        ▼     Release, new ticket      ▼        try again later
//	      held ─────────────────────────▶ due ─────────────────────▶ waiting
//	        ▲                              │ ◀── its time has come ──┘  │
//	        └─────── StopQueued ───────────┼────────────────────────────┤
//	                                       │                            │
//	             sent, or stands already   │   cannot be asked          │
//	        ┌──────────────────────────────┴────────────────┬───────────┘
//	        ▼                                               ▼
//	     invited ──── joins ───▶ joined                   failed
//	        │                      │                        │
//	        │ declines, withdrawn  │ leaves, kicked         │
//	        ▼                      ▼                        │
//	      gone ◀───────────────────┘                        │
//	        │                                               │
//	        └────────── ReleaseOrder: due, again ───────────┘
//
// Held, due and waiting are unsent. What the room itself says (somebody is invited, joined or gone) is recorded from
// every state, by [Store.MemberChanged]. Three sentences hold between transactions, and each method that changes
// tickets, links, rules or invites keeps them:
//
//  1. Who is named by a ticket that opens a room has a row for that room.
//  2. An unsent row belongs to somebody whom a ticket that opens the room names, and its code and position are such a
//     ticket. Rows that are history stay when the ticket goes.
//  3. The order of a due or waiting row is due, now or later, while the room's link is active. (A worker that finds the
//     link suspended settles the order; the invites wait until the link is active again.)
//
// [Store.RecordOrder] is where they are earned: it compares an order as it was read with what is recorded and does all
// the rest in one transaction. Doing it twice, or after a crash, changes nothing.
//
// # Due orders
//
// "Look at this order" is one row per order, whoever says so and however often. Each saying raises the generation;
// [Store.Settle] ends the one that was read and no other. So what changes while an order is in hand is looked at again,
// and what a killed process had in hand is still due.
//
// # What is kept of people
//
// Of attendees nothing but [Attendee], a keyed digest. Matrix IDs in these tables (linked_by, added_by, user_id, the bots)
// are those of organizers and of our own users. Credentials are sealed by [Keys].
//
// Start reading at store.go; each table has its file, and states.go the words. The schema is upgrades/01-first.sql.
package database
