package pretixconn

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"matrix-pretix/database"
)

func TestOrganizerWhosePretixIsDownDelaysNoOther(t *testing.T) {
	down, up := newFakePretix(t), newFakePretix(t)
	for _, pretix := range []*fakePretix{down, up} {
		pretix.organizer("lab", "conf")
		pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	}
	k := newKit(t, down.URL, up.URL)
	there := database.EventKey{Instance: "us", Organizer: "lab", Event: "conf"}
	for _, instance := range []string{"eu", "us"} {
		if _, err := k.tryLogin(mira, instance, tokenOf("a")); err != nil {
			t.Fatal(err)
		}
	}
	k.link(conf)
	k.link(there)
	hanging := make(chan struct{})
	down.interfere(func(http.ResponseWriter, *http.Request) bool { <-hanging; return true })
	defer close(hanging)
	k.cfg.SweepEvery = time.Second
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- k.Run(ctx) }()
	for _, code := range []string{"AAAAA", "BBBBB"} {
		up.order("lab", "conf", code, k.clock.Now())
		waitFor(t, func() bool { return slices.Contains(k.due(there), code) })
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("run: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("run does not end with its context")
	}
}

func TestSweepsOfADeadPretixBecomeRare(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.interfere(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true })
	waits := []time.Duration{}
	for range 6 {
		if err := k.sweepNow(lab); err == nil {
			t.Fatal("the sweep succeeded")
		}
		wait := k.sweeps.organizers[lab].notBefore.Sub(k.clock.Now())
		waits = append(waits, wait)
		k.clock.forward(wait - time.Second)
		if sweep, _ := k.sweeps.claim(lab); sweep != nil {
			t.Fatal("swept again before its time")
		}
		k.clock.forward(time.Second)
	}
	want := []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute}
	if !slices.Equal(waits, want) {
		t.Errorf("got %v, want %v", waits, want)
	}
	pretix.interfere(nil)
	k.sweepNow(lab)
	if wait := k.sweeps.organizers[lab].notBefore; !wait.IsZero() {
		t.Errorf("after a success the next one waits until %v", wait)
	}
}

func TestOrganizerIsNotSweptTwiceAtOnce(t *testing.T) {
	k, _ := sweepKit(t)
	if sweep, _ := k.sweeps.claim(lab); sweep == nil {
		t.Fatal("the first sweep has to wait")
	}
	if sweep, _ := k.sweeps.claim(lab); sweep != nil {
		t.Error("a second sweep began during the first")
	}
	k.sweeps.release(lab, nil)
	if sweep, _ := k.sweeps.claim(lab); sweep == nil {
		t.Error("after the first there is no second")
	}
}

func TestNewLoginEndsThePause(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.interfere(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true })
	if err := k.sweepNow(lab); err == nil {
		t.Fatal("the sweep succeeded")
	}
	pretix.interfere(nil)
	pretix.grant(tokenOf("b"), grant{organizer: "lab"})
	k.login(noor, tokenOf("b"))
	if sweep, _ := k.sweeps.claim(lab); sweep == nil {
		t.Error("the next sweep still waits")
	}
}

// While Pretix has one organizer stay away, its sweep must not keep the place of another's.
func TestOrganizersWhomPretixHasStayAwayDelayNoOther(t *testing.T) {
	pretix := newFakePretix(t)
	k := newKit(t, pretix.URL, "")
	k.cfg.SweepEvery = time.Second
	away := sweepsAtOnce + 1
	for i := range away + 1 {
		organizer := fmt.Sprint("org", i)
		pretix.organizer(organizer, "conf")
		pretix.grant(tokenOf(organizer), grant{organizer: organizer})
		k.login(mira, tokenOf(organizer))
		k.link(database.EventKey{Instance: "eu", Organizer: organizer, Event: "conf"})
		if i < away {
			k.limiter(database.OrganizerKey{Instance: "eu", Organizer: organizer}).Pause(time.Hour)
		}
	}
	last := database.OrganizerKey{Instance: "eu", Organizer: fmt.Sprint("org", away)}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- k.Run(ctx) }()
	for _, code := range []string{"AAAAA", "BBBBB", "CCCCC"} {
		pretix.order(last.Organizer, "conf", code, k.clock.Now())
		waitFor(t, func() bool { return slices.Contains(k.due(last.Event("conf")), code) })
		k.clock.forward(time.Second)
	}
	stop()
	<-ended
}

// waitFor waits until something is so.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(20 * time.Second)
	for !so() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatal("it did not come to be so")
		}
	}
}
