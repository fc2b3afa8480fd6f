package pretixconn

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"matrix-pretix/pretixconn/api"
)

// firstOn answers the first request whose path ends so with a status of Pretix's own.
func firstOn(suffix string, status int) func(http.ResponseWriter, *http.Request) bool {
	var done atomic.Bool
	return func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, suffix) || done.Swap(true) {
			return false
		}
		refuse(w, status)
		return true
	}
}

// wantSight wants a login to be live and to see just these events.
func wantSight(t *testing.T, k *kit, login Login, want ...string) {
	t.Helper()
	seen, err := k.store.SeenBy(t.Context(), login.ID)
	if err != nil || !reflect.DeepEqual(seen, keys(want...)) || !k.client(login.ID).live() {
		t.Errorf("login sees %v, %v, live %v; want a live one that sees %v", seen, err, k.client(login.ID).live(), want)
	}
}

// Pretix restarts behind a proxy, or somebody puts a password before it.
func TestWhatAProxyAnswersIsNoVerdictOfPretix(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"no way to Pretix": byProxy(http.StatusNotFound, "404 page not found\n"),
		"a password":       byProxy(http.StatusUnauthorized, "<html>401 Authorization Required</html>"),
		"a firewall":       byProxy(http.StatusForbidden, `{"error":"blocked"}`),
		"gone":             byProxy(http.StatusGone, ""),
	} {
		t.Run(name, func(t *testing.T) {
			k, pretix := sweepKit(t)
			login, err := k.LoginsOf(t.Context(), mira)
			if err != nil {
				t.Fatal(err)
			}
			pretix.order("lab", "conf", "AAAAA", k.clock.Now())
			pretix.interfere(answer)
			if _, err := k.Order(t.Context(), conf, "AAAAA"); !errors.Is(err, api.ErrUnavailable) || errors.Is(err, ErrNoOrder) {
				t.Errorf("order: got %v, want %v", err, api.ErrUnavailable)
			}
			for _, err := range k.OrderPages(t.Context(), conf, time.Time{}, api.Batch) {
				if !errors.Is(err, api.ErrUnavailable) {
					t.Errorf("pages: got %v, want %v", err, api.ErrUnavailable)
				}
			}
			if err := k.sweepNow(lab); !errors.Is(err, api.ErrUnavailable) {
				t.Errorf("sweep: got %v, want %v", err, api.ErrUnavailable)
			}
			if err := k.refreshAll(t.Context(), k.clientsOf(mira)[0]); !errors.Is(err, api.ErrUnavailable) {
				t.Errorf("look: got %v, want %v", err, api.ErrUnavailable)
			}
			wantSight(t, k, login[0], "conf", "gala")
			if len(k.deaths()) > 0 {
				t.Errorf("told of the deaths of %v", k.deaths())
			}
			pretix.interfere(nil)
			k.clock.forward(time.Hour)
			k.mustSweep(lab)
			wantDue(t, k, conf, "AAAAA")
		})
	}
}

func TestOrderIsGoneOnlyByPretixsWordForIt(t *testing.T) {
	k, pretix := sweepKit(t)
	if _, err := k.Order(t.Context(), conf, "ZZZZZ"); !errors.Is(err, ErrNoOrder) {
		t.Errorf("an unknown order: got %v, want %v", err, ErrNoOrder)
	}
	pretix.interfere(firstOn("/orders/", http.StatusNotFound))
	for _, err := range k.OrderPages(t.Context(), conf, time.Time{}, api.Batch) {
		if err == nil || errors.Is(err, ErrNoOrder) {
			t.Errorf("a list that is not found: got %v, want another error than %v", err, ErrNoOrder)
		}
	}
}

func TestLoginDiesOfASecondRefusalOnly(t *testing.T) {
	k, pretix := sweepKit(t)
	login, err := k.LoginsOf(t.Context(), mira)
	if err != nil {
		t.Fatal(err)
	}
	pretix.order("lab", "conf", "AAAAA", k.clock.Now())
	for _, path := range []string{"/orders/AAAAA/", "/events/", "/organizers/lab/orders/"} {
		pretix.interfere(firstOn(path, http.StatusUnauthorized))
		var err error
		switch path {
		case "/orders/AAAAA/":
			_, err = k.Order(t.Context(), conf, "AAAAA")
		case "/events/":
			err = k.refresh(t.Context(), k.clientsOf(mira)[0], "lab", k.clock.Now())
		default:
			err = k.sweepNow(lab)
		}
		if !errors.Is(err, api.ErrUnavailable) {
			t.Errorf("%s: got %v, want %v", path, err, api.ErrUnavailable)
		}
	}
	wantSight(t, k, login[0], "conf", "gala")
	pretix.revoke(tokenOf("a"))
	if _, err := k.Order(t.Context(), conf, "AAAAA"); !errors.Is(err, ErrNoLogin) {
		t.Errorf("revoked: got %v, want %v", err, ErrNoLogin)
	}
	if got := k.deaths(); !reflect.DeepEqual(got, []string{login[0].ID}) {
		t.Errorf("told of the deaths of %v, want %v", got, login[0].ID)
	}
}

