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

	"matrix-pretix/database"
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

func TestListOfWebhooksThatFailsIsAMissingPermissionAndNoMore(t *testing.T) {
	for _, status := range []int{http.StatusBadGateway, http.StatusNotFound} {
		k, pretix := sweepKit(t)
		pretix.interfere(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/webhooks/") {
				refuse(w, status)
				return true
			}
			return false
		})
		login := k.login(noor, tokenOf("a"))
		if want := []string{api.PermissionWebhooks}; !reflect.DeepEqual(login.Lacks, want) || len(login.Events) != 2 {
			t.Errorf("%d: got %+v, want one that sees two events and lacks %v", status, login, want)
		}
		k.mustSweep(lab)
		if got := k.watermark(conf); got.IsZero() {
			t.Errorf("%d: the watermark has not moved", status)
		}
	}
}

// Rights may differ from event to event one day; those that matter here are tried.
func TestRightsAreTriedInAnEventThatIsKnownHere(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.organizer("lab", "attic", "conf")
	pretix.interfere(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/events/attic/orders/") {
			refuse(w, http.StatusForbidden)
			return true
		}
		return false
	})
	if err := k.refresh(t.Context(), k.clientsOf(mira)[0], "lab", k.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if seeing, err := k.seeing(t.Context(), conf); err != nil || len(seeing) != 1 {
		t.Errorf("got %v, %v, want the login to see the linked event", seeing, err)
	}
}

func TestOldDeadLoginThatCannotBeRemovedDoesNotFailTheNewOne(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.revoke(tokenOf("a"))
	k.mustSweep(lab)
	_, err := k.bridge.DB.Exec(t.Context(), `CREATE TRIGGER stuck BEFORE DELETE ON user_login BEGIN SELECT RAISE(ABORT, 'stuck'); END`)
	if err != nil {
		t.Fatal(err)
	}
	pretix.grant(tokenOf("b"), grant{organizer: "lab"})
	if login, err := k.tryLogin(mira, "eu", tokenOf("b")); err != nil || !login.Live {
		t.Errorf("got %+v, %v, want a live login", login, err)
	}
	if !strings.Contains(k.logs.String(), "dead login not removed") {
		t.Error("the log says nothing of the old one")
	}
}

// looking has a login begin a look whose list of events comes only when it is let go.
func looking(t *testing.T, k *kit, pretix *fakePretix, client *Client) (asked <-chan struct{}, letGo func(), ended <-chan error) {
	t.Helper()
	began, release, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var first atomic.Bool
	pretix.interfere(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/events/") || first.Swap(true) {
			return false
		}
		close(began)
		<-release
		results(w, r, []any{pretix.event("lab", "conf"), pretix.event("lab", "gala")})
		return true
	})
	go func() { done <- k.refresh(t.Context(), client, "lab", k.clock.Now()) }()
	return began, func() { close(release) }, done
}

func TestLogoutWaitsForNoLook(t *testing.T) {
	k, pretix := sweepKit(t)
	client := k.clientsOf(mira)[0]
	asked, letGo, ended := looking(t, k, pretix, client)
	<-asked
	if _, err := k.Logout(t.Context(), mira, client.id()); err != nil {
		t.Fatal(err)
	}
	letGo()
	if err := <-ended; !errors.Is(err, ErrNoLogin) {
		t.Errorf("the look ends with %v, want %v", err, ErrNoLogin)
	}
	if seen, err := k.store.SeenBy(t.Context(), client.id()); err != nil || len(seen) > 0 {
		t.Errorf("afterwards it sees %v, %v", seen, err)
	}
}

func TestAnswerToAnEarlierLookReplacesNoLaterOne(t *testing.T) {
	for name, later := range map[string]func(*kit, *Client) error{
		"at the organizer": func(k *kit, client *Client) error { return k.refresh(k.t.Context(), client, "lab", k.clock.Now()) },
		"at everything":    func(k *kit, client *Client) error { return k.refreshAll(k.t.Context(), client) },
	} {
		t.Run(name, func(t *testing.T) {
			k, pretix := sweepKit(t)
			client := k.clientsOf(mira)[0]
			asked, letGo, ended := looking(t, k, pretix, client)
			<-asked
			pretix.grant(tokenOf("a"), grant{organizer: "lab", events: []string{"gala"}})
			if err := later(k, client); err != nil {
				t.Fatal(err)
			}
			letGo()
			if err := <-ended; err != nil {
				t.Fatal(err)
			}
			if seen, err := k.store.SeenBy(t.Context(), client.id()); err != nil || !reflect.DeepEqual(seen, keys("gala")) {
				t.Errorf("it sees %v, %v, want what the later look saw", seen, err)
			}
		})
	}
}

func TestLogoutThatFailsLeavesTheLogin(t *testing.T) {
	k, _ := sweepKit(t)
	client := k.clientsOf(mira)[0]
	_, err := k.bridge.DB.Exec(t.Context(), `CREATE TRIGGER stuck BEFORE DELETE ON user_login BEGIN SELECT RAISE(ABORT, 'stuck'); END`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Logout(t.Context(), mira, client.id()); err == nil || !client.live() {
		t.Errorf("got %v, live %v, want an error and a live login", err, client.live())
	}
	if _, err := k.bridge.DB.Exec(t.Context(), `DROP TRIGGER stuck`); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Logout(t.Context(), mira, client.id()); err != nil || client.live() {
		t.Errorf("again: got %v, live %v", err, client.live())
	}
}

// A Pretix that hangs is waited for once, and what is to be done here is done for each organizer.
func TestWebhooksThatCannotBeDisabledInTimeAreNamed(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf")
	pretix.organizer("other", "party")
	pretix.grant(tokenOf("a"), grant{organizer: "lab", also: "other"})
	k := newKit(t, pretix.URL, "")
	k.login(mira, tokenOf("a"))
	party := database.OrganizerKey{Instance: "eu", Organizer: "other"}
	k.link(conf)
	k.link(party.Event("party"))
	for _, organizer := range []database.OrganizerKey{lab, party} {
		if _, err := k.EnsureWebhook(t.Context(), organizer); err != nil {
			t.Fatal(err)
		}
	}
	byHand, err := k.dropWebhooksWith(t.Context(), k.clientsOf(mira)[0], time.Now())
	if want := []database.OrganizerKey{lab, party}; err != nil || !reflect.DeepEqual(byHand, want) {
		t.Errorf("got %v, %v, want %v", byHand, err, want)
	}
}
