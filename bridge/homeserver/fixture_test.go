package homeserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/configupgrade"
	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/bridgev2/commands"
	frameworkdb "maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/homeserver/hstest"
	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/database"
)

// patience is how long a test waits for what should happen within a second.
const patience = 60 * time.Second

// setting is what outlives a restart of the bridge: its registration and its database.
type setting struct {
	t        *testing.T
	lab      *parts.Lab
	slot     *parts.Slot
	pool     dbutil.PoolConfig
	handlers homeserver.Handlers // Command and Undecryptable are filled in
	plain    bool                // no encryption
	blocked  []id.UserID         // whom the config's permissions do not let command
}

// newSetting makes a setting with a new SQLite file.
func newSetting(t *testing.T) *setting {
	t.Helper()
	lab := parts.Need(t)
	return &setting{t: t, lab: lab, slot: lab.Slot(t), pool: dbutil.PoolConfig{
		Type: database.TypeSQLite, URI: "file:" + filepath.Join(t.TempDir(), "bridge.db"),
	}}
}

// onPostgres makes a setting with a new Postgres database.
func onPostgres(t *testing.T) *setting {
	t.Helper()
	s := newSetting(t)
	uri, drop, err := s.lab.Postgres.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	s.pool = dbutil.PoolConfig{Type: database.TypePostgres, URI: uri}
	return s
}

// person registers somebody and logs them in with a client that encrypts.
func (s *setting) person(name string) *hstest.Person {
	s.t.Helper()
	return s.personLike(name, parts.UserOptions{Unlimited: true})
}

func (s *setting) personLike(name string, options parts.UserOptions) *hstest.Person {
	s.t.Helper()
	user, err := s.lab.Synapse.Register(s.t.Context(), parts.Unique(name), options)
	if err != nil {
		s.t.Fatal(err)
	}
	return hstest.NewPerson(s.t, s.lab.Synapse.URL, id.UserID(user.UserID), user.AccessToken, id.DeviceID(user.DeviceID))
}

// bridge is a running bridge that hears and does nothing by itself.
type bridge struct {
	*homeserver.Server
	t     *testing.T
	mx    *matrix.Connector
	db    *dbutil.Database
	store *database.Store
	log   *safeBuffer // the framework's lines

	stop func()

	mu      sync.Mutex
	heard   []homeserver.Heard
	deaf    []homeserver.Heard
	arrived chan struct{}
}

// start runs the bridge until its stop is called or the test ends.
func (s *setting) start() *bridge {
	s.t.Helper()
	b := &bridge{t: s.t, arrived: make(chan struct{}), log: &safeBuffer{}}
	var err error
	if b.db, err = database.Open(s.pool, dbutil.NoopLogger); err != nil {
		s.t.Fatal(err)
	}
	keys, err := database.NewKeys(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	if err != nil {
		s.t.Fatal(err)
	}
	config := s.config()
	b.mx = matrix.NewConnector(config)
	framework := bridgev2.NewBridge("", b.db, zerolog.New(b.log), &config.Bridge, b.mx, network{},
		func(br *bridgev2.Bridge) bridgev2.CommandProcessor { return commands.NewProcessor(br) })
	b.store = database.NewStore(b.db, keys, time.Now)
	if err := errors.Join(framework.DB.Upgrade(s.t.Context()), b.store.Upgrade(s.t.Context())); err != nil {
		s.t.Fatal(err)
	}
	b.Server = homeserver.New(homeserver.Options{
		Matrix: b.mx, Bridge: framework, Directs: b.store, Suffix: " (tickets)", Now: time.Now, Log: zap.NewNop(),
	})
	handlers := s.handlers
	if handlers.Admit == nil {
		handlers.Admit = func(context.Context, homeserver.Invitation) homeserver.Admission {
			return homeserver.Admission{Accept: true}
		}
	}
	handlers.Command = func(_ context.Context, heard homeserver.Heard) { b.note(&b.heard, heard) }
	handlers.Undecryptable = func(_ context.Context, heard homeserver.Heard) { b.note(&b.deaf, heard) }
	dispatcher := b.NewDispatcher(handlers)

	ctx, cancel := context.WithCancel(context.Background())
	group, ctx := errgroup.WithContext(ctx)
	server := &http.Server{Handler: b.mx.AS.Router, ReadHeaderTimeout: time.Minute}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.slot.Port))
	if err != nil {
		s.t.Fatal(err)
	}
	group.Go(func() error { return server.Serve(listener) })
	group.Go(func() error { return dispatcher.Run(ctx) })
	b.stop = sync.OnceFunc(func() {
		cancel()
		_ = server.Close()
		if err := group.Wait(); !errors.Is(err, context.Canceled) && !errors.Is(err, http.ErrServerClosed) {
			s.t.Errorf("bridge ended with %v", err)
		}
		framework.StopWithTimeout(5 * time.Second)
	})
	s.t.Cleanup(b.stop)
	if err := framework.Start(ctx); err != nil {
		s.t.Fatalf("start the bridge: %v\n%s", err, b.log)
	}
	return b
}

