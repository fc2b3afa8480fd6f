package homeserver_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
)

// registry is a homeserver as far as it knows our users.
type registry struct {
	known      bool // it knows the bot, after somebody registered it
	deaf       bool // it goes on not to
	refuses    bool // the room refuses the bot
	registered int
}

func (r *registry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	refuse := func(text string) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"errcode":"M_FORBIDDEN","error":%q}`, text)
	}
	switch {
	case strings.HasSuffix(req.URL.Path, "/register"):
		r.registered++
		r.known = !r.deaf
		fmt.Fprint(w, "{}")
	case !r.known:
		refuse("Application service has not registered this user")
	case r.refuses && !strings.HasSuffix(req.URL.Path, "/whoami"):
		refuse("not in room")
	default:
		fmt.Fprint(w, "{}")
	}
}

func TestBotThatTheHomeserverForgotIsRegisteredAnew(t *testing.T) {
	for name, test := range map[string]struct {
		then       registry // what the homeserver has become after the bot was first registered
		registered int      // times
		disowned   bool
		refused    bool
	}{
		"forgotten":                      {registry{}, 1, false, false},
		"forgotten, and out of the room": {registry{refuses: true}, 1, false, true},
		"known, and out of the room":     {registry{known: true, refuses: true}, 0, false, true},
		"not ours by what it has loaded": {registry{deaf: true}, 1, true, true},
		"nothing happened to it":         {registry{known: true}, 0, false, false},
	} {
		var r registry
		s, _ := offline(t, r.ServeHTTP)
		bot := s.BotOf("eu_lab_conf")
		if _, err := s.Members(t.Context(), bot, "!room:example.org"); err != nil {
			t.Fatalf("%s: at first: %v", name, err)
		}
		r = test.then
		_, err := s.Members(t.Context(), bot, "!room:example.org")
		if got := errors.Is(err, homeserver.ErrDisowned); got != test.disowned || (err != nil) != test.refused || r.registered != test.registered {
			t.Errorf("%s: got %v, registered %d times", name, err, r.registered)
		}
	}
}

func TestBotThatSynapseForgotIsRegisteredAnew(t *testing.T) {
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	bot := b.BotOf("eu_lab_restored")
	if err := b.mx.AS.StateStore.MarkRegistered(t.Context(), bot); err != nil {
		t.Fatal(err)
	}
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{Invite: []id.UserID{bot}}, false)
	if err := b.Join(t.Context(), bot, room); err != nil {
		t.Fatalf("join as a bot that only our own table knows: %v", err)
	}
	if is, err := b.Membership(t.Context(), bot, room, bot); is != "join" || err != nil {
		t.Errorf("the bot is %q: %v", is, err)
	}
}

// deadlines notes how long each request may take.
type deadlines map[string]time.Duration

func (d deadlines) RoundTrip(req *http.Request) (*http.Response, error) {
	if until, ok := req.Context().Deadline(); ok {
		d[path.Base(req.URL.Path)] = time.Until(until)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// TestInviteMayTakeAsLongAsTheHomeserverTries: 254 seconds were measured for a server that says nothing.
func TestInviteMayTakeAsLongAsTheHomeserverTries(t *testing.T) {
	limits := make(deadlines)
	s, _ := offline(t, nil, func(mx *matrix.Connector) { mx.AS.HTTPClient.Transport = limits })
	if err := s.Invite(t.Context(), "", "!room:example.org", "@ada:silent.example", ""); err != nil {
		t.Fatal(err)
	}
	if got := limits["invite"]; got < 255*time.Second {
		t.Errorf("an invite may take %v", got)
	}
	if got := limits["register"]; got == 0 {
		t.Error("another call may take for ever")
	}
}
