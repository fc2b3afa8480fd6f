package keeper

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/inviter/turns"
	"matrix-pretix/database"
)

// Options is what a [Keeper] is built from.
type Options struct {
	Store      *database.Store
	Homeserver Homeserver
	Inviter    Inviter
	Pretix     Pretix
	// Tell says something to those who command an event, and reports whether anybody could be told.
	Tell func(ctx context.Context, known database.Event, markdown string) (told bool)
	// Say says something in a room, and reports whether it stands there now.
	Say     func(ctx context.Context, room id.RoomID, markdown string) (said bool)
	Started <-chan struct{} // closed when the bots can act
	Now     func() time.Time
	Log     *zap.Logger
}

// Keeper looks after linked rooms and control rooms. Nothing that matters is in its memory.
type Keeper struct {
	store   *database.Store
	hs      Homeserver
	inviter Inviter
	pretix  Pretix
	tell    func(ctx context.Context, known database.Event, markdown string) (told bool)
	say     func(ctx context.Context, room id.RoomID, markdown string) (said bool)
	started <-chan struct{}
	now     func() time.Time
	log     *zap.Logger

	following sync.Mutex              // one replaced room at a time is followed
	writing   turns.Marks[id.EventID] // messages that are being edited
}

// New makes a keeper, which does nothing by itself before [Keeper.Run].
func New(o Options) *Keeper {
	return &Keeper{
		store: o.Store, hs: o.Homeserver, inviter: o.Inviter, pretix: o.Pretix, tell: o.Tell, say: o.Say, started: o.Started, now: o.Now, log: o.Log,
	}
}