func (s *setting) config() *bridgeconfig.Config {
	config := &bridgeconfig.Config{}
	config.Homeserver.Address, config.Homeserver.Domain = s.lab.Synapse.URL, s.lab.Synapse.ServerName
	config.Homeserver.Software, config.Homeserver.RetryLimit = bridgeconfig.SoftwareStandard, 4
	as := &config.AppService
	as.ID, as.Address, as.ASToken, as.HSToken = s.slot.ID, s.slot.URL, s.slot.ASToken, s.slot.HSToken
	as.Bot.Username, as.Bot.Displayname = s.slot.Bot, "Tickets"
	as.UsernameTemplate, as.NoServer = s.slot.Prefix+"{{.}}", true
	config.Bridge.CommandPrefix = "!pretix"
	config.Bridge.Permissions = bridgeconfig.PermissionConfig{
		s.lab.Synapse.ServerName: {SendEvents: true, Commands: true, Login: true},
	}
	for _, user := range s.blocked {
		config.Bridge.Permissions[user.String()] = &bridgeconfig.Permissions{}
	}
	config.Encryption.Allow, config.Encryption.MSC4190, config.Encryption.SelfSign = !s.plain, true, true
	config.Encryption.PickleKey = "pickle"
	return config
}

func (b *bridge) note(list *[]homeserver.Heard, heard homeserver.Heard) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*list = append(*list, heard)
	close(b.arrived)
	b.arrived = make(chan struct{})
}

// waitForCommand waits until the bridge has heard that text.
func (b *bridge) waitForCommand(text string) homeserver.Heard {
	b.t.Helper()
	return b.waitIn("command "+text, &b.heard, func(heard homeserver.Heard) bool { return heard.Text == text })
}

// waitForDeafness waits until the bridge has said that it could not read a message.
func (b *bridge) waitForDeafness(what id.EventID) homeserver.Heard {
	b.t.Helper()
	return b.waitIn("deafness", &b.deaf, func(heard homeserver.Heard) bool { return heard.Evt.ID == what })
}

func (b *bridge) waitIn(what string, list *[]homeserver.Heard, fits func(homeserver.Heard) bool) homeserver.Heard {
	b.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		b.mu.Lock()
		heard, arrived := *list, b.arrived
		b.mu.Unlock()
		for _, h := range heard {
			if fits(h) {
				return h
			}
		}
		select {
		case <-arrived:
		case <-limit.C:
			b.t.Fatalf("the bridge waited %s for %s in vain", patience, what)
		}
	}
}

// answer says something as the answer to what was heard.
func (b *bridge) answer(heard homeserver.Heard, markdown string) id.EventID {
	b.t.Helper()
	sent, err := b.Say(b.t.Context(), homeserver.Message{Room: heard.Evt.RoomID, Markdown: markdown, ReplyTo: heard.Evt})
	if err != nil {
		b.t.Fatalf("answer: %v", err)
	}
	return sent
}

