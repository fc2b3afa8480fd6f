package pretixconn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

const paidHook = `{"notification_id": 1, "organizer": "lab", "event": "conf", "code": "AAAAA", "action": "pretix.event.order.paid"}`

// hookKit is a connector with the linked event "conf", and the path of the organizer's webhook.
func hookKit(t *testing.T) (*kit, string) {
	t.Helper()
	k := newKit(t, "https://eu.example.org", "")
	k.link(conf)
	secret, err := k.store.Secret(t.Context(), lab)
	if err != nil {
		t.Fatal(err)
	}
	return k, WebhookPath + secret
}

func post(handler http.Handler, path, body string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	return answer
}

func TestWebhookMakesItsOrderDueBeforeItAnswers(t *testing.T) {
	k, path := hookKit(t)
	for _, at := range []string{path, path + "/"} {
		if got := post(k.Webhook(), at, paidHook).Code; got != http.StatusOK {
			t.Errorf("got %d, want 200", got)
		}
		if got := k.due(conf); len(got) != 1 || got[0] != "AAAAA" {
			t.Errorf("got due %v, want AAAAA", got)
		}
		select {
		case <-k.woken:
		default:
			t.Error("nobody was woken")
		}
		k.settle(conf)
	}
	organizer, err := k.store.Organizer(t.Context(), lab)
	if err != nil || !organizer.HeardAt.Equal(k.clock.Now()) {
		t.Errorf("heard at %v, %v, want %v", organizer.HeardAt, err, k.clock.Now())
	}
}

func TestWebhookThatIsNoneOfOursIsTakenAndDropped(t *testing.T) {
	k, path := hookKit(t)
	k.know(keys("gala")[0])
	for name, body := range map[string]string{
		"an unknown event":        `{"organizer": "lab", "event": "other", "code": "AAAAA", "action": "pretix.event.order.paid"}`,
		"an event without a room": `{"organizer": "lab", "event": "gala", "code": "AAAAA", "action": "pretix.event.order.paid"}`,
		"another organizer":       `{"organizer": "other", "event": "conf", "code": "AAAAA", "action": "pretix.event.order.paid"}`,
		"other capitals":          `{"organizer": "lab", "event": "CONF", "code": "AAAAA", "action": "pretix.event.order.paid"}`,
		"no order":                `{"organizer": "lab", "event": "conf", "action": "pretix.event.changed"}`,
		"no event":                `{"organizer": "lab", "customer": "ABC", "action": "pretix.customer.created"}`,
		"no organizer":            `{"issuer_slug": "lab", "giftcard": 1, "action": "pretix.giftcards.created"}`,
	} {
		if got := post(k.Webhook(), path, body).Code; got != http.StatusOK {
			t.Errorf("%s: got %d, want 200", name, got)
		}
	}
	if inRoom, without := k.due(conf), k.due(keys("gala")[0]); len(inRoom)+len(without) > 0 {
		t.Errorf("got due %v, %v, want none", inRoom, without)
	}
}

func TestWhatIsNoWebhookIsRefused(t *testing.T) {
	k, path := hookKit(t)
	for name, tt := range map[string]struct {
		method, path, body string
		want               int
	}{
		"looked at in a browser": {http.MethodGet, path, "", http.StatusMethodNotAllowed},
		"HEAD":                   {http.MethodHead, path, "", http.StatusMethodNotAllowed},
		"PUT":                    {http.MethodPut, path, paidHook, http.StatusMethodNotAllowed},
		"wrong secret":           {http.MethodPost, WebhookPath + strings.Repeat("x", database.SecretLength), paidHook, http.StatusNotFound},
		"guessed secret":         {http.MethodPost, WebhookPath + "guessed", paidHook, http.StatusNotFound},
		"secret in part":         {http.MethodPost, path[:len(path)-1], paidHook, http.StatusNotFound},
		"secret and more":        {http.MethodPost, path + "/more", paidHook, http.StatusNotFound},
		"no secret":              {http.MethodPost, WebhookPath, paidHook, http.StatusNotFound},
		"other path":             {http.MethodPost, "/_pretix/", paidHook, http.StatusNotFound},
		"empty":                  {http.MethodPost, path, "", http.StatusBadRequest},
		"no JSON":                {http.MethodPost, path, "hello", http.StatusBadRequest},
		"too long":               {http.MethodPost, path, `{"action": "` + strings.Repeat("x", longestHook) + `"}`, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			answer := httptest.NewRecorder()
			k.Webhook().ServeHTTP(answer, httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body)))
			if answer.Code != tt.want || answer.Body.Len() > 0 {
				t.Errorf("got %d %q, want %d and no words", answer.Code, answer.Body, tt.want)
			}
		})
	}
	if due := k.due(conf); len(due) > 0 {
		t.Errorf("got due %v, want none", due)
	}
	organizer, err := k.store.Organizer(t.Context(), lab)
	if err != nil || !organizer.HeardAt.IsZero() {
		t.Errorf("heard at %v, %v, want never", organizer.HeardAt, err)
	}
}

