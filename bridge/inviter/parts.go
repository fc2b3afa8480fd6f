package inviter

import (
	"context"
	"iter"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// Pretix is what the inviter asks of Pretix: *pretixconn.Connector. [pretixconn.ErrNoLogin] says that nobody can look.
type Pretix interface {
	Order(ctx context.Context, key database.EventKey, code string) (api.Order, error)
	OrderPages(ctx context.Context, key database.EventKey, since time.Time, priority api.Priority) iter.Seq2[api.Page, error]
	Settled(key database.EventKey, code string, changed time.Time)
	Questions(ctx context.Context, key database.EventKey) ([]api.Question, error)
	EventState(ctx context.Context, key database.EventKey) (api.Event, error)
	Subevents(ctx context.Context, key database.EventKey) ([]api.Subevent, error)
}

// Homeserver is what the inviter asks of the homeserver: *homeserver.Server. Its errors are [*homeserver.Error].
type Homeserver interface {
	Bot() id.UserID
	IsOurs(user id.UserID) bool
	Members(ctx context.Context, as id.UserID, room id.RoomID) (map[id.UserID]event.Membership, error)
	Membership(ctx context.Context, as id.UserID, room id.RoomID, who id.UserID) (event.Membership, error)
	OwnState(ctx context.Context, as id.UserID, room id.RoomID) (authority.Room, error)
	HasKeys(ctx context.Context, who id.UserID) bool
	Exists(ctx context.Context, who id.UserID) (homeserver.Existence, error)
	Invite(ctx context.Context, as id.UserID, room id.RoomID, who id.UserID, reason string) error
}

var (
	_ Pretix     = (*pretixconn.Connector)(nil)
	_ Homeserver = (*homeserver.Server)(nil)
)

// Hooks are what the inviter tells. They are called while work waits, so they must return soon; each may be nil.
type Hooks struct {
	// Suspended says that a room had to be stopped for a fault of its own, which stands in the link, or has another fault now. Once
	// for each time; it is among the store's untold links until it is marked as told, and so is one that goes on.
	Suspended func(ctx context.Context, link database.Link)
	// Resumed says that the fault has passed and the room goes on.
	Resumed func(ctx context.Context, link database.Link)
	// TestOrder says that the first test order of an event has come, which would open the rooms if it were real, and returns when
	// that was told: false, nobody could be. It alone may take its time: the order waits.
	TestOrder func(ctx context.Context, test TestOrder) (told bool)
	// NoLogin says that nobody's connection sees the event any more. Once, until one does again.
	NoLogin func(ctx context.Context, key database.EventKey)
	// QuestionGone says that Pretix has the question no more that asks for the Matrix ID. Once, until it has one again.
	QuestionGone func(ctx context.Context, key database.EventKey)
}

// filled has a function in each place.
func (h Hooks) filled() Hooks {
	if h.Suspended == nil {
		h.Suspended = func(context.Context, database.Link) {}
	}
	if h.Resumed == nil {
		h.Resumed = func(context.Context, database.Link) {}
	}
	if h.TestOrder == nil {
		h.TestOrder = func(context.Context, TestOrder) bool { return true }
	}
	if h.NoLogin == nil {
		h.NoLogin = func(context.Context, database.EventKey) {}
	}
	if h.QuestionGone == nil {
		h.QuestionGone = func(context.Context, database.EventKey) {}
	}
	return h
}
