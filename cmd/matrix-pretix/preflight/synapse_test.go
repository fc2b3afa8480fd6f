package preflight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/cmd/matrix-pretix/listener"
)

// patience is how long a test waits for what should happen at once.
const patience = 30 * time.Second

// configOf is the config that fits a registration.
func configOf(s *parts.Synapse, slot *parts.Slot) *config.Config {
	c := config.Default()
	c.Homeserver = config.Homeserver{Address: s.URL, Domain: s.ServerName}
	c.AppService.Address, c.AppService.ID, c.AppService.Port = slot.URL, slot.ID, slot.Port
	c.AppService.ASToken, c.AppService.HSToken = slot.ASToken, slot.HSToken
	c.AppService.Bot.Username, c.AppService.UsernameTemplate = slot.Bot, slot.Prefix+"{{.}}"
	return c
}

// listen serves what a started bridge would, until the test ends.
func listen(t *testing.T, c *config.Config, port int) *listener.Server {
	t.Helper()
	l, err := listener.Listen("127.0.0.1", port, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	l.Attach(c.AppService.HSToken, http.NotFoundHandler(), http.NotFoundHandler())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l
}

// quick is a check that is less patient.
func quick(c *config.Config, l Listener, log *zap.Logger) *check {
	q := newCheck(c, l, log)
	q.brief = 100 * time.Millisecond
	q.pause = func(int) time.Duration { return 50 * time.Millisecond }
	return q
}

func TestGoodRegistrationPassesAndAgain(t *testing.T) {
	lab := parts.Need(t)
	slot := lab.Slot(t)
	c := configOf(lab.Synapse, slot)
	l := listen(t, c, slot.Port)
	for range 2 { // the names are known at the second time
		if err := Check(t.Context(), c, l, zap.NewNop()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSynapseRefusesEachWrongRegistrationWithItsSentence holds what the table of judge_test.go says against the real thing.
func TestSynapseRefusesEachWrongRegistrationWithItsSentence(t *testing.T) {
	lab := parts.Need(t)
	slot := lab.Slot(t)
	for _, c := range []struct {
		name  string
		wrong func(c *config.Config)
		step  Step
		part  string
	}{
		{"as_token", func(c *config.Config) { c.AppService.ASToken = "another-token-altogether" }, Token, "either it has not loaded"},
		{"as_token is not the file's", func(c *config.Config) {
			c.AppService.ASToken, c.RegistrationFile = "another-token-altogether", slot.Path
		}, Token, "have different ones"},
		{"domain", func(c *config.Config) { c.Homeserver.Domain = "other.example" }, Token, "calls itself lab.example"},
		{"the bot is the sender", func(c *config.Config) { c.AppService.Bot.Username = slot.SenderLocalpart }, Token, "sender_localpart"},
		{"the bot is in no namespace", func(c *config.Config) { c.AppService.Bot.Username = "somebody-else" }, Bot, "be @somebody-else:lab.example"},
		{"the bot is in another's namespace", func(c *config.Config) { c.AppService.Bot.Username = lab.Slot(t).Bot }, Bot, "another application service"},
		{"event bots are in no namespace", func(c *config.Config) { c.AppService.UsernameTemplate = "tickets_{{.}}" }, Ghost, "be @tickets_preflight:lab.example"},
		{"hs_token", func(c *config.Config) { c.AppService.HSToken = "another-token-altogether" }, Ping, "another hs_token"},
		{"id", func(c *config.Config) { c.AppService.ID = "another" }, Ping, "another id than appservice.id, another"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wrong := configOf(lab.Synapse, slot)
			c.wrong(wrong)
			// The listener is the one that belongs to the config, wrong or not.
			err := quick(wrong, listen(t, wrong, slot.Port), zap.NewNop()).run(t.Context())
			expect(t, err, c.step, c.part)
		})
	}
}

func expect(t *testing.T, err error, step Step, part string) {
	t.Helper()
	refused, ok := errors.AsType[*Refused](err)
	if !ok || refused.Step != step || !strings.Contains(refused.Text, part) {
		t.Errorf("got %v, want at step %s: …%s…", err, step, part)
	}
}

func TestSynapseMeetsSomethingElseAtOurAddress(t *testing.T) {
	lab := parts.Need(t)
	slot := lab.Slot(t)
	c := configOf(lab.Synapse, slot)
	elsewhere := listen(t, c, parts.Port(t)) // this process listens, but not where the registration leads
	for _, at := range []struct {
		name   string
		answer http.HandlerFunc
		part   string
	}{
		{"nobody", nil, "cannot connect to us at " + slot.URL},
		{"a web server that knows no such page", http.NotFound, "something else than matrix-pretix answers the homeserver"},
		{"a friendly web server", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }, "answered by something else"},
		{"a proxy that does not reach us", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "cannot serve (status 502)"},
	} {
		t.Run(at.name, func(t *testing.T) {
			if at.answer != nil {
				serveAt(t, slot.Port, at.answer)
			}
			expect(t, quick(c, elsewhere, zap.NewNop()).run(t.Context()), Ping, at.part)
		})
	}
}

func serveAt(t *testing.T, port int, answer http.HandlerFunc) {
	t.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(answer)
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
}

func TestSynapseAtOurAddressHangs(t *testing.T) {
	lab := parts.Need(t)
	slot := lab.Slot(t)
	c := configOf(lab.Synapse, slot)
	release := make(chan struct{})
	serveAt(t, slot.Port, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) }) // before the server is closed
	q := quick(c, listen(t, c, parts.Port(t)), zap.NewNop())
	q.pingLimit = time.Second
	expect(t, q.run(t.Context()), Ping, "gets no answer from us")
}

