package bridge

import (
	"context"
	"net/http"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/bridgev2/commands"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/crypto/sql_store_upgrade"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/bridge/keeper"
	"matrix-pretix/bridge/notices"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// Options is what a bridge is built from.
type Options struct {
	Framework *bridgeconfig.Config
	Suffix    string // ends the display name of every event bot
	Database  *dbutil.Database
	Store     *database.Store // on the same database
	Keys      *database.Keys
	Pretix    *pretixconn.Connector
	Version   string
	// SweepEvery is how often orders are looked for; Public says that Pretix can reach us and so tells us of them.
	SweepEvery time.Duration
	Public     bool
	Now        func() time.Time
	Log        *zap.Logger
	Zero       zerolog.Logger // the framework's log lines, on their way into Log
}

// Bridge ties Pretix events to Matrix rooms.
type Bridge struct {
	framework *bridgev2.Bridge
	mx        *matrix.Connector
	hs        *homeserver.Server
	heard     *homeserver.Dispatcher
	inviter   *inviter.Inviter
	keeper    *keeper.Keeper
	notices   *notices.Notices
	pretix    *pretixconn.Connector
	store     *database.Store
	keys      *database.Keys

	questions *questions
	burning   *burning
	remarks   *remarks
	batches   *batches
	tasks     chan func(ctx context.Context)
	started   chan struct{} // closed when the framework runs
	ended     chan struct{} // closed when Run is to end

	prefix     string
	sweepEvery time.Duration
	public     bool
	domain     string
	version    string
	now        func() time.Time
	log        *zap.Logger
}

// New builds everything and starts nothing. The database is not touched before [Bridge.Upgrade].
func New(o Options) *Bridge {
	b := &Bridge{
		pretix: o.Pretix, store: o.Store, keys: o.Keys,
		prefix: o.Framework.Bridge.CommandPrefix, domain: o.Framework.Homeserver.Domain, version: o.Version,
		sweepEvery: o.SweepEvery, public: o.Public,
		questions: newQuestions(o.Now), burning: newBurning(o.Now), remarks: newRemarks(o.Now), batches: newBatches(),
		tasks: make(chan func(ctx context.Context)), started: make(chan struct{}), ended: make(chan struct{}),
		now: o.Now, log: o.Log.Named("bridge"),
	}
	b.mx = matrix.NewConnector(o.Framework)
	b.framework = bridgev2.NewBridge("", o.Database, o.Zero, &o.Framework.Bridge, b.mx, o.Pretix, processor)
	b.hs = homeserver.New(homeserver.Options{
		Matrix: b.mx, Bridge: b.framework, Directs: o.Store, Suffix: o.Suffix, Now: o.Now, Log: o.Log.Named("homeserver"),
	})
	b.makeParts(o)
	b.heard = b.hs.NewDispatcher(homeserver.Handlers{
		Command: b.hear, Undecryptable: b.deaf,
		Admit: b.keeper.Admit, Entered: b.entered,
		Member: b.keeper.MemberChanged, Power: b.keeper.PowerChanged, Tombstone: b.keeper.Tombstoned,
	})
	o.Pretix.Wake = b.inviter.Wake
	o.Pretix.LoginDied = b.notices.LoginDied
	return b
}

// makeParts makes those that call one another.
func (b *Bridge) makeParts(o Options) {
	b.notices = notices.New(notices.Options{
		Store: o.Store, Homeserver: b.hs, Pretix: o.Pretix, SeesCodes: b.seesCodes, Describe: b.withProducts, Say: b.sayThere, Spawn: b.spawn,
		Started: b.started, Now: o.Now, Log: o.Log.Named("notices"),
	})
	b.inviter = inviter.New(inviter.Options{
		Store: o.Store, Keys: o.Keys, Pretix: o.Pretix, Homeserver: b.hs, Now: o.Now, Log: o.Log.Named("inviter"),
		Hooks: inviter.Hooks{
			Suspended: b.roomStopped, Resumed: b.notices.LinkChange,
			NoLogin: b.notices.NoLogin, QuestionGone: b.notices.QuestionGone, TestOrder: b.notices.TestOrder,
		},
	})
	b.keeper = keeper.New(keeper.Options{
		Store: o.Store, Homeserver: b.hs, Inviter: b.inviter, Pretix: o.Pretix, Tell: b.notices.Tell, Say: b.sayThere, Started: b.started,
		Now: o.Now, Log: o.Log.Named("keeper"),
	})
}

// roomStopped follows when nobody can be invited into a room any more. One that was replaced is not mended where it is.
func (b *Bridge) roomStopped(ctx context.Context, link database.Link) {
	if link.Reason != database.LinkReplaced {
		b.notices.LinkChange(ctx, link)
		return
	}
	b.spawn(func(ctx context.Context) { b.keeper.Follow(ctx, link) })
}

// processor is the framework's own command processor: its connector insists on one at the start. It never sees a message.
func processor(br *bridgev2.Bridge) bridgev2.CommandProcessor { return commands.NewProcessor(br) }

// Schemas are the framework's parts of the database, each with its own version.
func (b *Bridge) Schemas() []*dbutil.Database {
	return []*dbutil.Database{
		b.framework.DB.Database, b.mx.StateStore.Database,
		b.framework.DB.Child(sql_store_upgrade.VersionTableName, sql_store_upgrade.Table, nil),
	}
}

// Upgrade brings the schemas up to date: the framework's main one, then ours. Start does so with the framework's others.
func (b *Bridge) Upgrade(ctx context.Context) error {
	if err := b.framework.DB.Upgrade(ctx); err != nil {
		return bridgev2.DBUpgradeError{Err: err, Section: "main"}
	}
	return b.store.Upgrade(ctx)
}

// Handler serves what the homeserver asks and sends.
func (b *Bridge) Handler() http.Handler { return b.mx.AS.Router }

// Start starts the framework: logins, encryption, the homeserver's transactions. It pings the homeserver and may take half a minute, deaf to ctx.
func (b *Bridge) Start(ctx context.Context) error {
	if err := b.framework.Start(ctx); err != nil {
		return err
	}
	close(b.started)
	return nil
}

// Stop ends the framework and closes the database.
func (b *Bridge) Stop(limit time.Duration) { b.framework.StopWithTimeout(limit) }

// Run does the work until ctx ends, or until the homeserver takes away what it cannot be done without: the registration or the bot's device. That is
// the error, a sentence for an admin. It may be called before Start.
func (b *Bridge) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	context.AfterFunc(ctx, func() { close(b.ended) })
	group.Go(func() error { return b.hs.Run(ctx) })
	group.Go(func() error { return b.heard.Run(ctx) })
	group.Go(func() error { return b.inviter.Run(ctx) })
	group.Go(func() error { return b.pretix.Run(ctx) })
	group.Go(func() error { return b.runTasks(ctx) })
	group.Go(func() error { return b.notices.Run(ctx) })
	group.Go(func() error { return b.keeper.Run(ctx) })
	return group.Wait()
}