// Nothing that is sent may make Pretix disable the webhook for good, which 410 does.
func TestWebhookNeverSaysGone(t *testing.T) {
	k, path := hookKit(t)
	bodies := []string{paidHook}
	for _, body := range nonsenseHooks {
		bodies = append(bodies, body)
	}
	links, err := k.store.LinksOf(t.Context(), conf)
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if _, err := k.store.DeleteLink(t.Context(), conf, link.Room, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if forgotten, err := k.store.ForgetEvent(t.Context(), conf); err != nil || !forgotten {
		t.Fatalf("forgotten: %v, %v", forgotten, err)
	}
	for _, body := range bodies {
		if got := post(k.Webhook(), path, body).Code; got == http.StatusGone {
			t.Errorf("%q: got %d", body, got)
		}
	}
}

func TestWebhookThatCannotBeWrittenDownComesAgain(t *testing.T) {
	k, path := hookKit(t)
	if err := k.bridge.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if got := post(k.Webhook(), path, paidHook).Code; got != http.StatusServiceUnavailable {
		t.Errorf("got %d, want 503", got)
	}
}

// Pretix hangs, and so does whoever is woken: the answer must not wait for them. (With the homeserver, too: cmd/matrix-pretix.)
func TestWebhookIsAnsweredWhilePretixHangs(t *testing.T) {
	hanging := make(chan struct{})
	pretix := newFakePretix(t)
	k, _, _, _ := twoLogins(t, pretix)
	pretix.interfere(func(http.ResponseWriter, *http.Request) bool { <-hanging; return true })
	var work sync.WaitGroup
	reading := make(chan struct{})
	k.Wake = func() {
		work.Go(func() {
			close(reading)
			_, _ = k.Order(context.WithoutCancel(t.Context()), conf, "AAAAA")
		})
	}
	secret, err := k.store.Secret(t.Context(), lab)
	if err != nil {
		t.Fatal(err)
	}
	k.bridge.Matrix = nil // whoever asked it would panic
	answered := make(chan int)
	go func() { answered <- post(k.Webhook(), WebhookPath+secret, paidHook).Code }()
	select {
	case got := <-answered:
		if got != http.StatusOK {
			t.Errorf("got %d, want 200", got)
		}
	case <-time.After(10 * time.Second):
		t.Error("no answer while Pretix hangs")
	}
	<-reading
	if due := k.due(conf); len(due) != 1 {
		t.Errorf("got due %v, want the order", due)
	}
	close(hanging)
	work.Wait()
}

func TestFloodOfWebhooksCostsNoMoreThanItsOrders(t *testing.T) {
	k, path := hookKit(t)
	handler := k.Webhook()
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			body := fmt.Sprintf(`{"organizer": "lab", "event": "conf", "code": "AAAA%d", "action": "pretix.event.order.paid"}`, i%3)
			if got := post(handler, path, body).Code; got != http.StatusOK {
				t.Errorf("got %d, want 200", got)
			}
		})
	}
	all.Wait()
	if due := k.due(conf); len(due) != 3 {
		t.Errorf("got due %v, want 3 orders", due)
	}
}

// busyDatabase holds up every query until it is let go, and counts how many there are at once.
type busyDatabase struct {
	dbutil.DatabaseLogger
	let chan struct{}

	mu          sync.Mutex
	inside, max int
}

func (d *busyDatabase) QueryTiming(context.Context, string, string, []any, int, time.Duration, error) {
	d.mu.Lock()
	d.inside++
	d.max = max(d.max, d.inside)
	d.mu.Unlock()
	<-d.let
	d.mu.Lock()
	d.inside--
	d.mu.Unlock()
}

func TestFloodOfWebhooksLeavesTheDatabaseToOthers(t *testing.T) {
	k, path := hookKit(t)
	busy := &busyDatabase{DatabaseLogger: dbutil.NoopLogger, let: make(chan struct{})}
	k.db.Log = busy
	handler := k.Webhook()
	var come, all sync.WaitGroup
	for range 200 {
		come.Add(1)
		all.Go(func() {
			come.Done()
			if got := post(handler, path, paidHook).Code; got != http.StatusOK {
				t.Errorf("got %d, want 200", got)
			}
		})
	}
	come.Wait()
	waitFor(t, func() bool { busy.mu.Lock(); defer busy.mu.Unlock(); return busy.inside >= hooksAtOnce })
	close(busy.let)
	all.Wait()
	if busy.max != hooksAtOnce {
		t.Errorf("%d at the database at once, want %d", busy.max, hooksAtOnce)
	}
}

