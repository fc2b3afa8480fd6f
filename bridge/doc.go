// Package bridge is the Matrix side of the program: what organizers say and hear, and which rooms an event has.
//
//	Matrix rooms ──command──▶ hear ──▶ authority.Decide ──▶ one file per command ──▶ database: links, rules, control rooms
//	      ▲                                                          │ due orders
//	      │◀──── invites by the event's bot ──── inviter ◀───────────┘
//	      │◀──── reports, news ── notices ◀── database: what cannot be served, rooms that stopped
//	      └───── joins, kicks, tombstones ─────▶ keeper ──▶ database: link pending, active, moved
//
// Eight packages stand around it: typed reads what people type; authority decides who may do what and touches nothing; homeserver is the homeserver as
// we see it; inviter takes an order from due to settled; keeper does what becomes of rooms without a command; notices tells those whom it concerns;
// replies holds everything that a person reads; and pretixconn, across the border, is the Pretix side. None of them knows of bridge; those that call back
// are given what they call.
package bridge