// eventBot makes an event's bot.
func (b *bridge) eventBot(name string) id.UserID {
	b.t.Helper()
	bot, err := b.EventBot(b.t.Context(), networkid.UserID("eu_lab_"+parts.Unique("conf")), homeserver.Face{Name: name})
	if err != nil {
		b.t.Fatalf("make an event bot: %v", err)
	}
	return bot
}

// findings lists table.column of everything in the database that holds the text.
func (b *bridge) findings(text string) []string {
	b.t.Helper()
	var found []string
	for _, column := range b.columns() {
		query := fmt.Sprintf(`SELECT COUNT(*) FROM "%s" WHERE position($1 IN CAST("%s" AS TEXT)) > 0`, column[0], column[1])
		if b.db.Dialect == dbutil.SQLite {
			query = fmt.Sprintf(`SELECT COUNT(*) FROM "%s" WHERE instr(CAST("%s" AS TEXT), $1) > 0`, column[0], column[1])
		}
		var count int
		if err := b.db.QueryRow(b.t.Context(), query, text).Scan(&count); err != nil {
			b.t.Fatalf("search %s.%s: %v", column[0], column[1], err)
		}
		if count > 0 {
			found = append(found, column[0]+"."+column[1])
		}
	}
	return found
}

// columns lists table and name of each column of the database.
func (b *bridge) columns() [][2]string {
	b.t.Helper()
	query := `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema='public' ORDER BY 1, 2`
	if b.db.Dialect == dbutil.SQLite {
		query = `SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type='table' ORDER BY 1, 2`
	}
	rows, err := b.db.Query(b.t.Context(), query)
	columns, err := dbutil.NewRowIterWithError(rows, func(row dbutil.Scannable) (column [2]string, err error) {
		err = row.Scan(&column[0], &column[1])
		return column, err
	}, err).AsList()
	if err != nil {
		b.t.Fatalf("list columns: %v", err)
	}
	return columns
}

// push hands the bridge a transaction as the homeserver would.
func (s *setting) push(evts ...map[string]any) {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"events": evts})
	if err != nil {
		s.t.Fatal(err)
	}
	url := s.slot.URL + "/_matrix/app/v1/transactions/" + parts.Unique("txn")
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.slot.HSToken)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		s.t.Fatalf("transaction answered with %d", answer.StatusCode)
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	limit, tick := time.NewTimer(patience), time.NewTicker(20*time.Millisecond)
	defer limit.Stop()
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("not within %s: %s", patience, what)
		}
	}
}

// isEncrypted says that an event came encrypted.
func isEncrypted(evt *event.Event) bool { return evt.Type.Type == event.EventEncrypted.Type }

// safeBuffer is a buffer that several goroutines may write.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// network is the least that the framework wants to be given.
type network struct{}

func (network) Init(*bridgev2.Bridge)       {}
func (network) Start(context.Context) error { return nil }
func (network) GetName() bridgev2.BridgeName {
	return bridgev2.BridgeName{DisplayName: "Pretix", NetworkID: "pretix", BeeperBridgeType: "pretix"}
}
func (network) GetDBMetaTypes() frameworkdb.MetaTypes { return frameworkdb.MetaTypes{} }
func (network) GetCapabilities() *bridgev2.NetworkGeneralCapabilities {
	return &bridgev2.NetworkGeneralCapabilities{}
}
func (network) GetConfig() (string, any, configupgrade.Upgrader)         { return "", nil, nil }
func (network) LoadUserLogin(context.Context, *bridgev2.UserLogin) error { return nil }
func (network) GetLoginFlows() []bridgev2.LoginFlow                      { return nil }
func (network) GetBridgeInfoVersion() (info, capabilities int)           { return 1, 1 }
func (network) CreateLogin(context.Context, *bridgev2.User, string) (bridgev2.LoginProcess, error) {
	return nil, errors.New("no logins here")
}

// slotUsername makes localparts as the config's template does.
func (s *setting) slotUsername(name string) string { return s.slot.Prefix + name }
