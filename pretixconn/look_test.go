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

func TestLoginWhosePretixHasItStayAwayDelaysNoOther(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.organizer("other", "gala")
	pretix.grant(tokenOf("b"), grant{organizer: "other", events: []string{"gala"}})
	k.login(mira, tokenOf("b"))
	clients := k.clientsOf(mira)
	if len(clients) != 2 {
		t.Fatalf("got %d logins, want 2", len(clients))
	}
	first, second := clients[0], clients[1] // in the order in which they are tried
	k.limiter(database.OrganizerKey{Instance: "eu", Organizer: first.summary().Organizers[0]}).Pause(time.Hour)
	first.bury(t.Context(), DeadRefused)
	second.bury(t.Context(), DeadRefused)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.keepSight(ctx) }()
	waitFor(t, second.live)
	cancel()
	if err := <-ended; err != nil || first.live() {
		t.Errorf("got %v, and the one that is not to be asked live: %v", err, first.live())
	}
}
