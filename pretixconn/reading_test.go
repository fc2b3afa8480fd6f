package pretixconn

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

var conf = database.EventKey{Instance: "eu", Organizer: "lab", Event: "conf"}

// twoLogins connects two people who both see everything, and gives the logins in the order in which they are asked.
func twoLogins(t *testing.T, pretix *fakePretix) (k *kit, first, second Login, tokens map[string]string) {
	t.Helper()
	pretix.organizer("lab", "conf", "gala")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	pretix.grant(tokenOf("b"), grant{organizer: "lab"})
	k = newKit(t, pretix.URL, "")
	k.link(conf)
	one, two := k.login(mira, tokenOf("a")), k.login(noor, tokenOf("b"))
	tokens = map[string]string{one.ID: tokenOf("a"), two.ID: tokenOf("b")}
	if two.ID < one.ID {
		one, two = two, one
	}
	return k, one, two, tokens
}

func TestLoginThatIsRefusedDiesOnceAndTheNextOneServes(t *testing.T) {
	pretix := newFakePretix(t)
	k, first, second, tokens := twoLogins(t, pretix)
	pretix.order("lab", "conf", "AAAAA", time.Now())
	pretix.revoke(tokens[first.ID])
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if order, err := k.Order(t.Context(), conf, "AAAAA"); err != nil || order.Code != "AAAAA" {
				t.Errorf("got %v, %v, want the order", order, err)
			}
		})
	}
	all.Wait()
	if got, want := k.deaths(), []string{first.ID}; !slices.Equal(got, want) {
		t.Errorf("told of the deaths of %v, want %v", got, want)
	}
	if k.client(first.ID).live() || !k.client(second.ID).live() {
		t.Error("the wrong login is dead")
	}
	if again := k.restart(pretix.URL, ""); again.client(first.ID).live() {
		t.Error("after a restart the dead login is alive")
	}
}

func TestForbiddenEventIsOutOfThatLoginsSightOnly(t *testing.T) {
	pretix := newFakePretix(t)
	k, first, second, tokens := twoLogins(t, pretix)
	pretix.order("lab", "conf", "AAAAA", time.Now())
	pretix.grant(tokens[first.ID], grant{organizer: "lab", events: []string{"gala"}})
	if _, err := k.Order(t.Context(), conf, "AAAAA"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		login Login
		want  []database.EventKey
	}{{first, keys("gala")}, {second, keys("conf", "gala")}} {
		if got, err := k.store.SeenBy(t.Context(), tt.login.ID); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("got sight %v, %v, want %v", got, err, tt.want)
		}
	}
	if len(k.deaths()) > 0 {
		t.Errorf("%v died of it", k.deaths())
	}
}

func TestPretixBeingDownIsNoLoginsFault(t *testing.T) {
	pretix := newFakePretix(t)
	k, first, second, _ := twoLogins(t, pretix)
	pretix.interfere(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true })
	pretix.requests()
	if _, err := k.Order(t.Context(), conf, "AAAAA"); !errors.Is(err, api.ErrUnavailable) {
		t.Errorf("got %v, want %v", err, api.ErrUnavailable)
	}
	if asked := pretix.requests(); len(asked) != 1 {
		t.Errorf("asked %v, want one try: it is down for every login", asked)
	}
	for _, login := range []Login{first, second} {
		if seen, err := k.store.SeenBy(t.Context(), login.ID); err != nil || len(seen) != 2 || !k.client(login.ID).live() {
			t.Errorf("a login sees %v, %v, live %v afterwards", seen, err, k.client(login.ID).live())
		}
	}
}

func TestUnknownOrderIsNotAskedOfEveryLogin(t *testing.T) {
	pretix := newFakePretix(t)
	k, _, _, _ := twoLogins(t, pretix)
	pretix.requests()
	if _, err := k.Order(t.Context(), conf, "ZZZZZ"); !errors.Is(err, ErrNoOrder) {
		t.Errorf("got %v, want %v", err, ErrNoOrder)
	}
	if asked := pretix.requests(); len(asked) != 1 {
		t.Errorf("asked %v, want once", asked)
	}
}

func TestNobodyWhoSeesTheEventIsSaidSo(t *testing.T) {
	k := newKit(t, "https://eu.example.org", "")
	k.link(conf)
	if _, err := k.Order(t.Context(), conf, "AAAAA"); !errors.Is(err, ErrNoLogin) {
		t.Errorf("order: got %v, want %v", err, ErrNoLogin)
	}
	for _, err := range k.OrderPages(t.Context(), conf, time.Time{}, api.Batch) {
		if !errors.Is(err, ErrNoLogin) {
			t.Errorf("pages: got %v, want %v", err, ErrNoLogin)
		}
	}
	if _, err := k.Items(t.Context(), conf); !errors.Is(err, ErrNoLogin) {
		t.Errorf("items: got %v, want %v", err, ErrNoLogin)
	}
	if _, err := k.EventImage(t.Context(), conf); !errors.Is(err, ErrNoLogin) {
		t.Errorf("image: got %v, want %v", err, ErrNoLogin)
	}
}

