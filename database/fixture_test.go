package database

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
)

const (
	hall = id.RoomID("!hall:example.org")
	lab  = id.RoomID("!lab:example.org")
	desk = id.RoomID("!desk:example.org")

	ada  = Attendee("ada-digest")
	bob  = Attendee("bob-digest")
	carl = Attendee("carl-digest")

	organizer = id.UserID("@orga:example.org")

	standard, workshop int64 = 11, 12
)

var (
	conf  = EventKey{Instance: "eu", Organizer: "lab", Event: "conf"}
	camp  = EventKey{Instance: "eu", Organizer: "lab", Event: "camp"}
	other = EventKey{Instance: "eu", Organizer: "other", Event: "conf"}
	began = time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
)

// fixture is an empty store on one kind of database, with a clock that stands still.
type fixture struct {
	*Store
	t     *testing.T
	cfg   dbutil.PoolConfig
	clock *clock
	log   *queryLog
}

// forEachDialect runs a test on SQLite and on Postgres, each time in a database of its own.
func forEachDialect(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	forEachDatabase(t, func(t *testing.T, cfg dbutil.PoolConfig) {
		f := openFixture(t, cfg)
		if err := f.Upgrade(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, f)
	})
}

// forEachDatabase runs a test on an empty database of each kind.
func forEachDatabase(t *testing.T, test func(t *testing.T, cfg dbutil.PoolConfig)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, sqliteConfig(t)) })
	if testing.Short() {
		t.Log("without Postgres, because of -short")
		return
	}
	t.Run("postgres", func(t *testing.T) { test(t, postgresConfig(t)) })
}

func sqliteConfig(t *testing.T) dbutil.PoolConfig {
	return dbutil.PoolConfig{Type: TypeSQLite, URI: "file:" + filepath.Join(t.TempDir(), "test.db")}
}

func postgresConfig(t *testing.T) dbutil.PoolConfig {
	t.Helper()
	server := parts.Need(t).Postgres
	if server == nil {
		t.Fatal("the lab runs without Postgres")
	}
	uri, drop, err := server.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return dbutil.PoolConfig{Type: TypePostgres, URI: uri}
}

