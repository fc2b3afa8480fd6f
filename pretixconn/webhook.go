package pretixconn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
)

// WebhookPath is where Pretix tells us about changes; the organizer's secret follows it.
const WebhookPath = "/_pretix/webhook/"

const (
	longestHook = 64 << 10
	hookTimeout = 10 * time.Second // Pretix gives up after 30
	hooksAtOnce = 4                // at the database: a flood must leave connections to those who work the orders off
	heardEvery  = 10 * time.Second // how often "heard" is written, at most
)

// Webhook is the handler for [WebhookPath]. It makes the order that a webhook names due and answers when that is committed; it asks
// neither Pretix nor Matrix, so that both may hang. A flood of webhooks costs no more than the rows that it names: an order that is
// due already becomes due again in the same row.
//
// Only success, and what is none of our concern, is answered with 200. Nonsense is answered with 4xx, a row that cannot be written
// with 503: then Pretix comes again. It never answers 410, which would make Pretix disable the webhook; a wrong secret is 404, as
// if nothing were here.
func (c *Connector) Webhook() http.Handler {
	return &webhook{conn: c, slots: make(chan struct{}, hooksAtOnce)}
}

type webhook struct {
	conn  *Connector
	slots chan struct{}
}

func (w *webhook) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		rw.Header().Set("Allow", http.MethodPost)
		rw.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), hookTimeout)
	defer cancel()
	rw.WriteHeader(w.receive(ctx, r, http.MaxBytesReader(rw, r.Body, longestHook)))
}

// receive takes a webhook in and says with which status to answer.
func (w *webhook) receive(ctx context.Context, r *http.Request, body io.Reader) int {
	key, err := w.addressee(ctx, r.URL.Path)
	if errors.Is(err, database.ErrNotFound) {
		return http.StatusNotFound
	} else if err != nil {
		return w.notTaken(r, "webhook not looked up", zap.Error(err))
	}
	raw, err := io.ReadAll(body)
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return http.StatusRequestEntityTooLarge
	} else if err != nil {
		return http.StatusBadRequest
	}
	told, err := parseHook(raw)
	if err != nil {
		return http.StatusBadRequest
	}
	if err = w.record(ctx, key, told); err != nil {
		return w.notTaken(r, "webhook not recorded", append(key.Fields(), zap.Error(err))...)
	}
	return http.StatusOK
}

// notTaken has Pretix come again. Where it has hung up by itself nothing is wrong here.
func (w *webhook) notTaken(r *http.Request, what string, fields ...zap.Field) int {
	if r.Context().Err() == nil {
		w.conn.log.Error(what, fields...)
	}
	return http.StatusServiceUnavailable
}

// addressee finds the organizer whose secret stands in the path. What cannot be a secret does not come as far as the database.
func (w *webhook) addressee(ctx context.Context, path string) (database.OrganizerKey, error) {
	secret, ok := strings.CutPrefix(path, WebhookPath)
	if secret = strings.TrimSuffix(secret, "/"); !ok || len(secret) != database.SecretLength {
		return database.OrganizerKey{}, database.ErrNotFound
	}
	leave, err := w.enter(ctx)
	if err != nil {
		return database.OrganizerKey{}, err
	}
	defer leave()
	organizer, err := w.conn.store.OrganizerBySecret(ctx, secret)
	if err != nil {
		return database.OrganizerKey{}, err
	}
	return organizer.Key, nil
}

// record makes the order due that the webhook names, if its event is one of ours.
func (w *webhook) record(ctx context.Context, organizer database.OrganizerKey, told hook) error {
	if told.Organizer != "" && told.Organizer != organizer.Organizer {
		return nil
	}
	leave, err := w.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	if err = w.conn.heardFrom(ctx, organizer); err != nil {
		return err
	}
	if told.Event == "" {
		return nil
	}
	event := organizer.Event(told.Event)
	if told.Code == "" {
		w.conn.cache.drop(event)
		return nil
	}
	followed, err := w.conn.follows(ctx, event)
	if err != nil || !followed {
		return err
	}
	due, err := w.conn.store.MakeDue(ctx, event, told.Code, false)
	if due {
		w.conn.Wake()
	}
	return err
}

// enter waits for leave to use the database.
func (w *webhook) enter(ctx context.Context) (leave func(), err error) {
	select {
	case w.slots <- struct{}{}:
		return func() { <-w.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the database: %w", ctx.Err())
	}
}

// heardFrom notes that Pretix reaches us, not oftener than anybody would want to know.
func (c *Connector) heardFrom(ctx context.Context, organizer database.OrganizerKey) error {
	now := c.now()
	c.mu.Lock()
	last, ok := c.heard[organizer]
	c.mu.Unlock()
	if since := now.Sub(last); ok && since >= 0 && since < heardEvery {
		return nil
	}
	if err := c.store.Heard(ctx, organizer); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard[organizer] = now
	return nil
}

// follows tells whether an event is tied to a room, so that its orders matter to us.
func (c *Connector) follows(ctx context.Context, event database.EventKey) (bool, error) {
	links, err := c.store.LinksOf(ctx, event)
	return len(links) > 0, err
}
