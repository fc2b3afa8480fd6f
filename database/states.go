package database

// InviteState is how far an invite has come. doc.go draws the way from each to the next.
type InviteState string

// The states of an invite. Held, due and waiting are unsent: such a row exists only while a ticket opens the room for its
// attendee. The others are history and outlive the ticket, because they say who must not be asked again.
const (
	// InviteHeld: entitled, but nobody has said yet that they shall be asked. Tickets sold before the room was linked.
	InviteHeld InviteState = "held"
	// InviteDue: to be asked at the next look at the order.
	InviteDue InviteState = "due"
	// InviteWaiting: tried, in vain for the moment; to be asked again at a time, unless the order changes before.
	InviteWaiting InviteState = "waiting"
	// InviteInvited: the invite stands in the room, unanswered.
	InviteInvited InviteState = "invited"
	// InviteJoined: in the room, by our invite or by another way.
	InviteJoined InviteState = "joined"
	// InviteGone: was invited or in the room and is no longer, or is banned. Asked again only by name of the order.
	InviteGone InviteState = "gone"
	// InviteFailed: cannot be asked, for a reason that does not pass by itself.
	InviteFailed InviteState = "failed"
)

// Reason says why an invite waits, has gone or has failed. The other states have none.
type Reason string

// Reasons to wait. Limited and Homeserver pass by themselves and are reported to nobody.
const (
	ReasonLimited     Reason = "limited"            // the homeserver asked us to slow down
	ReasonHomeserver  Reason = "homeserver"         // our own homeserver did not answer
	ReasonUnreachable Reason = "server_unreachable" // the person's server does not answer
	ReasonNotFound    Reason = "not_found"          // nobody by this ID is known to its server, yet
)

// Reasons to have gone.
const (
	ReasonLeft      Reason = "left"
	ReasonDeclined  Reason = "declined"
	ReasonKicked    Reason = "kicked"
	ReasonBanned    Reason = "banned"
	ReasonWithdrawn Reason = "withdrawn" // we took our own unanswered invite back
)

// Reasons to have failed. Which one an answer of the homeserver means is decided by whoever asked it.
const (
	ReasonBlocked      Reason = "blocked"       // the person takes no invites
	ReasonInvalid      Reason = "invalid_id"    // the homeserver says that this cannot be an ID
	ReasonFederation   Reason = "federation"    // our server or theirs refused it
	ReasonIncompatible Reason = "incompatible"  // their server does not know this room version
	ReasonRefused      Reason = "refused"       // refused without a reason that we know
	ReasonOurs         Reason = "own_namespace" // the ID is one of our own bots
)

// LinkState says whether a linked room is being served.
type LinkState string

// The states of a link. Tickets get their invite rows in each of them, so that nothing is missed; they are acted on while
// the link is active.
const (
	// LinkPending: asked for, but the event's bot is not in yet or may not invite yet.
	LinkPending LinkState = "pending"
	// LinkActive: attendees are invited.
	LinkActive LinkState = "active"
	// LinkSuspended: the room has a fault of its own, and its reason says which.
	LinkSuspended LinkState = "suspended"
)

// LinkReason says why a link is pending or suspended.
type LinkReason string

// Reasons of a room to be pending or suspended.
const (
	LinkNoBot    LinkReason = "no_bot"       // the bot was never in
	LinkRemoved  LinkReason = "bot_removed"  // the bot was kicked or has left
	LinkBanned   LinkReason = "bot_banned"   // the bot was banned
	LinkNoPower  LinkReason = "no_power"     // the bot may not invite
	LinkReplaced LinkReason = "replaced"     // a tombstone names another room
	LinkNoRoom   LinkReason = "no_room"      // the room is unknown to the homeserver
	LinkBlocked  LinkReason = "room_blocked" // the server's admin has blocked the room
)
