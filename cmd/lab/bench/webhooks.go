package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// arrival is a webhook that Pretix has sent.
type arrival struct {
	code, action string
	at           time.Time
}

// recorder stands where Pretix calls, notes when it did and passes the call on to the bridge, as a proxy does in production.
type recorder struct {
	server *http.Server
	url    string

	mu       sync.Mutex
	to       string
	arrivals []arrival
}

func newRecorder(listener net.Listener) *recorder {
	r := &recorder{url: "http://" + listener.Addr().String()}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.server.Serve(listener) }() // until Close
	return r
}

func (r *recorder) URL() string { return r.url }

func (r *recorder) Close() { _ = r.server.Close() }

// Forward says where the bridge is.
func (r *recorder) Forward(to string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = to
}

// Arrival is the first webhook about an order with an action that ends so.
func (r *recorder) Arrival(code, action string) (arrival, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.arrivals {
		if a.code == code && strings.HasSuffix(a.action, action) {
			return a, true
		}
	}
	return arrival{}, false
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	at := time.Now()
	body, err := io.ReadAll(io.LimitReader(req.Body, 1<<16))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var hook struct{ Code, Action string }
	_ = json.Unmarshal(body, &hook) // what is none is passed on, too
	r.mu.Lock()
	r.arrivals = append(r.arrivals, arrival{hook.Code, hook.Action, at})
	to := r.to
	r.mu.Unlock()
	status, err := post(req.Context(), to+req.URL.Path, body)
	if err != nil {
		status = http.StatusBadGateway
	}
	w.WriteHeader(status)
}

// poster makes a connection for each call, as Pretix does.
var poster = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func post(ctx context.Context, address string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, "POST", address, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("post a webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := poster.Do(req)
	if err != nil {
		return 0, errors.New("post a webhook: no answer") // the address is a secret
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, nil
}

// postWebhooks posts webhooks straight to the bridge, one after the other, about orders that it knows, and says how long each answer
// took. Meanwhile the bridge does what they ask for.
func (b *bench) postWebhooks(ctx context.Context) ([]time.Duration, error) {
	b.say(fmt.Sprintf("posting %d webhooks", webhookPosts))
	var webhooks, orders struct {
		Results []struct {
			TargetURL string `json:"target_url"`
			Code      string `json:"code"`
		} `json:"results"`
	}
	if err := b.org.API(ctx, "GET", "webhooks/", nil, &webhooks); err != nil {
		return nil, err
	}
	if err := b.org.Events[singleEvent].API(ctx, "GET", "orders/", nil, &orders); err != nil {
		return nil, err
	}
	if len(webhooks.Results) != 1 || len(orders.Results) == 0 {
		return nil, fmt.Errorf("got %d webhooks and %d orders", len(webhooks.Results), len(orders.Results))
	}
	target, err := url.Parse(webhooks.Results[0].TargetURL)
	if err != nil {
		return nil, errors.New("read the webhook's address")
	}
	took := make([]time.Duration, webhookPosts)
	for i := range took {
		order := orders.Results[i%len(orders.Results)].Code
		body := fmt.Sprintf(`{"notification_id":%d,"organizer":"bench","event":%q,"code":%q,"action":"pretix.event.order.modified"}`, i+1, singleEvent, order)
		began := time.Now()
		status, err := post(ctx, b.stage.Bridge.URL+target.Path, []byte(body))
		took[i] = time.Since(began)
		if err != nil || status != http.StatusOK {
			return nil, fmt.Errorf("got status %d (%w), want 200", status, err)
		}
	}
	return took, nil
}
