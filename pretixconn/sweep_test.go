package pretixconn

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

var gala = database.EventKey{Instance: "eu", Organizer: "lab", Event: "gala"}

// sweepKit has one login that sees the linked event "conf" and the unlinked event "gala".
func sweepKit(t *testing.T) (*kit, *fakePretix) {
	t.Helper()
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf", "gala")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	k := newKit(t, pretix.URL, "")
	pretix.mu.Lock()
	pretix.clock = k.clock.Now
	pretix.mu.Unlock()
	k.login(mira, tokenOf("a"))
	k.link(conf)
	return k, pretix
}

func (k *kit) mustSweep(organizer database.OrganizerKey) {
	k.t.Helper()
	if err := k.sweepNow(organizer); err != nil {
		k.t.Fatal(err)
	}
}

func wantDue(t *testing.T, k *kit, event database.EventKey, want ...string) {
	t.Helper()
	if got := k.due(event); !slices.Equal(got, want) {
		t.Errorf("%s: got due %v, want %v", event.Event, got, want)
	}
}

func TestSweepMakesChangedOrdersDueOnce(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.order("lab", "conf", "AAAAA", k.clock.Now())
	k.mustSweep(lab)
	wantDue(t, k, conf, "AAAAA")
	select {
	case <-k.woken:
	default:
		t.Error("nobody was woken")
	}
	k.settle(conf)
	for range 4 {
		k.clock.forward(time.Minute)
		k.mustSweep(lab)
		wantDue(t, k, conf)
	}
	pretix.order("lab", "conf", "AAAAA", k.clock.Now())
	k.mustSweep(lab)
	wantDue(t, k, conf, "AAAAA")
}

func TestSweepLeavesAloneWhatWasDealtWithUntilItChanges(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.order("lab", "conf", "AAAAA", k.clock.Now()) // a webhook told of it
	k.Settled(conf, "AAAAA", k.clock.Now())
	k.mustSweep(lab)
	wantDue(t, k, conf)
	k.clock.forward(time.Second)
	pretix.order("lab", "conf", "AAAAA", k.clock.Now()) // and of this none did
	k.mustSweep(lab)
	wantDue(t, k, conf, "AAAAA")
}

func TestOldOrdersThatWereDealtWithFillNoMemory(t *testing.T) {
	k, _ := sweepKit(t)
	k.Settled(conf, "AAAAA", k.clock.Now().Add(-rememberedFor-time.Second))
	k.Settled(conf, "BBBBB", k.clock.Now())
	if got := len(k.sweeps.handed.recent); got != 1 {
		t.Errorf("%d orders are remembered, want the one that a sweep may meet", got)
	}
}

// Within the overlap an order may come to be seen with a time that a sweep has passed already.
func TestSweepFindsWhatBecameVisibleLate(t *testing.T) {
	k, pretix := sweepKit(t)
	k.mustSweep(lab)
	before := k.watermark(conf)
	pretix.order("lab", "conf", "AAAAA", before.Add(-overlap/2))
	k.clock.forward(time.Minute)
	k.mustSweep(lab)
	wantDue(t, k, conf, "AAAAA")
}

func TestAfterARestartTheOverlapIsLookedAtOnceMore(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.order("lab", "conf", "AAAAA", k.clock.Now())
	k.mustSweep(lab)
	k.settle(conf)
	again := k.restart(pretix.URL, "")
	again.mustSweep(lab)
	wantDue(t, again, conf, "AAAAA")
	again.settle(conf)
	again.mustSweep(lab)
	wantDue(t, again, conf)
}

func TestSweepLeavesOtherEventsAlone(t *testing.T) {
	k, pretix := sweepKit(t)
	k.know(gala)
	pretix.order("lab", "gala", "GGGGG", k.clock.Now())
	k.mustSweep(lab)
	wantDue(t, k, gala)
	if got := k.watermark(gala); !got.IsZero() {
		t.Errorf("the watermark of an event without a room is %v", got)
	}
}

