package pretixconn

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"matrix-pretix/pretixconn/api"
)

// fakePretix answers as far as this package asks. It is there for what a real Pretix cannot be made to do: hang, break down, refuse a
// token in the middle of a list. What a real one answers is shown in real_test.go.
type fakePretix struct {
	*httptest.Server

	mu       sync.Mutex
	tokens   map[string]grant
	events   map[string][]string                           // organizer → slugs
	orders   map[string]map[string][]fakeOrder             // organizer → event → orders
	webhooks map[string][]api.Webhook                      // organizer → webhooks
	asked    []string                                      // paths, in order
	meddle   func(http.ResponseWriter, *http.Request) bool // answers instead, if it says so
	clock    func() time.Time
}

// grant is what a token may do, at one organizer.
type grant struct {
	organizer string
	also      string   // a second organizer, as a person's own credential may have
	events    []string // empty: all
	noOrders  bool
	noHooks   bool
}

type fakeOrder struct {
	code    string
	changed time.Time
}

func newFakePretix(t *testing.T) *fakePretix {
	t.Helper()
	p := &fakePretix{
		tokens: make(map[string]grant), events: make(map[string][]string), orders: make(map[string]map[string][]fakeOrder),
		webhooks: make(map[string][]api.Webhook), clock: time.Now,
	}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

// organizer adds an organizer with events.
func (p *fakePretix) organizer(slug string, events ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events[slug] = events
	p.orders[slug] = make(map[string][]fakeOrder)
}

// grant gives a token its permissions.
func (p *fakePretix) grant(token string, g grant) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens[token] = g
}

func (p *fakePretix) revoke(token string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.tokens, token)
}

// order makes or changes an order.
func (p *fakePretix) order(organizer, event, code string, changed time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	orders := slices.DeleteFunc(p.orders[organizer][event], func(o fakeOrder) bool { return o.code == code })
	p.orders[organizer][event] = append(orders, fakeOrder{code, changed})
}

// interfere has somebody else answer first.
func (p *fakePretix) interfere(meddle func(http.ResponseWriter, *http.Request) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meddle = meddle
}

// requests gives the paths asked for since the last call.
func (p *fakePretix) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked := p.asked
	p.asked = nil
	return asked
}

func (p *fakePretix) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	meddle := p.meddle
	_, path, _ := strings.Cut(strings.TrimSuffix(r.URL.Path, "/"), "/api/v1/")
	p.asked = append(p.asked, r.Method+" "+path)
	p.mu.Unlock()
	if meddle != nil && meddle(w, r) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Token ")]
	if !ok {
		refuse(w, http.StatusUnauthorized)
		return
	}
	w.Header().Set("X-Page-Generated", p.clock().UTC().Format(time.RFC3339Nano))
	p.answer(w, r, g, strings.Split(path, "/"))
}

func (p *fakePretix) answer(w http.ResponseWriter, r *http.Request, g grant, path []string) {
	switch {
	case len(path) == 1:
		organizers := []any{map[string]string{"slug": g.organizer, "name": "Organizer"}}
		if g.also != "" {
			organizers = append(organizers, map[string]string{"slug": g.also, "name": "Organizer"})
		}
		results(w, r, organizers)
	case path[1] == g.also:
		p.answer(w, r, grant{organizer: g.also}, path)
	case path[1] != g.organizer:
		refuse(w, http.StatusForbidden)
	case len(path) == 3 && path[2] == "events":
		p.listEvents(w, r, g)
	case len(path) == 3 && path[2] == "orders":
		p.listOrders(w, r, g, p.seen(g))
	case path[2] == "webhooks":
		p.hooks(w, r, g, path)
	case len(path) >= 4 && path[2] == "events" && !slices.Contains(p.visible(g), path[3]):
		refuse(w, http.StatusForbidden)
	case len(path) == 4:
		answerJSON(w, p.event(g.organizer, path[3]))
	case path[4] == "orders" && g.noOrders:
		refuse(w, http.StatusForbidden)
	case path[4] == "orders" && len(path) == 5:
		p.listOrders(w, r, g, []string{path[3]})
	case path[4] == "orders":
		p.oneOrder(w, g, path[3], path[5])
	default:
		results(w, r, nil)
	}
}

