package pretixconn

import (
	"bytes"
	"context"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/bridgev2/status"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

const (
	mira = id.UserID("@mira:example.org")
	noor = id.UserID("@noor:example.org")
)

// tokens are 64 characters, as Pretix's are.
func tokenOf(name string) string {
	return name + "0000000000000000000000000000000000000000000000000000000000000000"[len(name):]
}

// kit is a connector inside the framework, on a database of its own, without any homeserver.
type kit struct {
	*Connector
	t      *testing.T
	dir    string
	db     *dbutil.Database
	bridge *bridgev2.Bridge
	logs   *logBuffer
	clock  *clock
	woken  chan struct{}

	mu   sync.Mutex
	died []string
}

// clock is one that a test can set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *logBuffer) Sync() error { return nil }

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// noMatrix is a homeserver connection of which nothing is used.
type noMatrix struct{ bridgev2.MatrixConnector }

func (noMatrix) Init(*bridgev2.Bridge)                                       {}
func (noMatrix) BotIntent() bridgev2.MatrixAPI                               { return nil }
func (noMatrix) SendBridgeStatus(context.Context, *status.BridgeState) error { return nil }
func (noMatrix) FormatGhostMXID(userID networkid.UserID) id.UserID {
	return id.UserID("@" + string(userID) + ":example.org")
}

func testKeys(t *testing.T) *database.Keys { return keysSealing(t, 1) }

// keysSealing have a seal key of their own, and the same digest key.
func keysSealing(t *testing.T, seal byte) *database.Keys {
	t.Helper()
	keys, err := database.NewKeys(bytes.Repeat([]byte{seal}, database.KeyBytes), bytes.Repeat([]byte{2}, database.KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// newKit makes a connector for the instances "eu" and "us" (each at the address given; an empty one is left out).
func newKit(t *testing.T, eu, us string) *kit {
	t.Helper()
	k := openKit(t, t.TempDir(), eu, us)
	if err := k.bridge.DB.Upgrade(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := k.store.Upgrade(t.Context()); err != nil {
		t.Fatal(err)
	}
	return k
}

// openKit opens the database in the directory, as a start of the program does.
func openKit(t *testing.T, dir, eu, us string) *kit {
	t.Helper()
	return openKitWith(t, testKeys(t), dir, eu, us)
}

func openKitWith(t *testing.T, keys *database.Keys, dir, eu, us string) *kit {
	t.Helper()
	db, err := database.Open(dbutil.PoolConfig{Type: database.TypeSQLite, URI: "file:" + filepath.Join(dir, "test.db")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	k := &kit{t: t, dir: dir, db: db, logs: &logBuffer{}, woken: make(chan struct{}, 1)}
	k.clock = &clock{now: time.Now().Truncate(time.Millisecond)}
	log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), k.logs, zap.DebugLevel))
	cfg := Config{SweepEvery: time.Minute, PublicAddress: "https://bridge.example.org", Version: "test"}
	for key, address := range map[string]string{"eu": eu, "us": us} {
		if at, err := url.Parse(address); err != nil {
			t.Fatal(err)
		} else if address != "" {
			cfg.Instances = append(cfg.Instances, Instance{Key: key, URL: at})
		}
	}
	slices.SortFunc(cfg.Instances, func(a, b Instance) int { return bytes.Compare([]byte(a.Key), []byte(b.Key)) })
	k.Connector = New(cfg, database.NewStore(db, keys, k.clock.Now), keys, k.clock.Now, log)
	k.Wake = func() {
		select {
		case k.woken <- struct{}{}:
		default:
		}
	}
	k.LoginDied = func(_ context.Context, login *Login, _ string) {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.died = append(k.died, login.ID)
	}
	k.bridge = bridgev2.NewBridge("", db, zerolog.New(k.logs), &bridgeconfig.BridgeConfig{}, noMatrix{}, k.Connector,
		func(*bridgev2.Bridge) bridgev2.CommandProcessor { return nil })
	k.bridge.BackgroundCtx = t.Context()
	return k
}

// restart opens the same database anew.
func (k *kit) restart(eu, us string) *kit {
	k.t.Helper()
	return k.restartWith(testKeys(k.t), eu, us)
}

func (k *kit) restartWith(keys *database.Keys, eu, us string) *kit {
	k.t.Helper()
	again := openKitWith(k.t, keys, k.dir, eu, us)
	again.clock = k.clock
	again.Connector.now = k.clock.Now
	if err := again.loadLogins(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
	return again
}

// tryLogin connects a person's token by the flow, as the command does.
func (k *kit) tryLogin(owner id.UserID, instance, token string) (Login, error) {
	k.t.Helper()
	user, err := k.bridge.GetUserByMXID(k.t.Context(), owner)
	if err != nil {
		k.t.Fatal(err)
	}
	process, err := k.CreateLogin(k.t.Context(), user, FlowToken)
	if err != nil {
		k.t.Fatal(err)
	}
	step, err := process.Start(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	answers := process.(bridgev2.LoginProcessUserInput)
	if step.StepID == StepInstance {
		if _, err = answers.SubmitUserInput(k.t.Context(), map[string]string{FieldInstance: instance}); err != nil {
			k.t.Fatal(err)
		}
	}
	if step, err = answers.SubmitUserInput(k.t.Context(), map[string]string{FieldToken: token}); err != nil {
		return Login{}, err
	}
	logins, err := k.LoginsOf(k.t.Context(), owner)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, login := range logins {
		if login.ID == string(step.CompleteParams.UserLoginID) {
			return login, nil
		}
	}
	k.t.Fatalf("the login that was made is not among %v", logins)
	return Login{}, nil
}

func (k *kit) login(owner id.UserID, token string) Login {
	k.t.Helper()
	login, err := k.tryLogin(owner, "eu", token)
	if err != nil {
		k.t.Fatal(err)
	}
	return login
}

// link ties an event to a room, its orders having been read as a whole just now.
func (k *kit) link(event database.EventKey) {
	k.t.Helper()
	k.know(event)
	room := id.RoomID("!" + event.Event + ":example.org")
	_, err := k.store.PutLink(k.t.Context(), database.Link{Event: event, Room: room, LinkedBy: mira, State: database.LinkActive})
	if err != nil {
		k.t.Fatal(err)
	}
	k.scanned(event)
}

// scanned says that the event's orders have been read as a whole just now.
func (k *kit) scanned(event database.EventKey) {
	k.t.Helper()
	known, err := k.store.Event(k.t.Context(), event)
	if err != nil {
		k.t.Fatal(err)
	}
	if done, err := k.store.MarkScanned(k.t.Context(), known, k.clock.Now()); err != nil || !done {
		k.t.Fatalf("not marked as scanned: %v, %v", done, err)
	}
}

// know stores an event without a room.
func (k *kit) know(event database.EventKey) {
	k.t.Helper()
	if _, err := k.store.EnsureOrganizer(k.t.Context(), event.OrganizerKey()); err != nil {
		k.t.Fatal(err)
	}
	ghost := event.Instance + "_" + event.Organizer + "_" + event.Event
	err := k.store.PutEvent(k.t.Context(), database.Event{
		Key: event, Name: "Conference", GhostID: networkid.UserID(ghost), Bot: id.UserID("@pretix_" + ghost + ":example.org"),
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

// due lists the orders of an event that are due, by code.
func (k *kit) due(event database.EventKey) []string {
	k.t.Helper()
	due, err := k.store.DueOf(k.t.Context(), event)
	if err != nil {
		k.t.Fatal(err)
	}
	codes := []string{}
	for _, d := range due {
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	return codes
}

// settle says that all orders of an event that are due have been looked at.
func (k *kit) settle(event database.EventKey) {
	k.t.Helper()
	due, err := k.store.DueOf(k.t.Context(), event)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, d := range due {
		if _, err = k.store.Settle(k.t.Context(), d, time.Time{}); err != nil {
			k.t.Fatal(err)
		}
	}
}

// sweepNow sweeps one organizer once.
func (k *kit) sweepNow(organizer database.OrganizerKey) error {
	k.t.Helper()
	followed, err := k.followed(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	sweep, _ := k.sweeps.claim(organizer)
	if sweep == nil {
		k.t.Fatal("a sweep is running or must wait")
	}
	err = sweep.run(k.t.Context(), followed[organizer])
	k.sweeps.release(organizer, err)
	return err
}

func (k *kit) watermark(event database.EventKey) time.Time {
	k.t.Helper()
	e, err := k.store.Event(k.t.Context(), event)
	if err != nil {
		k.t.Fatal(err)
	}
	return e.SweptFrom
}

func (k *kit) deaths() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.died)
}