// Before an event's orders have been read as a whole, an order of last year and one of this minute look the same.
func TestEventIsNotSweptBeforeItsOrdersWereRead(t *testing.T) {
	k, pretix := sweepKit(t)
	k.link(gala)
	if err := k.store.SetDefaultServer(t.Context(), gala, "example.org"); err != nil {
		t.Fatal(err)
	}
	pretix.order("lab", "gala", "GGGGG", k.clock.Now())
	k.mustSweep(lab)
	wantDue(t, k, gala)
	k.scanned(gala)
	k.mustSweep(lab)
	wantDue(t, k, gala, "GGGGG")
}

func TestWatermarkFollowsPretixsClock(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.mu.Lock()
	pretix.clock = func() time.Time { return k.clock.Now().Add(-7 * time.Minute) }
	pretix.mu.Unlock()
	k.mustSweep(lab)
	if got, want := k.watermark(conf), k.clock.Now().Add(-7*time.Minute); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// While later pages are read, an order on an earlier one may change and be missed: the watermark is that of the first.
func TestWatermarkIsThatOfTheFirstPage(t *testing.T) {
	k, pretix := sweepKit(t)
	began := k.clock.Now()
	for i := range 120 {
		pretix.order("lab", "conf", fmt.Sprint("A", i), began.Add(time.Duration(i)*time.Millisecond))
	}
	pages := 0
	pretix.mu.Lock()
	pretix.clock = func() time.Time { pages++; return began.Add(time.Duration(pages) * time.Minute) }
	pretix.mu.Unlock()
	k.mustSweep(lab)
	if got, want := k.watermark(conf), began.Add(time.Minute); !got.Equal(want) || pages < 3 {
		t.Errorf("after %d pages got %v, want %v", pages, got, want)
	}
}

// The organizer's list silently leaves out what a login does not see: an empty list is no proof.
func TestLoginThatDoesNotSeeAnEventNeverMovesItsWatermark(t *testing.T) {
	k, pretix := sweepKit(t)
	k.link(gala)
	k.mustSweep(lab)
	before := k.watermark(gala)
	if before.IsZero() {
		t.Fatal("the first sweep moved nothing")
	}
	pretix.grant(tokenOf("a"), grant{organizer: "lab", events: []string{"conf"}})
	pretix.order("lab", "gala", "GGGGG", k.clock.Now().Add(time.Minute))
	for range 5 {
		k.clock.forward(provenFor)
		k.mustSweep(lab)
	}
	if got := k.watermark(gala); !got.Equal(before) {
		t.Errorf("moved from %v to %v", before, got)
	}
	if got := k.watermark(conf); !got.Equal(k.clock.Now()) {
		t.Errorf("the other event stands at %v, want %v", got, k.clock.Now())
	}
	wantDue(t, k, gala)
	pretix.grant(tokenOf("b"), grant{organizer: "lab", events: []string{"gala"}})
	k.login(noor, tokenOf("b"))
	k.mustSweep(lab)
	wantDue(t, k, gala, "GGGGG")
}

// A token whose team may no longer read orders still sees the event; its list of orders is just empty.
func TestLoginThatMayNotReadOrdersNeverMovesAWatermark(t *testing.T) {
	k, pretix := sweepKit(t)
	k.mustSweep(lab)
	before := k.watermark(conf)
	pretix.grant(tokenOf("a"), grant{organizer: "lab", noOrders: true})
	for range 3 {
		k.clock.forward(provenFor)
		k.mustSweep(lab)
	}
	if got := k.watermark(conf); !got.Equal(before) {
		t.Errorf("moved from %v to %v", before, got)
	}
}

func TestSightIsProvenEveryFewMinutesOnly(t *testing.T) {
	k, pretix := sweepKit(t)
	k.mustSweep(lab)
	pretix.requests()
	for range int(provenFor/time.Minute) - 1 {
		k.clock.forward(time.Minute)
		k.mustSweep(lab)
	}
	if asked := pretix.requests(); len(asked) != int(provenFor/time.Minute)-1 {
		t.Errorf("asked %v, want one request a sweep", asked)
	}
	k.clock.forward(time.Minute)
	k.mustSweep(lab)
	if got := k.watermark(conf); !got.Equal(k.clock.Now()) {
		t.Errorf("after %v the watermark stands at %v, want %v", provenFor, got, k.clock.Now())
	}
}

func TestQuietEventsCostNoRequests(t *testing.T) {
	pretix := newFakePretix(t)
	slugs := []string{}
	for i := range 40 {
		slugs = append(slugs, fmt.Sprint("event", i))
	}
	pretix.organizer("lab", slugs...)
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	k := newKit(t, pretix.URL, "")
	k.login(mira, tokenOf("a"))
	for _, slug := range slugs {
		k.link(lab.Event(slug))
	}
	k.mustSweep(lab)
	pretix.requests()
	k.clock.forward(time.Minute)
	k.mustSweep(lab)
	if asked := pretix.requests(); !slices.Equal(asked, []string{"GET organizers/lab/orders"}) {
		t.Errorf("asked %v for 40 events, want one request", asked)
	}
}

func TestFewestLoginsSweepAndTheOthersTakeOver(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf", "gala")
	pretix.grant(tokenOf("all"), grant{organizer: "lab"})
	pretix.grant(tokenOf("conf"), grant{organizer: "lab", events: []string{"conf"}})
	pretix.grant(tokenOf("gala"), grant{organizer: "lab", events: []string{"gala"}})
	k := newKit(t, pretix.URL, "")
	all := k.login(mira, tokenOf("all"))
	k.login(noor, tokenOf("conf"))
	k.login(noor, tokenOf("gala"))
	k.link(conf)
	k.link(gala)
	k.mustSweep(lab)
	pretix.requests()
	k.clock.forward(time.Minute)
	k.mustSweep(lab)
	if asked := pretix.requests(); len(asked) != 1 {
		t.Errorf("asked %v, want one request by the login that sees both", asked)
	}
	pretix.order("lab", "conf", "CCCCC", k.clock.Now())
	pretix.order("lab", "gala", "GGGGG", k.clock.Now())
	pretix.revoke(tokenOf("all"))
	k.clock.forward(time.Minute)
	k.mustSweep(lab)
	wantDue(t, k, conf, "CCCCC")
	wantDue(t, k, gala, "GGGGG")
	if !slices.Equal(k.deaths(), []string{all.ID}) {
		t.Errorf("told of the deaths of %v, want %v", k.deaths(), all.ID)
	}
}

func TestSweepWithoutALoginIsNoFailure(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.revoke(tokenOf("a"))
	for range 3 {
		k.mustSweep(lab)
	}
	organizer, err := k.store.Organizer(t.Context(), lab)
	if err != nil || !organizer.SweptAt.IsZero() {
		t.Errorf("swept at %v, %v, want never", organizer.SweptAt, err)
	}
}

func TestSweepThatBreaksOffMovesNoWatermark(t *testing.T) {
	k, pretix := sweepKit(t)
	for i := range 120 {
		pretix.order("lab", "conf", fmt.Sprint("A", i), k.clock.Now().Add(time.Duration(i)*time.Millisecond))
	}
	var asked atomic.Int32
	pretix.interfere(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/orders/") && asked.Add(1) == 2 {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		return false
	})
	if err := k.sweepNow(lab); !errors.Is(err, api.ErrUnavailable) {
		t.Fatalf("got %v, want %v", err, api.ErrUnavailable)
	}
	if got := k.watermark(conf); !got.IsZero() {
		t.Errorf("moved to %v", got)
	}
	if got := k.due(conf); len(got) != 50 {
		t.Errorf("got %d due, want the 50 of the page that came", len(got))
	}
	k.clock.forward(time.Hour)
	k.mustSweep(lab)
	if got := k.due(conf); len(got) != 120 {
		t.Errorf("got %d due, want all 120", len(got))
	}
}

// What changes right after the orders have been read as a whole must be found, also where our clock is far ahead of Pretix's.
func TestSweepGoesByPretixsClockAlone(t *testing.T) {
	k, pretix := sweepKit(t)
	theirs := k.clock.Now().Add(-time.Hour)
	pretix.mu.Lock()
	pretix.clock = func() time.Time { return theirs }
	pretix.mu.Unlock()
	if err := k.store.AdvanceSweep(t.Context(), conf, theirs); err != nil { // as the reading as a whole does
		t.Fatal(err)
	}
	pretix.order("lab", "conf", "AAAAA", theirs.Add(time.Second))
	k.mustSweep(lab)
	wantDue(t, k, conf, "AAAAA")
}
