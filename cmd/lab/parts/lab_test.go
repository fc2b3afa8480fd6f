package parts

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// hook is what Pretix tells by a webhook.
type hook struct {
	Organizer, Event, Code, Action string
}

// hooks registers a receiver for all webhooks about orders of an organizer.
func hooks(t *testing.T, org *Organizer) <-chan hook {
	t.Helper()
	received := make(chan hook, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var h hook
		if err := json.NewDecoder(r.Body).Decode(&h); err != nil {
			t.Errorf("read a webhook: %v", err)
		}
		received <- h
	}))
	t.Cleanup(server.Close)
	err := org.API(t.Context(), "POST", "webhooks/", map[string]any{
		"enabled": true, "target_url": server.URL, "all_events": true, "limit_events": []string{},
		"action_types": []string{"pretix.event.order.placed", "pretix.event.order.paid", "pretix.event.order.modified"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return received
}

// await takes webhooks until the wanted one comes.
func await(t *testing.T, received <-chan hook, want hook) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		select {
		case got := <-received:
			if got == want {
				return
			}
		case <-deadline:
			t.Fatalf("got no webhook %+v in 20 s", want)
		}
	}
}

func newOrganizer(t *testing.T, l *Lab) *Organizer {
	t.Helper()
	org, err := l.Pretix.NewOrganizer(t.Context(), OrganizerSpec{})
	if err != nil {
		t.Fatal(err)
	}
	return org
}

