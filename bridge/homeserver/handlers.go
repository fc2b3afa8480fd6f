package homeserver

import (
	"context"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// Heard is a message that a person wrote, in clear or decrypted.
type Heard struct {
	Evt  *event.Event
	Text string // what was typed, without the quotation that old clients put before a reply

	// Thread is the root of the thread in which it was written, empty if none.
	Thread id.EventID

	Encrypted bool

	// Late says that the message is older than five minutes, as after an outage: who wrote it has long given up, so it should
	// be answered and not done.
	Late bool
}

// Invitation is an invite of one of our users into a room.
type Invitation struct {
	Bot    id.UserID // who is invited
	Room   id.RoomID
	By     id.UserID
	Direct bool // meant as a talk of two
}

// Entered says that one of our users is now in a room into which it was invited.
type Entered struct {
	Invitation
	Encrypted bool // known for the bridge bot only
}

// Admission is what becomes of an invite.
type Admission struct {
	Accept bool
	Reason string // told to who invited when it is declined
}

// Handlers is what the bridge does with what it hears. Of one room the messages come in order and one at a time, and so do the
// changes of its state, but a message does not hold up a change or the other way round. Several rooms come at once. A handler
// that takes long delays its own room only. Handlers that are nil are left out.
type Handlers struct {
	// Command gets every text message by a person: whether it is a command, and whether they may, is for the handler to see. It must leave
	// no trace of those who may not. What they wrote in an encrypted room is only handed on if its key comes with it.
	Command func(ctx context.Context, heard Heard)
	// Undecryptable gets, without its text, the first message of each key that has not come after half a minute, of people who may command.
	Undecryptable func(ctx context.Context, heard Heard)

	// Admit decides on an invite of an event bot into a room. Without it all are declined.
	Admit func(ctx context.Context, invitation Invitation) Admission
	// Entered follows an invite that was accepted, whichever of our users it was.
	Entered func(ctx context.Context, entered Entered)

	// State events of rooms in which one of our users is, whoever caused them.
	Member     func(ctx context.Context, evt *event.Event)
	Power      func(ctx context.Context, evt *event.Event)
	Create     func(ctx context.Context, evt *event.Event)
	Tombstone  func(ctx context.Context, evt *event.Event)
	Encryption func(ctx context.Context, evt *event.Event)
}