// 120 orders are three pages; after the first one the login that reads is refused, and the other one must go on from there.
func TestPagesAreReadOnByAnotherLogin(t *testing.T) {
	pretix := newFakePretix(t)
	k, first, _, tokens := twoLogins(t, pretix)
	began := time.Now().Add(-time.Hour)
	want := make(map[string]bool)
	for i := range 120 {
		code := "A" + string(rune('A'+i/26)) + string(rune('A'+i%26))
		pretix.order("lab", "conf", code, began.Add(time.Duration(i)*time.Second))
		want[code] = true
	}
	got, pages := make(map[string]int), 0
	for page, err := range k.OrderPages(t.Context(), conf, time.Time{}, api.Batch) {
		if err != nil {
			t.Fatal(err)
		}
		for _, order := range page.Orders {
			got[order.Code]++
		}
		if pages++; pages == 1 {
			pretix.revoke(tokens[first.ID])
		}
	}
	total := 0
	for code := range want {
		if total += got[code]; got[code] == 0 {
			t.Errorf("order %s is missing", code)
		}
	}
	if total > len(want)+1 {
		t.Errorf("got %d orders, want %d and the one at which the logins changed twice", total, len(want))
	}
	if pages < 3 || !slices.Equal(k.deaths(), []string{first.ID}) {
		t.Errorf("got %d pages and the deaths of %v, want 3 or more and %v", pages, k.deaths(), first.ID)
	}
}

func TestPagesStopWhenNobodyWantsMore(t *testing.T) {
	pretix := newFakePretix(t)
	k, _, _, _ := twoLogins(t, pretix)
	for i := range 120 {
		pretix.order("lab", "conf", "A"+string(rune('A'+i/26))+string(rune('A'+i%26)), time.Now().Add(time.Duration(i)*time.Second))
	}
	pretix.requests()
	for range k.OrderPages(t.Context(), conf, time.Time{}, api.Batch) {
		break
	}
	if asked := pretix.requests(); len(asked) != 1 {
		t.Errorf("asked %v, want one page", asked)
	}
}

func TestWhatAnEventSellsIsAskedOnceAMinute(t *testing.T) {
	pretix := newFakePretix(t)
	k, _, _, _ := twoLogins(t, pretix)
	ask := func() int {
		pretix.requests()
		for range 3 {
			if _, err := k.Items(t.Context(), conf); err != nil {
				t.Fatal(err)
			}
			if _, err := k.EventState(t.Context(), conf); err != nil {
				t.Fatal(err)
			}
		}
		return len(pretix.requests())
	}
	if got := ask(); got != 2 {
		t.Errorf("got %d requests, want 2", got)
	}
	if got := ask(); got != 0 {
		t.Errorf("at once again: got %d requests, want none", got)
	}
	k.cache.drop(conf)
	if got := ask(); got != 2 {
		t.Errorf("after a change: got %d requests, want 2", got)
	}
	k.clock.forward(cachedFor)
	if got := ask(); got != 2 {
		t.Errorf("a minute later: got %d requests, want 2", got)
	}
}

func TestAnswerAskedForBeforeAChangeIsNotKept(t *testing.T) {
	ec := eventCache{now: time.Now}
	var loads atomic.Int32
	load := func(during func()) {
		_, _ = cached(&ec, conf, "items", func() (int, error) {
			during()
			return int(loads.Add(1)), nil
		})
	}
	load(func() { ec.drop(conf) })
	load(func() {})
	load(func() {})
	if got := loads.Load(); got != 2 {
		t.Errorf("loaded %d times, want 2: what a change overtook must not be kept", got)
	}
}

// Another server's answer about a picture says nothing about the login.
func TestRefusedPictureHurtsNoLogin(t *testing.T) {
	pretix := newFakePretix(t)
	k, first, _, _ := twoLogins(t, pretix)
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		pretix.interfere(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/settings/") {
				_, _ = w.Write([]byte(`{"logo_image": "/media/logo.png"}`))
				return true
			}
			w.WriteHeader(status)
			return true
		})
		if _, err := k.EventImage(t.Context(), conf); err == nil {
			t.Errorf("%d: got no error", status)
		}
	}
	if seen, err := k.store.SeenBy(t.Context(), first.ID); err != nil || len(seen) != 2 || len(k.deaths()) > 0 {
		t.Errorf("afterwards it sees %v, %v, and %v died", seen, err, k.deaths())
	}
}
