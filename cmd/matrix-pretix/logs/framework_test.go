package logs

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
)

// nasty are localparts that a pattern alone would let through, some of them.
var nasty = []string{"ada", "a/d", "a&da", "ada lovelace", "a<d>a", "a=2fda", "ädä", "a%b", `a"b`, "a,b;c"}

func TestLinesOfTheFrameworkHoldNobody(t *testing.T) {
	for _, localpart := range nasty {
		user := "@" + localpart + ":person.example"
		log, out := recorded(t, "debug")
		z := Framework(log)
		z.Debug().Str("url", "https://h/_matrix/client/v3/profile/"+user).Str("method", "GET").Int("status_code", 404).Msg("Request completed")
		z.Error().Str("req_body", `{"user_id":"`+user+`"}`).Err(errors.New("Get \"https://h/" + user + "\": context deadline exceeded")).Msg("Request failed")
		z.Warn().Str("state_key", user).Stringer("user_id", id.UserID(user)).Strs("users", []string{user}).Any("content", map[string]any{"u": user}).Msg("x")
		z.WithLevel(zerolog.FatalLevel).RawJSON("body", []byte(`{"a":{"b":"`+"x"+`"}}`)).Interface("claimed_keys", map[id.UserID]string{id.UserID(user): "x"}).Msg("Failed")
		with := z.With().Str("login_owner", user).Logger()
		with.Info().Msg("Loading user")
		if text := out.String(); strings.Contains(text, "person.example") || strings.Contains(text, "lovelace") {
			t.Errorf("%s: got %s", user, text)
		}
		if got := strings.Count(out.String(), "\n"); got != 5 {
			t.Errorf("%s: got %d lines, want 5", user, got)
		}
	}
}

func TestKindOfAnErrorIsLeft(t *testing.T) {
	log, out := recorded(t, "info")
	z := Framework(log.Named("main"))
	z.Err(errors.New(`failed to POST /x/@ada:example.org: M_FORBIDDEN (HTTP 403): @ada:example.org is not in M_ADA`)).
		Str("as_user_id", "@pretixbot:example.org").Str("user_id", "@ada:example.org").Int("attempt", 3).Float64("seconds", 1.5).Bool("ok", false).Msg("Failed to send")
	line := lastLine(t, out)
	for key, want := range map[string]any{
		"level": "error", "logger": "main.mautrix", "msg": "Failed to send", "as_user_id": "@pretixbot:example.org",
		"attempt": 3.0, "seconds": 1.5, "ok": false, "user_id": nil,
	} {
		if line[key] != want {
			t.Errorf("%s: got %v, want %v", key, line[key], want)
		}
	}
	if got := fmt.Sprint(line["error_kind"]); got != "[HTTP 403 M_FORBIDDEN]" {
		t.Errorf("got kinds %s", got)
	}
}

func TestFatalAndOtherLevelsAreMapped(t *testing.T) {
	log, out := recorded(t, "debug")
	z := Framework(log)
	for level, want := range map[zerolog.Level]string{
		zerolog.DebugLevel: "debug", zerolog.InfoLevel: "info", zerolog.WarnLevel: "warn", zerolog.ErrorLevel: "error",
		zerolog.FatalLevel: "error", zerolog.PanicLevel: "error", zerolog.NoLevel: "info",
	} {
		z.WithLevel(level).Msg("x")
		if got := lastLine(t, out)["level"]; got != want {
			t.Errorf("%s: got %v, want %s", level, got, want)
		}
	}
}

func TestTraceIsNeverWrittenNorAreArgumentsOfQueries(t *testing.T) {
	log, out := recorded(t, "debug")
	z := Framework(log)
	if z.GetLevel() != zerolog.DebugLevel {
		t.Errorf("got level %s, want debug", z.GetLevel())
	}
	forced := z.Level(zerolog.TraceLevel)
	forced.Trace().Str("query", "x").Msg("Query")
	slow := dbutil.ZeroLogger(forced, dbutil.ZeroLogSettings{TraceLogAllQueries: true})
	slow.QueryTiming(context.Background(), "Exec", "INSERT INTO x VALUES ($1)", []any{"Ada Lovelace"}, -1, 2*time.Second, nil)
	if strings.Contains(out.String(), "Lovelace") || strings.Count(out.String(), "\n") != 1 || !strings.Contains(out.String(), "INSERT INTO x") {
		t.Errorf("got %s", out)
	}
}

func TestFrameworkLogsNoLowerThanItsLogger(t *testing.T) {
	log, out := recorded(t, "warn")
	z := Framework(log)
	z.Info().Msg("x")
	z.Warn().Msg("y")
	if z.GetLevel() != zerolog.WarnLevel || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("got level %s and %s", z.GetLevel(), out)
	}
}

func TestUnguardedLoggerIsGuardedForTheFramework(t *testing.T) {
	z := Framework(zap.NewNop())
	z.Error().Str("url", "x").Msg("x")
	if n, err := (&writer{guard: &guard{inner: zap.NewNop().Core(), scrub: newScrubber(Rules{})}}).Write([]byte("not JSON")); n != 8 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
}

// TestClientOfTheFrameworkLeaksNobody lets mautrix's own client meet a server that is away, one that is too slow and one that
// refuses, each with a person in the path and in the body.
func TestClientOfTheFrameworkLeaksNobody(t *testing.T) {
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "displayname") {
			<-hang
			return
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"errcode":"M_FORBIDDEN","error":"@ada:person.example is already in the room."}`))
	}))
	defer server.Close()
	defer close(hang)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()

	log, out := recorded(t, "debug")
	for _, address := range []string{server.URL, "http://" + gone.Addr().String()} {
		client, err := mautrix.NewClient(address, "@pretixbot:example.org", "as-token-of-the-tests")
		if err != nil {
			t.Fatal(err)
		}
		client.Log = Framework(log)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		_, _ = client.InviteUser(ctx, "!a:example.org", &mautrix.ReqInviteUser{UserID: "@ada:person.example", Reason: "Ada"})
		_, _ = client.GetDisplayName(ctx, "@ada:person.example")
		cancel()
	}
	if text := out.String(); strings.Contains(text, "person.example") || strings.Contains(text, "as-token") || strings.Count(text, "\n") < 4 {
		t.Errorf("got %s", text)
	}
}

func FuzzWriter(f *testing.F) {
	f.Add([]byte(`{"level":"info","message":"x","error":"M_UNKNOWN @ada:person.example","n":1e999,"a":[{}]}`))
	f.Add([]byte(`nonsense`))
	f.Fuzz(func(t *testing.T, line []byte) {
		w := &writer{guard: &guard{inner: zap.NewNop().Core(), scrub: newScrubber(our)}}
		if n, err := w.WriteLevel(zerolog.ErrorLevel, line); n != len(line) || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
	})
}
