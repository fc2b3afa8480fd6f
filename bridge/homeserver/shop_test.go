package homeserver_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// meanwhile is the homeserver, where something happens just before an invite gets there.
type meanwhile struct {
	*homeserver.Server
	before map[id.RoomID]func()

	mu      sync.Mutex
	answers map[id.RoomID]string
}

func (m *meanwhile) Invite(ctx context.Context, as id.UserID, room id.RoomID, who id.UserID, reason string) error {
	if so := m.before[room]; so != nil {
		so()
	}
	err := m.Server.Invite(ctx, as, room, who, reason)
	answer := "done"
	if refused, ok := errors.AsType[*homeserver.Error](err); ok {
		answer = fmt.Sprintf("%d %s", refused.Status, refused.Code)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers[room] += answer // more than once: no answer that is wanted
	return err
}

// shop is a Pretix with an order for each seat, whose ticket is a product of its own.
type shop struct {
	inviter.Pretix
	seats []seat
}

const shopQuestion = 7

var shopEvent = database.EventKey{Instance: "eu", Organizer: "lab", Event: "conf"}

func (s shop) Order(_ context.Context, _ database.EventKey, code string) (api.Order, error) {
	order := api.Order{Event: shopEvent.Event, Code: code, Status: api.StatusPaid, LastModified: time.Now()}
	for i, seat := range s.seats {
		if code == codeOf(i) {
			order.Positions = []api.Position{{ID: itemOf(i), Item: itemOf(i), Answers: []api.Answer{{Question: shopQuestion, Answer: seat.who.String()}}}}
		}
	}
	return order, nil
}

func (s shop) Questions(context.Context, database.EventKey) ([]api.Question, error) {
	question := api.Question{ID: shopQuestion, Identifier: "matrix", Type: api.QuestionLine}
	for i := range s.seats {
		question.Items = append(question.Items, itemOf(i))
	}
	return []api.Question{question}, nil
}

func (shop) Settled(database.EventKey, string, time.Time) {}

func codeOf(i int) string { return fmt.Sprintf("ORDER%d", i) }
func itemOf(i int) int64  { return int64(i + 1) }

// opens has each seat's ticket open its room, and their orders known to be due.
func (b *bridge) opens(bot id.UserID, ghost networkid.UserID, seats []seat) {
	b.t.Helper()
	ctx := b.t.Context()
	_, err := b.store.EnsureOrganizer(ctx, shopEvent.OrganizerKey())
	err = errors.Join(err, b.store.PutEvent(ctx, database.Event{Key: shopEvent, Name: "Conf", GhostID: ghost, Bot: bot}),
		b.store.SetQuestion(ctx, shopEvent, shopQuestion, "matrix"))
	for i, seat := range seats {
		_, linked := b.store.PutLink(ctx, database.Link{
			Event: shopEvent, Room: seat.room, LinkedBy: seat.owner.UserID, State: database.LinkActive, Rules: []database.Rule{{Item: itemOf(i)}},
		})
		_, due := b.store.MakeDue(ctx, shopEvent, codeOf(i), false)
		err = errors.Join(err, linked, due)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	known, err := b.store.Event(ctx, shopEvent)
	if err != nil {
		b.t.Fatal(err)
	}
	if done, err := b.store.MarkScanned(ctx, known, time.Now()); err != nil || !done {
		b.t.Fatalf("not marked as scanned: %v, %v", done, err)
	}
}

// works runs an inviter until none of the orders is due.
func (b *bridge) works(hs inviter.Homeserver, pretix inviter.Pretix, keys *database.Keys) {
	b.t.Helper()
	in := inviter.New(inviter.Options{Store: b.store, Keys: keys, Pretix: pretix, Homeserver: hs, Now: time.Now, Log: zap.NewNop()})
	ctx, cancel := context.WithCancel(b.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- in.Run(ctx) }()
	eventually(b.t, "the orders are handled", func() bool {
		due, err := b.store.CountDue(b.t.Context(), shopEvent)
		return err == nil && due.Live+due.Batch == 0
	})
	cancel()
	if err := <-ended; err != nil {
		b.t.Errorf("the inviter ended with %v", err)
	}
}