func openFixture(t *testing.T, cfg dbutil.PoolConfig) *fixture {
	t.Helper()
	log := &queryLog{DatabaseLogger: dbutil.NoopLogger}
	db, err := Open(cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c := &clock{now: began}
	return &fixture{Store: NewStore(db, testKeys(t), c.Now), t: t, cfg: cfg, clock: c, log: log}
}

func testKeys(t testing.TB) *Keys {
	t.Helper()
	keys, err := NewKeys([]byte("seal key of 32 bytes............"), []byte("digest key of 32 bytes.........."))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// queryLog hears of every statement after it has run, begin and commit included.
type queryLog struct {
	dbutil.DatabaseLogger
	mu    sync.Mutex
	heard func(method string)
}

func (q *queryLog) QueryTiming(_ context.Context, method, _ string, _ []any, _ int, _ time.Duration, _ error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.heard != nil {
		q.heard(method)
	}
}

func (q *queryLog) hear(f func(method string)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.heard = f
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// event makes the events given, with their organizers.
func (f *fixture) event(keys ...EventKey) {
	f.t.Helper()
	for _, key := range keys {
		_, err := f.EnsureOrganizer(f.t.Context(), key.OrganizerKey())
		f.must(err)
		f.must(f.PutEvent(f.t.Context(), newEvent(key)))
	}
}

func newEvent(key EventKey) Event {
	name := key.Instance + "_" + key.Organizer + "_" + key.Event
	return Event{
		Key: key, Name: "Event " + key.Event, PublicURL: "https://pretix.example.org/" + key.Organizer + "/" + key.Event + "/",
		GhostID: networkid.UserID(name), Bot: id.UserID("@pretix_" + name + ":example.org"),
	}
}

// dropEvent deletes an event with everything that hangs on it.
func (f *fixture) dropEvent(key EventKey) {
	f.t.Helper()
	f.must(f.changeOne(f.t.Context(), `DELETE FROM pretix_event WHERE event = $1`, key))
}

// control makes a room a control room of an event, and holds whether it is a new one.
func (f *fixture) control(c Control, wantNew bool) {
	f.t.Helper()
	added, err := f.PutControl(f.t.Context(), c)
	f.must(err)
	if added != wantNew {
		f.t.Errorf("%s as a control room of %s: got new %v, want %v", c.Room, c.Event, added, wantNew)
	}
}

// link ties a room to an event, active.
func (f *fixture) link(key EventKey, room id.RoomID, rules ...Rule) Reconciled {
	f.t.Helper()
	done, err := f.PutLink(f.t.Context(), Link{Event: key, Room: room, LinkedBy: organizer, State: LinkActive, Rules: rules})
	f.must(err)
	return done
}

// scanned says that the event's orders have been read as a whole.
func (f *fixture) scanned(key EventKey, when time.Time) {
	f.t.Helper()
	known, err := f.Event(f.t.Context(), key)
	f.must(err)
	if done, err := f.MarkScanned(f.t.Context(), known, when); err != nil || !done {
		f.t.Fatalf("not marked as scanned: %v, %v", done, err)
	}
}

// record records an order of conf as read live.
func (f *fixture) record(code string, tickets ...Ticket) Recorded {
	f.t.Helper()
	recorded, err := f.RecordOrder(f.t.Context(), OrderRecord{Event: conf, Code: code, Tickets: tickets})
	f.must(err)
	return recorded
}

// recordHeld records an order of conf as sold before its rooms were linked.
func (f *fixture) recordHeld(code string, tickets ...Ticket) Recorded {
	f.t.Helper()
	recorded, err := f.RecordOrder(f.t.Context(), OrderRecord{Event: conf, Code: code, Tickets: tickets, Held: true})
	f.must(err)
	return recorded
}

func ticket(position int64, attendee Attendee) Ticket {
	return Ticket{Position: position, Item: standard, Attendee: attendee}
}

// outcome records what came of an invite of conf.
func (f *fixture) outcome(room id.RoomID, attendee Attendee, o Outcome) {
	f.t.Helper()
	changed, err := f.Outcome(f.t.Context(), conf, room, attendee, o)
	f.must(err)
	if !changed {
		f.t.Fatalf("outcome %+v of %s changed nothing", o, attendee)
	}
}

// bring brings an invite of conf, due until now, into a state.
func (f *fixture) bring(room id.RoomID, attendee Attendee, state InviteState) {
	f.t.Helper()
	switch state {
	case InviteDue:
	case InviteHeld:
		_, err := f.StopQueued(f.t.Context(), conf, room)
		f.must(err)
	case InviteWaiting:
		f.outcome(room, attendee, Outcome{State: state, Reason: ReasonNotFound, WaitUntil: f.clock.Now().Add(time.Hour)})
	case InviteInvited, InviteJoined:
		f.outcome(room, attendee, Outcome{State: state})
	case InviteGone:
		f.outcome(room, attendee, Outcome{State: state, Reason: ReasonLeft})
	case InviteFailed:
		f.outcome(room, attendee, Outcome{State: state, Reason: ReasonBlocked})
	}
	f.wantState(room, attendee, state)
}

func (f *fixture) invite(room id.RoomID, attendee Attendee) Invite {
	f.t.Helper()
	invite, err := f.Invite(f.t.Context(), conf, room, attendee)
	f.must(err)
	return invite
}

func (f *fixture) wantState(room id.RoomID, attendee Attendee, want InviteState) {
	f.t.Helper()
	if got := f.invite(room, attendee).State; got != want {
		f.t.Errorf("%s in %s: got %s, want %s", attendee, room, got, want)
	}
}

func (f *fixture) wantNoInvite(room id.RoomID, attendee Attendee) {
	f.t.Helper()
	if invite, err := f.Invite(f.t.Context(), conf, room, attendee); err == nil {
		f.t.Errorf("%s in %s: got a row, %s, want none", attendee, room, invite.State)
	} else {
		wantNotFound(f.t, err)
	}
}

// settleAll ends every look that is due now, as a worker does that has done its work.
func (f *fixture) settleAll() {
	f.t.Helper()
	due, err := f.NextDue(f.t.Context(), 1000)
	f.must(err)
	for _, d := range due {
		if settled, err := f.Settle(f.t.Context(), d, time.Time{}); err != nil || !settled {
			f.t.Fatalf("settle %s: %v, %v", d.Code, settled, err)
		}
	}
}

// dueOf returns the due row of an order of conf.
func (f *fixture) dueOf(code string) Due {
	f.t.Helper()
	due, err := f.DueOf(f.t.Context(), conf)
	f.must(err)
	at := slices.IndexFunc(due, func(d Due) bool { return d.Code == code })
	if at < 0 {
		f.t.Fatalf("%s is not due", code)
	}
	return due[at]
}

// dueCodes returns the orders of conf that are due now.
func (f *fixture) dueCodes() []string {
	f.t.Helper()
	due, err := f.DueOf(f.t.Context(), conf)
	f.must(err)
	var codes []string
	for _, d := range due {
		codes = append(codes, d.Code)
	}
	return codes
}

func wantNotFound(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func wantEqual[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
