package inviter

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

const (
	hall = id.RoomID("!hall:example.org")
	lab  = id.RoomID("!lab:example.org")
)

var conf = database.EventKey{Instance: "eu", Organizer: "lab", Event: "conf"}

// bench is an inviter on a real store, between a Pretix and a homeserver that are not real.
type bench struct {
	t      testing.TB
	db     *dbutil.Database
	store  *database.Store
	keys   *database.Keys
	pretix *pretixFake
	matrix *matrixFake
	logs   *observer.ObservedLogs

	mu        sync.Mutex
	suspended []database.Link
	resumed   []database.Link
	tests     []TestOrder
	blind     []database.EventKey
	unasked   []database.EventKey
	unheard   bool // nobody can be told anything

	in     *Inviter
	cancel context.CancelFunc
	stop   func() error
}

// withBench runs a test with a bench whose clock is the test's own: waiting an hour takes no time.
func withBench(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, dbutil.NoopLogger)
		defer b.end()
		test(t, b)
	})
}

func newBench(t testing.TB, log dbutil.DatabaseLogger) *bench {
	t.Helper()
	db, err := database.Open(dbutil.PoolConfig{
		Type: database.TypeSQLite, URI: "file:" + filepath.Join(t.TempDir(), "test.db"), MaxOpenConns: 10, MaxIdleConns: 5,
	}, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	keys, err := database.NewKeys(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, keys: keys, db: db, store: database.NewStore(db, keys, time.Now), pretix: newPretixFake(), matrix: newMatrixFake()}
	b.must(b.store.Upgrade(t.Context()))
	_, err = b.store.EnsureOrganizer(t.Context(), conf.OrganizerKey())
	b.must(err)
	b.must(b.store.PutEvent(t.Context(), database.Event{Key: conf, Name: "Conf 2026", GhostID: "eu_lab_conf", Bot: eventBot}))
	b.must(b.store.SetQuestion(t.Context(), conf, question, "matrix"))
	b.scanned(conf)
	b.matrix.heard = b.hear
	return b
}

// meanwhile changes what both servers do while the inviter asks them.
func (b *bench) meanwhile(change func()) {
	b.pretix.mu.Lock()
	defer b.pretix.mu.Unlock()
	b.matrix.mu.Lock()
	defer b.matrix.mu.Unlock()
	change()
}

// hear passes a change of a membership on, as the homeserver does.
func (b *bench) hear(room id.RoomID, who id.UserID, was, is event.Membership, by id.UserID) {
	if b.in != nil {
		b.in.MemberChanged(context.Background(), memberEvent(room, who, was, is, by))
	}
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// link ties a room to the event, whose orders are as well known afterwards as before.
func (b *bench) link(room id.RoomID, rules ...database.Rule) {
	b.t.Helper()
	before, err := b.store.Event(b.t.Context(), conf)
	b.must(err)
	b.matrix.mu.Lock()
	b.matrix.room(room)
	b.matrix.mu.Unlock()
	_, err = b.store.PutLink(b.t.Context(), database.Link{
		Event: conf, Room: room, LinkedBy: "@ora:example.org", State: database.LinkActive, Rules: rules,
	})
	b.must(err)
	if !before.ScannedAt.IsZero() {
		b.scanned(conf)
	}
}

// unscanned says that the event's orders were never read as a whole.
func (b *bench) unscanned() {
	b.t.Helper()
	_, err := b.db.Exec(b.t.Context(), "UPDATE pretix_event SET scanned_at = 0 WHERE event = $1", conf)
	b.must(err)
}

// scanned says that the event's orders have been read as a whole just now.
func (b *bench) scanned(key database.EventKey) {
	b.t.Helper()
	known, err := b.store.Event(b.t.Context(), key)
	b.must(err)
	if done, err := b.store.MarkScanned(b.t.Context(), known, time.Now()); err != nil || !done {
		b.t.Fatalf("not marked as scanned: %v, %v", done, err)
	}
}

func (b *bench) due(batch bool, codes ...string) {
	b.t.Helper()
	for _, code := range codes {
		_, err := b.store.MakeDue(b.t.Context(), conf, code, batch)
		b.must(err)
	}
	if b.in != nil {
		b.in.Wake()
	}
}

// start makes a new inviter, as a start of the program does, and runs it.
func (b *bench) start() {
	core, logs := observer.New(zap.DebugLevel)
	b.logs = logs
	b.in = New(Options{
		Store: b.store, Keys: b.keys, Pretix: b.pretix, Homeserver: b.matrix, Now: time.Now, Log: zap.New(core),
		Hooks: Hooks{
			Suspended:    func(_ context.Context, l database.Link) { noted(b, &b.suspended, l) },
			Resumed:      func(_ context.Context, l database.Link) { noted(b, &b.resumed, l) },
			QuestionGone: func(_ context.Context, key database.EventKey) { noted(b, &b.unasked, key) },
			NoLogin:      func(_ context.Context, key database.EventKey) { noted(b, &b.blind, key) },
			TestOrder: func(_ context.Context, o TestOrder) bool {
				noted(b, &b.tests, o)
				return b.heard()
			},
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	b.cancel = cancel
	ended := make(chan error, 1)
	in := b.in
	go func() { ended <- in.Run(ctx) }()
	b.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
}

func (b *bench) heard() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.unheard
}

func noted[T any](b *bench, list *[]T, one T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*list = append(*list, one)
}

func (b *bench) end() {
	if b.stop != nil {
		if err := b.stop(); err != nil {
			b.t.Errorf("the inviter ended with an error: %v", err)
		}
	}
}

// idle waits until no order is due now, or the time is up.
func (b *bench) idle(within time.Duration) {
	b.t.Helper()
	deadline := time.Now().Add(within)
	for {
		synctest.Wait()
		due, err := b.store.CountDue(context.Background(), conf)
		if err != nil && !errors.Is(err, context.Canceled) {
			b.t.Fatal(err)
		}
		if due.Live+due.Batch == 0 {
			synctest.Wait() // whoever settled the last one may have more to do
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("after %v orders are still due: %+v", within, due)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// sleep lets time pass, and waits until everything that falls into it has been done.
func (b *bench) sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// row returns the invite of somebody, or fails.
func (b *bench) row(room id.RoomID, who id.UserID) database.Invite {
	b.t.Helper()
	invite, err := b.store.Invite(context.Background(), conf, room, b.keys.Attendee(who))
	if err != nil {
		b.t.Fatalf("no invite of %s into %s: %v", who, room, err)
	}
	return invite
}

func (b *bench) wantState(room id.RoomID, who id.UserID, state database.InviteState, reason database.Reason) {
	b.t.Helper()
	if row := b.row(room, who); row.State != state || row.Reason != reason {
		b.t.Errorf("%s in %s: got %s %q, want %s %q", who, room, row.State, row.Reason, state, reason)
	}
}

func (b *bench) wantInvited(room id.RoomID, who ...id.UserID) {
	b.t.Helper()
	slices.Sort(who)
	if got := b.matrix.invited(room); !slices.Equal(got, who) {
		b.t.Errorf("invited into %s: got %v, want %v", room, got, who)
	}
}

// recordOfTest is what is known of the fake's order.
func recordOfTest(b *bench, code string, held bool) database.OrderRecord {
	b.pretix.mu.Lock()
	order := b.pretix.orders[code]
	b.pretix.mu.Unlock()
	tickets := pretixconn.Tickets(order, pretixconn.Question{ID: question, Items: []int64{ticket, workshop}}, "", time.Now())
	record := recordOf(conf, code, tickets, b.keys)
	record.Held = held
	return record
}

// once does something before the first call of an operation, and gives its answer.
func once(b *bench, op string, do func() error) func(context.Context, bool, string, id.RoomID, id.UserID) error {
	var first sync.Once
	return func(_ context.Context, done bool, called string, _ id.RoomID, _ id.UserID) (err error) {
		if !done && called == op {
			first.Do(func() { err = do() })
		}
		return err
	}
}

func asHomeserverError(t *testing.T, err error) *homeserver.Error {
	t.Helper()
	failed, ok := errors.AsType[*homeserver.Error](err)
	if !ok {
		t.Fatalf("%v is no error of the homeserver", err)
	}
	return failed
}
