package pretixconn

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"matrix-pretix/pretixconn/api"
)

// keeping runs the keeper of webhooks for as long as the test lasts.
func keeping(t *testing.T, k *kit) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.webhooks.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// hooksOf gives the organizer's webhooks at Pretix.
func (p *fakePretix) hooksOf(organizer string) []api.Webhook {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]api.Webhook{}, p.webhooks[organizer]...)
}

func (p *fakePretix) oneHookAtWork(organizer string) func() bool {
	return func() bool {
		hooks := p.hooksOf(organizer)
		return len(hooks) == 1 && hooks[0].Enabled
	}
}

func TestWebhookIsEnabledAgainBySomebodyWhoConnects(t *testing.T) {
	k, pretix := sweepKit(t)
	keeping(t, k)
	waitFor(t, pretix.oneHookAtWork("lab"))
	waitFor(t, func() bool {
		organizer, err := k.store.Organizer(t.Context(), lab)
		return err == nil && organizer.WebhookID != 0
	})
	if _, err := k.Logout(t.Context(), mira, k.clientsOf(mira)[0].id()); err != nil {
		t.Fatal(err)
	}
	if pretix.oneHookAtWork("lab")() {
		t.Fatal("the last logout left the webhook at work")
	}
	pretix.grant(tokenOf("b"), grant{organizer: "lab"})
	k.login(mira, tokenOf("b"))
	waitFor(t, pretix.oneHookAtWork("lab"))
}

func TestStartMovesWebhooksToAChangedAddressAndEnablesThem(t *testing.T) {
	k, pretix := sweepKit(t)
	if _, err := k.EnsureWebhook(t.Context(), lab); err != nil {
		t.Fatal(err)
	}
	pretix.mu.Lock()
	pretix.webhooks["lab"][0].Enabled = false
	pretix.mu.Unlock()
	again := k.restart(pretix.URL, "")
	again.cfg.PublicAddress = "https://moved.example.org"
	keeping(t, again)
	waitFor(t, func() bool {
		hooks := pretix.hooksOf("lab")
		return len(hooks) == 1 && hooks[0].Enabled && strings.HasPrefix(hooks[0].TargetURL, "https://moved.example.org/")
	})
}

func TestWebhooksOfOrganizersWithoutLinksAreLeftAlone(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.organizer("other", "party")
	pretix.grant(tokenOf("b"), grant{organizer: "other"})
	k.login(noor, tokenOf("b"))
	if err := k.webhooks.ensure(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if hooks := pretix.hooksOf("other"); len(hooks) > 0 || len(pretix.hooksOf("lab")) != 1 {
		t.Errorf("got %v, want one of the linked organizer alone", hooks)
	}
}

func TestWebhookThatPretixDidNotAnswerAboutIsTriedAgain(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.interfere(byProxy(http.StatusBadGateway, ""))
	if err := k.webhooks.ensure(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	pretix.interfere(nil)
	if err := k.webhooks.ensure(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if !pretix.oneHookAtWork("lab")() {
		t.Errorf("got %v, want one", pretix.hooksOf("lab"))
	}
	pretix.requests()
	if err := k.webhooks.ensure(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if asked := pretix.requests(); len(asked) > 0 {
		t.Errorf("once it is at work, asked %v", asked)
	}
}

func TestTwoWhoMissAWebhookMakeOne(t *testing.T) {
	k, pretix := sweepKit(t)
	var reading atomic.Int32
	pretix.interfere(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/webhooks/") {
			reading.Add(1)
		} else if r.Method == http.MethodPost && reading.Load() > 1 {
			t.Error("one is made while somebody else looks for it")
		}
		return false
	})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := k.EnsureWebhook(t.Context(), lab); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if hooks := pretix.hooksOf("lab"); len(hooks) != 1 {
		t.Errorf("got %d webhooks, want one", len(hooks))
	}
}
