package inviter

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

const (
	question = 7
	ticket   = int64(1) // items
	workshop = int64(2)
)

// pretixFake is one event at Pretix.
type pretixFake struct {
	mu      sync.Mutex
	orders  map[string]api.Order
	singles int
	pages   int
	order   []string // codes in the order in which they were read one by one
	settled map[string]time.Time
	reads   []api.Priority // of the pages
	state   api.Event
	asks    []api.Question

	// step is called before each call: what it returns is the call's answer.
	step func(ctx context.Context, op string) error
}

func newPretixFake() *pretixFake {
	return &pretixFake{
		asks:   []api.Question{{ID: question, Identifier: "matrix", Type: api.QuestionLine, Items: []int64{ticket, workshop}}},
		orders: make(map[string]api.Order), settled: make(map[string]time.Time), step: func(context.Context, string) error { return nil },
	}
}

// bought is a paid order with a position per typed ID.
func bought(code string, at time.Time, typed ...string) api.Order {
	order := api.Order{Event: "conf", Code: code, Status: api.StatusPaid, LastModified: at}
	for i, text := range typed {
		p := api.Position{ID: positionOf(code, i), Item: ticket}
		if text != "" {
			p.Answers = []api.Answer{{Question: question, QuestionIdentifier: "matrix", Answer: text}}
		}
		order.Positions = append(order.Positions, p)
	}
	return order
}

func positionOf(code string, i int) int64 {
	n := int64(0)
	for _, r := range code {
		n = n*128 + int64(r)
	}
	return n*100 + int64(i)
}

// now is what step says to a call.
func (p *pretixFake) now(ctx context.Context, op string) error {
	p.mu.Lock()
	step := p.step
	p.mu.Unlock()
	return step(ctx, op)
}

func (p *pretixFake) put(orders ...api.Order) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, order := range orders {
		p.orders[order.Code] = order
	}
}

func (p *pretixFake) Order(ctx context.Context, _ database.EventKey, code string) (api.Order, error) {
	if err := p.now(ctx, "order"); err != nil {
		return api.Order{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.singles++
	p.order = append(p.order, code)
	order, ok := p.orders[code]
	if !ok {
		return api.Order{}, fmt.Errorf("get order: %w", pretixconn.ErrNoOrder)
	}
	return order, ctx.Err()
}

func (p *pretixFake) OrderPages(ctx context.Context, _ database.EventKey, since time.Time, priority api.Priority) iter.Seq2[api.Page, error] {
	return func(yield func(api.Page, error) bool) {
		p.mu.Lock()
		p.reads = append(p.reads, priority)
		p.mu.Unlock()
		for {
			if err := p.now(ctx, "page"); err != nil {
				yield(api.Page{}, err)
				return
			}
			page := p.page(since)
			if len(page.Orders) == 0 {
				yield(page, nil)
				return
			}
			since = page.Orders[len(page.Orders)-1].LastModified.Add(time.Nanosecond)
			if !yield(page, nil) {
				return
			}
		}
	}
}

func (p *pretixFake) page(since time.Time) api.Page {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages++
	all := slices.SortedFunc(maps.Values(p.orders), func(a, b api.Order) int {
		return cmp.Or(a.LastModified.Compare(b.LastModified), cmp.Compare(a.Code, b.Code))
	})
	page := api.Page{Generated: time.Now()}
	for _, order := range all {
		if len(page.Orders) < pageSize && !order.LastModified.Before(since) {
			page.Orders = append(page.Orders, order)
		}
	}
	return page
}

func (p *pretixFake) Settled(_ database.EventKey, code string, changed time.Time) {
	_ = p.now(context.Background(), "settled")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settled[code] = changed
}

func (p *pretixFake) Questions(ctx context.Context, _ database.EventKey) ([]api.Question, error) {
	if err := p.now(ctx, "questions"); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asks, nil
}

func (p *pretixFake) EventState(ctx context.Context, _ database.EventKey) (api.Event, error) {
	return p.state, p.now(ctx, "event")
}

func (p *pretixFake) Subevents(context.Context, database.EventKey) ([]api.Subevent, error) {
	return nil, nil
}