func (p *fakePretix) visible(g grant) []string {
	if len(g.events) > 0 {
		return g.events
	}
	return p.events[g.organizer]
}

// seen are the events whose orders stand in the organizer's list for this token.
func (p *fakePretix) seen(g grant) []string {
	if g.noOrders {
		return nil
	}
	return p.visible(g)
}

func (p *fakePretix) event(organizer, slug string) map[string]any {
	return map[string]any{
		"slug": slug, "name": map[string]string{"en": "Event " + slug}, "live": true,
		"public_url": p.URL + "/" + organizer + "/" + slug + "/",
	}
}

func (p *fakePretix) listEvents(w http.ResponseWriter, r *http.Request, g grant) {
	var events []any
	for _, slug := range p.visible(g) {
		events = append(events, p.event(g.organizer, slug))
	}
	results(w, r, events)
}

func (p *fakePretix) listOrders(w http.ResponseWriter, r *http.Request, g grant, events []string) {
	since, _ := time.Parse(time.RFC3339Nano, r.URL.Query().Get("modified_since"))
	type row struct {
		Event        string    `json:"event"`
		Code         string    `json:"code"`
		LastModified time.Time `json:"last_modified"`
	}
	var rows []row
	for _, event := range events {
		for _, order := range p.orders[g.organizer][event] {
			if !order.changed.Before(since) {
				rows = append(rows, row{event, order.code, order.changed})
			}
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return a.LastModified.Compare(b.LastModified) })
	results(w, r, toAny(rows))
}

func (p *fakePretix) oneOrder(w http.ResponseWriter, g grant, event, code string) {
	for _, order := range p.orders[g.organizer][event] {
		if order.code == code {
			answerJSON(w, map[string]any{"event": event, "code": code, "status": "p", "last_modified": order.changed})
			return
		}
	}
	refuse(w, http.StatusNotFound)
}

func (p *fakePretix) hooks(w http.ResponseWriter, r *http.Request, g grant, path []string) {
	if g.noHooks {
		refuse(w, http.StatusForbidden)
		return
	}
	hooks := p.webhooks[g.organizer]
	switch r.Method {
	case http.MethodGet:
		results(w, r, toAny(hooks))
	case http.MethodPost:
		var hook api.Webhook
		_ = json.NewDecoder(r.Body).Decode(&hook)
		hook.ID = int64(len(hooks) + 1)
		p.webhooks[g.organizer] = append(hooks, hook)
		w.WriteHeader(http.StatusCreated)
		answerJSON(w, hook)
	case http.MethodPatch:
		for i := range hooks {
			if fmt.Sprint(hooks[i].ID) == path[3] {
				_ = json.NewDecoder(r.Body).Decode(&hooks[i])
				answerJSON(w, hooks[i])
				return
			}
		}
		refuse(w, http.StatusNotFound)
	}
}

func toAny[T any](list []T) []any {
	var all []any
	for _, item := range list {
		all = append(all, item)
	}
	return all
}

// results answers with a page of a list, as it is asked for.
func results(w http.ResponseWriter, r *http.Request, rows []any) {
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil {
			return n
		}
		return otherwise
	}
	page, size := number("page", 1), min(number("page_size", 50), 50)
	from := (page - 1) * size
	if page < 1 || page > 1 && from >= len(rows) {
		refuse(w, http.StatusNotFound)
		return
	}
	next := any(nil)
	if from+size < len(rows) {
		next = "https://elsewhere.example.org/never-followed"
	}
	answerJSON(w, map[string]any{"next": next, "results": append([]any{}, rows[from:min(from+size, len(rows))]...)})
}

// refuse answers as Pretix's API does.
func refuse(w http.ResponseWriter, status int) {
	reasons := map[int]string{
		http.StatusUnauthorized: "Invalid token.",
		http.StatusForbidden:    "You do not have permission to perform this action.",
		http.StatusNotFound:     "No Order matches the given query.",
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Token")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	answerJSON(w, map[string]string{"detail": reasons[status]})
}

func answerJSON(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

// byProxy answers every request with a status as something before Pretix does, which knows nothing of it.
func byProxy(status int, text string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
		return true
	}
}

// answerPath answers one path with a text.
func answerPath(path, text string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		_, _ = w.Write([]byte(text))
		return true
	}
}