// Whoever scans for secrets must not keep Pretix's webhooks waiting.
func TestWhatCannotBeASecretCostsNothing(t *testing.T) {
	k, path := hookKit(t)
	handler := k.Webhook().(*webhook)
	for range hooksAtOnce {
		handler.slots <- struct{}{}
	}
	for _, wrong := range []string{WebhookPath, WebhookPath + "guessed", path[:len(path)-1], path + "x"} {
		if got := post(handler, wrong, paidHook).Code; got != http.StatusNotFound {
			t.Errorf("got %d, want 404", got)
		}
	}
}

// Whoever has to wait too long for the database is told to come again.
func TestWebhookDoesNotWaitForEver(t *testing.T) {
	k, path := hookKit(t)
	handler := k.Webhook().(*webhook)
	for range hooksAtOnce {
		handler.slots <- struct{}{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, path, strings.NewReader(paidHook)).WithContext(ctx))
	if answer.Code != http.StatusServiceUnavailable {
		t.Errorf("got %d, want 503", answer.Code)
	}
	if log := k.logs.String(); log != "" {
		t.Errorf("who hung up stands in the log: %s", log)
	}
}

func TestWebhookOfAChangedEventDropsWhatIsCached(t *testing.T) {
	k, path := hookKit(t)
	load := func(event database.EventKey) (loaded bool) {
		_, _ = cached(&k.cache, event, "items", func() (int, error) { loaded = true; return 1, nil })
		return loaded
	}
	load(conf)
	load(keys("gala")[0])
	post(k.Webhook(), path, `{"organizer": "lab", "event": "conf", "item": 2, "action": "pretix.event.item.changed"}`)
	if !load(conf) || load(keys("gala")[0]) {
		t.Error("what is known of conf, and only that, must be asked anew")
	}
}

func TestHeardIsNotWrittenForEachWebhook(t *testing.T) {
	k, path := hookKit(t)
	heard := func() time.Time {
		if got := post(k.Webhook(), path, paidHook).Code; got != http.StatusOK {
			t.Fatalf("got %d, want 200", got)
		}
		organizer, err := k.store.Organizer(t.Context(), lab)
		if err != nil {
			t.Fatal(err)
		}
		return organizer.HeardAt
	}
	first := heard()
	k.clock.forward(heardEvery / 2)
	if got := heard(); !got.Equal(first) {
		t.Errorf("written again after half the time")
	}
	k.clock.forward(heardEvery)
	if got := heard(); !got.Equal(k.clock.Now()) {
		t.Errorf("got %v, want %v", got, k.clock.Now())
	}
}

func TestWebhookLogsNeitherSecretNorBody(t *testing.T) {
	k, path := hookKit(t)
	broken := strings.Replace(paidHook, "AAAAA", "Mallory's body", 1)
	post(k.Webhook(), path, broken)
	post(k.Webhook(), path, paidHook)
	if err := k.bridge.DB.Close(); err != nil {
		t.Fatal(err)
	}
	post(k.Webhook(), path, paidHook)
	log := k.logs.String()
	if !strings.Contains(log, "webhook not looked up") {
		t.Fatalf("the fault is not in the log: %s", log)
	}
	for _, secret := range []string{strings.TrimPrefix(path, WebhookPath), "Mallory", "AAAAA"} {
		if strings.Contains(log, secret) {
			t.Errorf("%q stands in the log", secret)
		}
	}
}

// The body comes slowly or breaks off: no slot at the database may be held for it meanwhile.
func TestSlowBodyHoldsNothingUp(t *testing.T) {
	k, path := hookKit(t)
	handler := k.Webhook().(*webhook)
	body := &brokenBody{seen: func() {
		if len(handler.slots) > 0 {
			t.Error("the database is held while the body comes")
		}
	}}
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, httptest.NewRequest(http.MethodPost, path, body))
	if answer.Code != http.StatusBadRequest {
		t.Errorf("got %d, want 400", answer.Code)
	}
}

type brokenBody struct {
	bytes.Buffer
	seen func()
}

func (b *brokenBody) Read([]byte) (int, error) {
	b.seen()
	return 0, errors.New("connection reset")
}

func TestSuspendedLinkIsStillFollowed(t *testing.T) {
	k, path := hookKit(t)
	room := id.RoomID("!conf:example.org")
	if err := k.store.SetLinkState(t.Context(), conf, room, database.LinkSuspended, database.LinkRemoved); err != nil {
		t.Fatal(err)
	}
	post(k.Webhook(), path, paidHook)
	if due := k.due(conf); len(due) != 1 {
		t.Errorf("got due %v, want the order: its tickets are known when the link comes back", due)
	}
}