// TestOpenRegistrationTellsMore needs a homeserver of its own: one that lets strangers register also says whether a name is kept.
func TestOpenRegistrationTellsMore(t *testing.T) {
	parts.Need(t)
	dir := t.TempDir()
	mute := filepath.Join(dir, "mute.yaml")
	s := startOpen(t, dir, mute)
	known := configOf(s, &s.Slots[0])
	listened := listen(t, known, s.Slots[0].Port)

	stale := *known
	stale.AppService.ASToken = "another-token-altogether"
	expect(t, quick(&stale, listened, zap.NewNop()).run(t.Context()), Token, "but with another as_token")

	absent := stale
	absent.AppService.Bot.Username, absent.AppService.UsernameTemplate = "nobodys-bot", "nobodys_{{.}}"
	expect(t, quick(&absent, listened, zap.NewNop()).run(t.Context()), Token, "has not loaded the registration;")

	urlless := *known
	urlless.AppService.ID, urlless.AppService.ASToken = "mute", "a-token-of-the-mute-one"
	urlless.AppService.Bot.Username, urlless.AppService.UsernameTemplate = "mutebot", "mute_{{.}}"
	expect(t, quick(&urlless, listened, zap.NewNop()).run(t.Context()), Ping, "has no url")
}

// startOpen runs a Synapse with open registration and, beside a slot, a registration without an address.
func startOpen(t *testing.T, dir, mute string) *parts.Synapse {
	t.Helper()
	server := regexp.QuoteMeta(parts.ServerName)
	text := "id: mute\nurl: null\nas_token: a-token-of-the-mute-one\nhs_token: a-token-for-the-mute-one\nsender_localpart: unused-mute\n" +
		"rate_limited: false\nio.element.msc4190: true\nnamespaces:\n  users:\n    - {exclusive: true, regex: '^@mutebot:" + server + "$'}\n    - {exclusive: true, regex: '^@mute_.*:" + server + "$'}\n"
	if err := os.WriteFile(mute, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "synapse")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := parts.StartSynapse(t.Context(), home, parts.SynapseOptions{
		Slots: 1, Registrations: []string{mute}, Config: "enable_registration: true\nenable_registration_without_verification: true\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func TestHomeserverThatIsAwayIsWaitedFor(t *testing.T) {
	lab := parts.Need(t)
	slot := lab.Slot(t)
	c := configOf(lab.Synapse, slot)
	port := parts.Port(t)
	c.Homeserver.Address = fmt.Sprintf("http://127.0.0.1:%d", port)
	core, seen := observer.New(zapcore.WarnLevel)
	l := listen(t, c, slot.Port)
	done := make(chan error, 1)
	go func() { done <- quick(c, l, zap.New(core)).run(t.Context()) }()
	await(t, func() bool { return seen.FilterMessage("waiting for the homeserver").Len() == 1 })
	// First a proxy comes up, then what is behind it.
	serveAt(t, port, proxyTo(lab.Synapse.URL, func() bool { return seen.FilterMessage("waiting for the homeserver").Len() < 2 }))
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("got %v", err)
		}
	case <-time.After(patience):
		t.Fatal("it still waits")
	}
	var reasons []string
	for _, line := range seen.All() {
		reasons = append(reasons, fmt.Sprint(line.ContextMap()["reason"]))
	}
	if len(reasons) != 2 || !strings.Contains(reasons[0], "cannot be reached") || !strings.Contains(reasons[1], "a proxy answers") {
		t.Errorf("got %q, want one line for each", reasons)
	}
}

// proxyTo passes requests on unless what is behind it is down.
func proxyTo(address string, down func() bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if down() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		request, err := http.NewRequestWithContext(r.Context(), r.Method, address+r.URL.RequestURI(), r.Body)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		request.Header = r.Header
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		w.WriteHeader(response.StatusCode)
		_, _ = io.Copy(w, response.Body)
	}
}

func await(t *testing.T, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); {
		if time.Now().After(deadline) {
			t.Fatal("it does not happen")
		}
		<-time.After(10 * time.Millisecond)
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	c := config.Default()
	c.Homeserver = config.Homeserver{Address: fmt.Sprintf("http://127.0.0.1:%d", parts.Port(t)), Domain: "lab.example"}
	core, seen := observer.New(zapcore.WarnLevel)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- newCheck(c, nil, zap.New(core)).run(ctx) }()
	await(t, func() bool { return seen.Len() == 1 })
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(patience):
		t.Fatal("it still waits")
	}
}

func TestHangingHomeserverIsToldFromOneThatIsAway(t *testing.T) {
	release := make(chan struct{})
	hanging := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer hanging.Close()
	defer close(release)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of us
	secure.StartTLS()
	defer secure.Close()
	const enough = 300 * time.Millisecond
	for _, c := range []struct {
		name, address string
		limit         time.Duration // short only for what never comes
		want          Kind
	}{
		{"hangs", hanging.URL, enough, TimedOut},
		{"away", fmt.Sprintf("http://127.0.0.1:%d", parts.Port(t)), patience, Unreachable},
		{"unknown certificate", secure.URL, patience, Untrusted},
	} {
		if got := newAsker(c.address, "token").ask(t.Context(), c.limit, "", http.MethodGet, "/", ""); got.Kind != c.want {
			t.Errorf("%s: got %+v, want kind %d", c.name, got, c.want)
		}
	}
}