func TestPaidOrderIsToldByWebhook(t *testing.T) {
	org := newOrganizer(t, Need(t))
	received, event := hooks(t, org), org.Events["conf"]
	order, err := event.CreateOrder(t.Context(), OrderSpec{Pending: true, Positions: []PositionSpec{{MatrixID: "@ada:lab.example"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := event.MarkPaid(t.Context(), order.Code); err != nil {
		t.Fatal(err)
	}
	await(t, received, hook{org.Slug, "conf", order.Code, "pretix.event.order.paid"})
	got, err := event.Order(t.Context(), order.Code)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != "p" {
		t.Errorf("got status %q, want p", got.Status)
	}
	if answers := got.Positions[0].Answers; len(answers) != 1 || answers[0].Answer != "@ada:lab.example" || answers[0].Identifier != "matrix" {
		t.Errorf("got answers %+v, want the Matrix ID alone", answers)
	}
}

func TestCustomerBuysAndChangesTheAnswer(t *testing.T) {
	org := newOrganizer(t, Need(t))
	received := hooks(t, org)
	card, err := org.NewGiftCard(t.Context(), "500.00")
	if err != nil {
		t.Fatal(err)
	}
	for name, event := range org.Events {
		began := time.Now()
		bought, err := event.Buy(t.Context(), Purchase{GiftCard: card, Tickets: []PositionSpec{
			{MatrixID: "@ada:lab.example", AttendeeName: "Ada Example"},
			{Item: event.Items.Online, MatrixID: "@grace:lab.example"},
			{Item: event.Items.Workshop, AddOnTo: 1},
		}})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("bought in %s", time.Since(began))
		await(t, received, hook{org.Slug, name, bought.Code, "pretix.event.order.paid"})
		if got, want := answered(t, event, bought.Code), []string{"@ada:lab.example", "@grace:lab.example", ""}; !sameAnswers(got, want) {
			t.Errorf("%s: got answers %q, want %q", name, got, want)
		}
		if err := event.EditAsCustomer(t.Context(), bought.URL, 0, "@alan:lab.example"); err != nil {
			t.Fatal(err)
		}
		await(t, received, hook{org.Slug, name, bought.Code, "pretix.event.order.modified"})
		if got, want := answered(t, event, bought.Code), []string{"@alan:lab.example", "@grace:lab.example", ""}; !sameAnswers(got, want) {
			t.Errorf("%s: got answers %q after the change, want %q", name, got, want)
		}
	}
}

// answered returns the first answer of each position, "" where there is none.
func answered(t *testing.T, event *Event, code string) []string {
	t.Helper()
	order, err := event.Order(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	if order.Status != "p" {
		t.Errorf("got status %q, want p", order.Status)
	}
	var answers []string
	for _, p := range order.Positions {
		if len(p.Answers) == 0 {
			answers = append(answers, "")
			continue
		}
		answers = append(answers, p.Answers[0].Answer)
	}
	return answers
}

func sameAnswers(got, want []string) bool {
	slices.Sort(got)
	slices.Sort(want)
	return slices.Equal(got, want)
}

func TestHangingReceiverHindersNobody(t *testing.T) {
	org := newOrganizer(t, Need(t))
	received, event := hooks(t, org), org.Events["conf"]
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	err = org.API(t.Context(), "POST", "webhooks/", map[string]any{
		"enabled": true, "target_url": "http://" + silent.Addr().String(), "all_events": true, "limit_events": []string{},
		"action_types": []string{"pretix.event.order.placed"},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		order, err := event.CreateOrder(t.Context(), OrderSpec{})
		if err != nil {
			t.Fatal(err)
		}
		await(t, received, hook{org.Slug, "conf", order.Code, "pretix.event.order.placed"})
	}
}

func TestOperationsDoWhatTheAPICannot(t *testing.T) {
	org := newOrganizer(t, Need(t))
	ctx, event := t.Context(), org.Events["conf"]
	codes, err := event.ManyOrders(ctx, 3, func(i int) string { return []string{"@ada:lab.example", "", "@grace:lab.example"}[i] })
	if err != nil || len(codes) != 3 {
		t.Fatalf("got orders %q and error %v, want three", codes, err)
	}
	order, err := event.CreateOrder(ctx, OrderSpec{Positions: []PositionSpec{{}, {MatrixID: "@ada:lab.example"}}})
	if err != nil {
		t.Fatal(err)
	}
	split, err := event.Split(ctx, order.Code, order.Positions[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	moved, err := event.Order(ctx, split)
	if err != nil || moved.Positions[0].ID != order.Positions[1].ID {
		t.Errorf("got %+v and error %v, want the position in an order of its own", moved, err)
	}
	if err := event.SetDomain(ctx, "tickets.example"); err != nil {
		t.Fatal(err)
	}
	var shown struct {
		URL string `json:"public_url"`
	}
	if err := event.API(ctx, "GET", "", nil, &shown); err != nil || !strings.Contains(shown.URL, "tickets.example") {
		t.Errorf("got public URL %q and error %v, want its own domain", shown.URL, err)
	}
	if err := event.Shred(ctx); err != nil {
		t.Fatal(err)
	}
	if got := answered(t, event, codes[0]); got[0] != "" {
		t.Errorf("got answer %q after shredding, want none", got[0])
	}
	if err := (org.pretix.Periodic(ctx)); err != nil {
		t.Error(err)
	}
}

func TestSlotIsAnApplicationServiceThatSynapseKnows(t *testing.T) {
	l := Need(t)
	ctx, s := t.Context(), l.Synapse
	slot, other := l.Slot(t), l.Slot(t)
	if slot.N == other.N {
		t.Fatalf("got slot %d twice", slot.N)
	}
	told := make(chan string, 100)
	listener, err := net.Listen("tcp", strings.TrimPrefix(slot.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		told <- string(text)
		_, _ = w.Write([]byte("{}"))
	})}}
	server.Start()
	defer server.Close()
	register := map[string]any{"type": "m.login.application_service", "username": slot.Bot, "inhibit_login": true}
	if err := s.Call(ctx, slot.ASToken, "POST", "/_matrix/client/v3/register", register, nil); err != nil {
		t.Fatal(err)
	}
	ada, err := s.Register(ctx, Unique("ada"), UserOptions{})
	if err != nil {
		t.Fatal(err)
	}
	bot := "@" + slot.Bot + ":" + s.ServerName
	room := map[string]any{"invite": []string{bot}, "name": "Room for " + slot.Bot}
	if err := s.Call(ctx, ada.AccessToken, "POST", "/_matrix/client/v3/createRoom", room, nil); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(20 * time.Second)
	for {
		select {
		case text := <-told:
			if strings.Contains(text, bot) {
				return
			}
		case <-deadline:
			t.Fatal("the invite did not reach the application service in 20 s")
		}
	}
}

func TestUserWithoutANameHasNoProfile(t *testing.T) {
	l := Need(t)
	nameless, err := l.Synapse.Register(t.Context(), Unique("nobody"), UserOptions{NoName: true})
	if err != nil {
		t.Fatal(err)
	}
	err = l.Synapse.Call(t.Context(), "", "GET", profilePath(nameless.UserID), nil, nil)
	if refusal, ok := errors.AsType[*HTTPError](err); !ok || refusal.Status != http.StatusNotFound {
		t.Errorf("got %v, want status 404", err)
	}
}
