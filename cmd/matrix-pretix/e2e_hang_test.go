package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// swamp takes requests, once it is told to, and answers none of them before it is drained.
type swamp struct {
	deep    atomic.Bool
	drained chan struct{}
	stuck   atomic.Int32 // that have come so far
}

func newSwamp() *swamp { return &swamp{drained: make(chan struct{})} }

func (s *swamp) take(_ http.ResponseWriter, r *http.Request) bool {
	if !s.deep.Load() {
		return false
	}
	s.stuck.Add(1)
	select {
	case <-s.drained:
		return false
	case <-r.Context().Done():
		return true
	}
}

func (s *swamp) drain() {
	s.deep.Store(false)
	close(s.drained)
}

// TestWebhookIsAnsweredWhilePretixAndTheHomeserverHang has both of them accept whatever they are asked and say nothing, while the bridge is
// waiting for them.
func TestWebhookIsAnsweredWhilePretixAndTheHomeserverHang(t *testing.T) {
	f := deploy(t, config.Postgres)
	pretix, homeserver := newSwamp(), newSwamp()
	f.cfg.Network.Instances = map[string]config.Instance{"lab": {URL: before(t, f.lab.Pretix.URL, pretix.take)}}
	f.cfg.Homeserver.Address = before(t, f.lab.Synapse.URL, homeserver.take)
	f.start()
	olga, ada, bob := f.person("olga"), f.person("ada"), f.person("bob")
	direct := olga.direct()
	olga.connects(direct, f.org.Tokens["minimal"])
	room := olga.eventRoom(nil)
	olga.links(direct, room)
	target := f.webhookTarget()
	first, second := f.order(true, ada.ID.String()), f.order(true, bob.ID.String())
	f.settled()

	pretix.deep.Store(true)
	homeserver.deep.Store(true)
	olga.say(direct, "!version")
	f.eventually("the homeserver is asked in vain", func() bool { return homeserver.stuck.Load() > 0 })
	f.isTaken(target, first)
	f.eventually("Pretix is asked in vain", func() bool { return pretix.stuck.Load() > 0 })
	f.isTaken(target, second)

	for _, code := range []string{first, second} {
		if err := f.conf.MarkPaid(t.Context(), code); err != nil {
			t.Fatalf("pay: %v", err)
		}
	}
	pretix.drain()
	homeserver.drain()
	olga.awaitMember(room, ada.ID, "invite")
	olga.awaitMember(room, bob.ID, "invite")
}

// webhookTarget is the address that the bridge has Pretix call, by one webhook and no more.
func (f *fixture) webhookTarget() string {
	f.t.Helper()
	var webhooks struct {
		Results []struct {
			TargetURL string `json:"target_url"`
		} `json:"results"`
	}
	f.eventually("the webhook is registered", func() bool {
		err := f.org.API(f.t.Context(), "GET", "webhooks/", nil, &webhooks)
		return err == nil && len(webhooks.Results) == 1
	})
	return webhooks.Results[0].TargetURL
}

// isTaken sends a webhook about an order and looks that it is answered within Pretix's patience, with the order's row written by then.
func (f *fixture) isTaken(target, code string) {
	f.t.Helper()
	body := fmt.Sprintf(`{"organizer":%q,"event":%q,"code":%q,"action":"pretix.event.order.paid"}`, f.org.Slug, f.conf.Slug, code)
	answer, err := (&http.Client{Timeout: 20 * time.Second}).Post(target, "application/json", strings.NewReader(body))
	if err != nil {
		f.t.Fatalf("no answer: %v", err)
	}
	defer answer.Body.Close()
	db := f.open()
	defer db.Close()
	var due bool
	err = db.QueryRow(f.t.Context(), "SELECT EXISTS (SELECT 1 FROM pretix_due WHERE code = $1)", code).Scan(&due)
	if answer.StatusCode != http.StatusOK || err != nil || !due {
		f.t.Errorf("answered %d, due %v (%v), want 200 and a row", answer.StatusCode, due, err)
	}
}
