package pretixconn

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"matrix-pretix/pretixconn/api"
)

// speaks tells whether a decision may rest on what a person's live logins see.
func speaks(t *testing.T, k *kit) bool {
	t.Helper()
	logins, err := k.LoginsOf(t.Context(), mira)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(logins, func(login Login) bool { return login.Live && slices.Contains(login.Events, conf) })
}

// Another person's login still sees the event, and everything else that is asked of Pretix is answered by that.
func TestRightThatWasTakenAMomentAgoProvesNothing(t *testing.T) {
	for name, take := range map[string]func(*fakePretix){
		"the token is revoked":      func(p *fakePretix) { p.revoke(tokenOf("a")) },
		"the event is out of reach": func(p *fakePretix) { p.grant(tokenOf("a"), grant{organizer: "lab", events: []string{"gala"}}) },
		"orders may not be read":    func(p *fakePretix) { p.grant(tokenOf("a"), grant{organizer: "lab", noOrders: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			k, pretix := sweepKit(t)
			pretix.grant(tokenOf("b"), grant{organizer: "lab"})
			k.login(noor, tokenOf("b"))
			take(pretix)
			k.clock.forward(resolvedFor)
			if err := k.Prove(t.Context(), mira, conf); err != nil {
				t.Fatal(err)
			}
			if speaks(t, k) {
				t.Error("she still speaks for the event")
			}
			if _, err := k.EventState(t.Context(), conf); err != nil {
				t.Errorf("the other login does not serve: %v", err)
			}
		})
	}
}

func TestRightIsAskedForOnceAMinute(t *testing.T) {
	k, pretix := sweepKit(t)
	prove := func() int {
		pretix.requests()
		if err := k.Prove(t.Context(), mira, conf); err != nil || !speaks(t, k) {
			t.Fatalf("got %v, speaks %v", err, speaks(t, k))
		}
		return len(pretix.requests())
	}
	if got := prove(); got != 0 {
		t.Errorf("just connected: %d requests, want none", got)
	}
	k.clock.forward(resolvedFor)
	if got := prove(); got != 2 {
		t.Errorf("a minute later: %d requests, want 2", got)
	}
	if got := prove(); got != 0 {
		t.Errorf("at once again: %d requests, want none", got)
	}
}

func TestRightIsUnprovenWhilePretixIsAway(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"down":           byProxy(http.StatusBadGateway, ""),
		"behind a proxy": byProxy(http.StatusUnauthorized, "who are you?"),
	} {
		k, pretix := sweepKit(t)
		again := k.restart(pretix.URL, "")
		pretix.interfere(answer)
		if err := again.Prove(t.Context(), mira, conf); !errors.Is(err, api.ErrUnavailable) {
			t.Errorf("%s: got %v, want %v", name, err, api.ErrUnavailable)
		}
		if err := again.Prove(t.Context(), noor, conf); err != nil {
			t.Errorf("%s: somebody without a login: %v", name, err)
		}
		if err := again.Prove(t.Context(), mira, lab.Event("unseen")); err != nil {
			t.Errorf("%s: an event that the login never saw: %v", name, err)
		}
		if !speaks(t, again) {
			t.Errorf("%s: what was known is forgotten", name)
		}
	}
}
