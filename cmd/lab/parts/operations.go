package parts

import (
	"context"
	"net/http"
)

// operate runs one of the operations in python/lab_operations.py, which stand for what the API cannot do.
func (p *Pretix) operate(ctx context.Context, name string, arguments, into any) error {
	return call(ctx, "POST", p.URL+"/__lab__/"+name, http.Header{"X-Lab-Secret": {p.Secret}}, arguments, into)
}

func (e *Event) operate(ctx context.Context, name string, arguments map[string]any, into any) error {
	named := map[string]any{"organizer": e.Organizer, "event": e.Slug}
	for key, value := range arguments {
		named[key] = value
	}
	return e.pretix.operate(ctx, name, named, into)
}

// Periodic runs what a cron job runs for Pretix every few minutes: later tries of webhooks, expiry of orders.
func (p *Pretix) Periodic(ctx context.Context) error {
	return p.operate(ctx, "periodic", map[string]any{}, nil)
}

// Set changes settings of the event by Pretix's own keys, for example allow_modifications to "no", "order" or "attendee".
func (e *Event) Set(ctx context.Context, values map[string]any) error {
	return e.operate(ctx, "settings", map[string]any{"values": values}, nil)
}

// SetDomain gives the event's shop a domain of its own, which then stands in its public URL.
func (e *Event) SetDomain(ctx context.Context, name string) error {
	return e.operate(ctx, "domain", map[string]any{"name": name}, nil)
}

// Split moves a position to a new order, whose code it returns.
func (e *Event) Split(ctx context.Context, code string, position int64) (string, error) {
	var split string
	err := e.operate(ctx, "split", map[string]any{"code": code, "position": position}, &split)
	return split, err
}

// Shred deletes all answers to the event's questions, which no webhook and no time stamp tells.
func (e *Event) Shred(ctx context.Context) error {
	return e.operate(ctx, "shred", nil, nil)
}

// ManyOrders writes n orders of one regular ticket each straight into the database, without webhooks or mails: thousands in
// seconds. The answer to the question for the Matrix ID comes from matrixID, for i from 0; "" leaves it out. It returns the
// orders' codes, in that order.
func (e *Event) ManyOrders(ctx context.Context, n int, matrixID func(i int) string) ([]string, error) {
	const atOnce = 500
	var codes []string
	for first := 0; first < n; first += atOnce {
		answers := make([]string, min(atOnce, n-first))
		for i := range answers {
			answers[i] = matrixID(first + i)
		}
		var more []string
		err := e.operate(ctx, "orders", map[string]any{
			"item": e.Items.Ticket, "variation": e.Variations.Regular, "question": e.Questions.Matrix, "answers": answers, "paid": true,
		}, &more)
		if err != nil {
			return codes, err
		}
		codes = append(codes, more...)
	}
	return codes, nil
}
