package homeserver_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/bridgev2/commands"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// offline is a server in front of a homeserver that answers as the test wants. log gets all that is logged by anybody.
func offline(t *testing.T, answer http.HandlerFunc, prepare ...func(*matrix.Connector)) (*homeserver.Server, *safeBuffer) {
	t.Helper()
	fake := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a server notices that the caller has gone only when it has read all
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer(w, r)
	}))
	t.Cleanup(fake.Close)
	db, err := database.Open(dbutil.PoolConfig{Type: database.TypeSQLite, URI: "file:" + filepath.Join(t.TempDir(), "bridge.db")}, dbutil.NoopLogger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	keys, err := database.NewKeys(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	config := &bridgeconfig.Config{}
	config.Homeserver.Address, config.Homeserver.Domain, config.Homeserver.RetryLimit = fake.URL, "example.org", 4
	config.AppService.Bot.Username, config.AppService.UsernameTemplate = "pretixbot", "pretix_{{.}}"
	log := &safeBuffer{}
	mx := matrix.NewConnector(config)
	framework := bridgev2.NewBridge("", db, zerolog.New(log), &config.Bridge, mx, network{},
		func(br *bridgev2.Bridge) bridgev2.CommandProcessor { return commands.NewProcessor(br) })
	store := database.NewStore(db, keys, time.Now)
	for _, upgrade := range []func(context.Context) error{framework.DB.Upgrade, mx.StateStore.Upgrade, store.Upgrade} {
		if err := upgrade(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(log), zap.DebugLevel)
	for _, do := range prepare {
		do(mx)
	}
	return homeserver.New(homeserver.Options{
		Matrix: mx, Bridge: framework, Directs: store, Suffix: " (tickets)", Now: time.Now, Log: zap.New(core),
	}), log
}

func TestNobodyIsNamedWhateverGoesWrong(t *testing.T) {
	const person, room, alias = id.UserID("@secretperson:example.org"), id.RoomID("!secretroom:example.org"), id.RoomAlias("#secretalias:example.org")
	refuse := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"errcode":%q,"error":"%s is already in %s"}`, code, person, room)
		}
	}
	for name, answer := range map[string]http.HandlerFunc{
		"forbidden":    refuse(403, "M_FORBIDDEN"),
		"not found":    refuse(404, "M_NOT_FOUND"),
		"limited":      refuse(429, "M_LIMIT_EXCEEDED"),
		"remote down":  refuse(502, "M_UNKNOWN"),
		"hostile code": refuse(403, person.String()),
		"page":         func(w http.ResponseWriter, r *http.Request) { http.Error(w, "<p>"+person.String(), 500) },
		"not JSON":     func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, person) },
		"wrong JSON":   func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "[%q]", person) },
		"cut off": func(w http.ResponseWriter, r *http.Request) {
			panic(http.ErrAbortHandler)
		},
		"silent": func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, log := offline(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/register") {
					fmt.Fprint(w, "{}")
					return
				}
				answer(w, r)
			})
			bot := s.BotOf("eu_lab_conf")
			for call, do := range map[string]func(ctx context.Context) error{
				"Members":    func(ctx context.Context) error { _, err := s.Members(ctx, bot, room); return err },
				"Membership": func(ctx context.Context) error { _, err := s.Membership(ctx, bot, room, person); return err },
				"Invite": func(ctx context.Context) error {
					return s.Invite(ctx, bot, room, person, "reason for "+person.String())
				},
				"Kick":         func(ctx context.Context) error { return s.Kick(ctx, bot, room, person, "") },
				"Join":         func(ctx context.Context) error { return s.Join(ctx, bot, room, "example.org") },
				"Leave":        func(ctx context.Context) error { return s.Leave(ctx, bot, room, "") },
				"ResolveAlias": func(ctx context.Context) error { _, _, err := s.ResolveAlias(ctx, alias); return err },
				"RoomState":    func(ctx context.Context) error { _, err := s.RoomState(ctx, bot, room, person); return err },
				"OwnState":     func(ctx context.Context) error { _, err := s.OwnState(ctx, bot, room); return err },
				"Exists":       func(ctx context.Context) error { _, err := s.Exists(ctx, person); return err },
				"Encrypted":    func(ctx context.Context) error { _, err := s.Encrypted(ctx, bot, room); return err },
				"Direct":       func(ctx context.Context) error { _, err := s.Direct(ctx, person); return err },
				"Private":      func(ctx context.Context) error { _, err := s.Private(ctx, room, person); return err },
				"PrepareRoom":  func(ctx context.Context) error { return s.PrepareRoom(ctx, room) },
				"Redact":       func(ctx context.Context) error { return s.Redact(ctx, room, "$evt") },
				"React":        func(ctx context.Context) error { return s.React(ctx, room, "$evt", "👍") },
				"EventBot": func(ctx context.Context) error {
					_, err := s.EventBot(ctx, "eu_lab_conf", homeserver.Face{Name: person.String()})
					return err
				},
				"Say": func(ctx context.Context) error {
					_, err := s.Say(ctx, homeserver.Message{Room: room, Markdown: "for " + person.String(), Mentions: []id.UserID{person}})
					return err
				},
				"StateEvent": func(ctx context.Context) error {
					return s.StateEvent(ctx, bot, room, event.StateTopic, person.String(), &struct{ Topic string }{})
				},
			} {
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				err := do(ctx)
				cancel()
				if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, "secret") || strings.Contains(text, "127.0.0.1") {
					t.Errorf("%s: error says %q", call, text)
				}
			}
			if strings.Contains(log.String(), "secret") {
				t.Errorf("logged: %s", log)
			}
		})
	}
}

func TestCallIsTriedOnce(t *testing.T) {
	tries := 0
	s, _ := offline(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/register") {
			fmt.Fprint(w, "{}")
			return
		}
		tries++
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, `{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":60000}`)
	})
	if err := s.Invite(t.Context(), "", "!room:example.org", "@ada:example.org", ""); err == nil {
		t.Error("got no error")
	}
	if tries != 1 {
		t.Errorf("tried %d times, want once", tries)
	}
}

func TestOnlyOwnUsersAreActedAs(t *testing.T) {
	s, _ := offline(t, func(w http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL.Path) })
	for _, user := range []id.UserID{"@ada:example.org", "@pretix_x:elsewhere.org", "nonsense"} {
		if err := s.Leave(t.Context(), user, "!room:example.org", ""); err == nil {
			t.Errorf("acted as %s", user)
		}
	}
}
