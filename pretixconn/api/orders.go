package api

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
)

// Order reads one order of the event: what decides about invitations, canceled positions included, and the answers to the questions
// named. Pretix answers [ErrNotFound] for an unknown code and [ErrForbidden] for an event that it does not show.
func (c *Client) Order(ctx context.Context, organizer, event, code string, questions ...QuestionRef) (Order, error) {
	var order Order
	_, err := c.do(ctx, request{
		op: "get order", path: eventPath(organizer, event, "orders", code), query: orderFields(false), into: &order,
	})
	if err != nil {
		return Order{}, err
	}
	order.keepAnswers(questions)
	return order, nil
}

// What is asked of an order. Anything not named stays at Pretix; what is excluded is not even looked up there.
var (
	briefFields    = []string{"code", "event", "status", "last_modified"}
	ticketFields   = []string{"testmode", "require_approval", "valid_if_pending"}
	positionFields = []string{
		"id", "item", "variation", "subevent", "addon_to", "canceled", "blocked", "valid_from", "valid_until", "answers",
	}
	unwantedParts = []string{"fees", "payments", "refunds", "invoice_address", "customer"}
)

// orderFields asks for the fields of an order, briefly or with all that decides about its tickets.
func orderFields(brief bool) url.Values {
	fields := slices.Clone(briefFields)
	query := url.Values{"exclude": unwantedParts}
	if !brief {
		fields = append(fields, ticketFields...)
		for _, field := range positionFields {
			fields = append(fields, "positions."+field)
		}
		query.Set("include_canceled_positions", "true")
	}
	query["include"] = fields
	return query
}

// keepAnswers drops the answers to all other questions.
func (o *Order) keepAnswers(questions []QuestionRef) {
	for i := range o.Positions {
		p := &o.Positions[i]
		p.Answers = slices.DeleteFunc(p.Answers, func(a Answer) bool {
			return !slices.ContainsFunc(questions, func(q QuestionRef) bool { return q.asked(a) })
		})
	}
}

// UnmarshalJSON reads a position; it is blocked when Pretix gives any reason for it.
func (p *Position) UnmarshalJSON(raw []byte) error {
	type plain Position
	wire := struct {
		*plain
		Blocked json.RawMessage `json:"blocked"`
	}{plain: (*plain)(p)}
	if err := json.Unmarshal(raw, &wire); err != nil {
		return err
	}
	switch string(wire.Blocked) {
	case "", "null", "false", "[]", `""`:
		p.Blocked = false
	default:
		p.Blocked = true
	}
	return nil
}
