package inviter

import (
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/inviter/judge"
	"matrix-pretix/bridge/inviter/servers"
	"matrix-pretix/bridge/inviter/turns"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

const (
	roomsAtOnce   = 8   // that are invited into
	livePlaces    = 64  // fresh orders in hand, read one by one
	batchPlaces   = 64  // orders of batches in hand, read one by one
	pagedPlaces   = 256 // orders in hand, read by pages
	runsAtOnce    = 8   // events read by pages
	recordsAtOnce = 2   // orders being recorded: more would make those wait for the database who are further on
	readsAtOnce   = 4   // orders read one by one, per event
	roundSize     = 64  // due orders looked at in a round, besides those in hand
	roundAtMost   = 1 << 14
	idleFor       = 5 * time.Second
	restOnFault   = 5 * time.Second // of an order after the database failed
	rechecksRest  = 10 * time.Minute
)

// Options is what an [Inviter] is built from.
type Options struct {
	Store      *database.Store
	Keys       *database.Keys
	Pretix     Pretix
	Homeserver Homeserver
	Hooks      Hooks
	Now        func() time.Time
	Log        *zap.Logger
}

// Inviter works off due orders. Nothing that matters is in its memory: it may be killed at any moment, and the next one goes on from
// the rows.
type Inviter struct {
	store  *database.Store
	keys   *database.Keys
	pretix Pretix
	hs     Homeserver
	hooks  Hooks
	now    func() time.Time
	log    *zap.Logger

	desk      *desk
	servers   *servers.All
	rooms     *turns.Rooms
	seats     turns.Each[seat]
	tests     turns.Each[database.EventKey] // whose test order is being told
	lists     *memberLists
	standings *standings
	readings  turns.Flights[judge.Standing]
	questions turns.Flights[[]api.Question]
	gate      turns.Gate
	scans     scans
	follows   follows

	live, batch, paged *turns.Places // places for orders in hand; those of pages are apart, for a run takes all that it can get
	runs, records      *turns.Places
	reach              int // roundSize, or more while nothing but fresh orders is reached; of the loop alone

	wake      chan struct{}
	unscanned atomic.Bool // there may be scans to begin
	limitTold sync.Once
	changed   roomSet
}

// New makes an inviter; nothing runs before [Inviter.Run].
func New(o Options) *Inviter {
	in := &Inviter{
		store: o.Store, keys: o.Keys, pretix: o.Pretix, hs: o.Homeserver, hooks: o.Hooks.filled(), now: o.Now,
		log:       o.Log,
		desk:      newDesk(),
		servers:   servers.New(o.Homeserver.Bot().Homeserver(), o.Now),
		rooms:     turns.NewRooms(roomsAtOnce),
		lists:     newMemberLists(o.Now, o.Homeserver.Members),
		standings: newStandings(o.Now),
		live:      turns.New(livePlaces), batch: turns.New(batchPlaces), paged: turns.New(pagedPlaces),
		runs: turns.New(runsAtOnce), records: turns.New(recordsAtOnce),
		reach:   roundSize,
		wake:    make(chan struct{}, 1),
		changed: roomSet{rooms: make(map[id.RoomID]bool), signal: make(chan struct{}, 1)},
	}
	in.unscanned.Store(true)
	return in
}

// Wake says that an order has become due. It returns at once.
func (in *Inviter) Wake() {
	select {
	case in.wake <- struct{}{}:
	default:
	}
}