func TestRefusedLoginRevivesByItself(t *testing.T) {
	k, pretix := sweepKit(t)
	login, err := k.LoginsOf(t.Context(), mira)
	if err != nil {
		t.Fatal(err)
	}
	client := k.clientsOf(mira)[0]
	pretix.revoke(tokenOf("a"))
	k.mustSweep(lab)
	if err := k.revive(t.Context(), client); err != nil || client.live() {
		t.Fatalf("while it is refused: got %v, live %v", err, client.live())
	}
	pretix.interfere(byProxy(http.StatusBadGateway, ""))
	if err := k.revive(t.Context(), client); !errors.Is(err, api.ErrUnavailable) || client.live() {
		t.Fatalf("while Pretix is away: got %v, live %v", err, client.live())
	}
	pretix.interfere(nil)
	pretix.grant(tokenOf("a"), grant{organizer: "lab", events: []string{"conf"}})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.keepSight(ctx) }()
	waitFor(t, client.live)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	wantSight(t, k, login[0], "conf")
	if !strings.Contains(k.logs.String(), "refused login is accepted again") {
		t.Error("the log says nothing of it")
	}
	if again := k.restart(pretix.URL, ""); !again.client(login[0].ID).live() {
		t.Error("after a restart it is dead")
	}
}

// Pretix refuses one request and shows the event all the same.
func TestOneForbiddenRequestBlindsNobody(t *testing.T) {
	k, pretix := sweepKit(t)
	login, err := k.LoginsOf(t.Context(), mira)
	if err != nil {
		t.Fatal(err)
	}
	pretix.order("lab", "conf", "AAAAA", k.clock.Now())
	pretix.interfere(firstOn("/orders/AAAAA/", http.StatusForbidden))
	if _, err := k.Order(t.Context(), conf, "AAAAA"); !errors.Is(err, api.ErrForbidden) || errors.Is(err, ErrNoLogin) {
		t.Errorf("got %v, want %v: the login sees the event", err, api.ErrForbidden)
	}
	if _, err := k.Order(t.Context(), conf, "AAAAA"); err != nil {
		t.Errorf("the next time: %v", err)
	}
	pretix.interfere(firstOn("/organizers/lab/orders/", http.StatusForbidden))
	if err := k.sweepNow(lab); !errors.Is(err, api.ErrForbidden) {
		t.Errorf("sweep: got %v, want %v", err, api.ErrForbidden)
	}
	wantSight(t, k, login[0], "conf", "gala")
	if strings.Contains(k.logs.String(), "does not see event") {
		t.Error("the log says that it does not see the event")
	}
}

func TestListOfEventsThatIsNotFoundBlindsNobody(t *testing.T) {
	k, pretix := sweepKit(t)
	login, err := k.LoginsOf(t.Context(), mira)
	if err != nil {
		t.Fatal(err)
	}
	pretix.interfere(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/events/") {
			refuse(w, http.StatusNotFound)
			return true
		}
		return false
	})
	if err := k.refresh(t.Context(), k.clientsOf(mira)[0], "lab", k.clock.Now()); err == nil {
		t.Error("got no error")
	}
	wantSight(t, k, login[0], "conf", "gala")
}

func TestSweepLooksAgainForAnEventThatNobodySees(t *testing.T) {
	k, pretix := sweepKit(t)
	client := k.clientsOf(mira)[0]
	pretix.grant(tokenOf("a"), grant{organizer: "lab", events: []string{"gala"}})
	if err := k.refresh(t.Context(), client, "lab", k.clock.Now()); err != nil {
		t.Fatal(err)
	}
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	pretix.order("lab", "conf", "AAAAA", k.clock.Now())
	pretix.requests()
	k.mustSweep(lab)
	if asked := pretix.requests(); len(asked) > 0 {
		t.Errorf("it looked a moment ago, and asked %v", asked)
	}
	wantDue(t, k, conf)
	k.clock.forward(resolvedFor)
	k.mustSweep(lab)
	wantDue(t, k, conf, "AAAAA")
	if got, err := k.store.SeenBy(t.Context(), client.id()); err != nil || len(got) != 2 {
		t.Errorf("it sees %v, %v", got, err)
	}
	pretix.revoke(tokenOf("a"))
	k.mustSweep(lab)
	k.clock.forward(time.Hour)
	pretix.requests()
	k.mustSweep(lab)
	if asked := pretix.requests(); len(asked) > 0 {
		t.Errorf("by a dead login was asked %v", asked)
	}
}
