package notices

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// Homeserver is where people are talked to: *homeserver.Server.
type Homeserver interface {
	Direct(ctx context.Context, user id.UserID) (id.RoomID, error)
}

// Pretix knows whose logins see an event: *pretixconn.Connector.
type Pretix interface {
	OwnersSeeing(ctx context.Context, key database.EventKey) ([]id.UserID, error)
}

var (
	_ Homeserver = (*homeserver.Server)(nil)
	_ Pretix     = (*pretixconn.Connector)(nil)
)

// Options is what [Notices] are built from.
type Options struct {
	Store      *database.Store
	Homeserver Homeserver
	Pretix     Pretix
	// SeesCodes reports whether somebody may see an event's order codes now.
	SeesCodes func(ctx context.Context, person id.UserID, key database.EventKey) (bool, error)
	// Describe puts the names of their products to failures.
	Describe func(ctx context.Context, key database.EventKey, failures []database.Failure) ([]replies.Failure, error)
	// Say says something in a room, and reports whether it stands there now.
	Say     func(ctx context.Context, room id.RoomID, markdown string) (said bool)
	Spawn   func(work func(ctx context.Context)) // does what may take long, apart
	Started <-chan struct{}                      // closed when the bots can speak
	Now     func() time.Time
	Log     *zap.Logger
}

// Notices tells people.
type Notices struct {
	store     *database.Store
	hs        Homeserver
	pretix    Pretix
	seesCodes func(ctx context.Context, person id.UserID, key database.EventKey) (bool, error)
	describe  func(ctx context.Context, key database.EventKey, failures []database.Failure) ([]replies.Failure, error)
	say       func(ctx context.Context, room id.RoomID, markdown string) (said bool)
	spawn     func(work func(ctx context.Context))
	started   <-chan struct{}
	now       func() time.Time
	log       *zap.Logger

	telling sync.Mutex // of links
}

// New makes them; nothing is told before somebody says so, or [Notices.Run].
func New(o Options) *Notices {
	return &Notices{
		store: o.Store, hs: o.Homeserver, pretix: o.Pretix, seesCodes: o.SeesCodes, describe: o.Describe, say: o.Say, spawn: o.Spawn,
		started: o.Started, now: o.Now, log: o.Log,
	}
}
