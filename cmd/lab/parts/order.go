package parts

import (
	"context"
	"fmt"
	"time"
)

// OrderSpec is an order to be made through the API. The zero value is a paid one of one regular ticket without a Matrix ID.
type OrderSpec struct {
	Code      string
	Email     string
	Positions []PositionSpec
	// Pending leaves the order unpaid, ValidIfPending lets its tickets count all the same.
	Pending        bool
	ValidIfPending bool
	// RequireApproval makes an order that waits for Approve.
	RequireApproval bool
	Testmode        bool
}

// PositionSpec is a position of an order to be made. The zero value is a regular ticket at its price.
type PositionSpec struct {
	Item      int64
	Variation int64
	Subevent  int64
	// AddOnTo is the number, from 1, of the position in the same order that this one is added to.
	AddOnTo       int
	AttendeeName  string
	AttendeeEmail string
	// MatrixID answers the event's question "matrix"; Answers those of other IDs.
	MatrixID string
	Answers  map[int64]string
}

// Order is an order as Pretix's API shows it.
type Order struct {
	Code            string     `json:"code"`
	Status          string     `json:"status"`
	Secret          string     `json:"secret"`
	Email           string     `json:"email"`
	URL             string     `json:"url"`
	Total           string     `json:"total"`
	Testmode        bool       `json:"testmode"`
	RequireApproval bool       `json:"require_approval"`
	ValidIfPending  bool       `json:"valid_if_pending"`
	LastModified    time.Time  `json:"last_modified"`
	Positions       []Position `json:"positions"`
}

// Position is a position of an order as Pretix's API shows it.
type Position struct {
	ID         int64    `json:"id"`
	PositionID int      `json:"positionid"`
	Item       int64    `json:"item"`
	Variation  int64    `json:"variation"`
	Subevent   int64    `json:"subevent"`
	AddOnTo    int64    `json:"addon_to"`
	Secret     string   `json:"secret"`
	Canceled   bool     `json:"canceled"`
	Answers    []Answer `json:"answers"`
}

// Answer is an answer to a question.
type Answer struct {
	Question   int64   `json:"question"`
	Identifier string  `json:"question_identifier"`
	Answer     string  `json:"answer"`
	Options    []int64 `json:"options"`
}

// CreateOrder makes an order through the API. Pretix sends the webhooks of a placed and, if so, paid order.
func (e *Event) CreateOrder(ctx context.Context, spec OrderSpec) (*Order, error) {
	if len(spec.Positions) == 0 {
		spec.Positions = []PositionSpec{{}}
	}
	body := map[string]any{
		"email": orElse(spec.Email, "buyer@example.org"), "locale": "en", "sales_channel": "web",
		"status": "p", "payment_provider": "manual", "testmode": spec.Testmode, "valid_if_pending": spec.ValidIfPending,
		"require_approval": spec.RequireApproval, "send_email": false,
	}
	if spec.Pending || spec.RequireApproval {
		body["status"] = "n"
	}
	if spec.Code != "" {
		body["code"] = spec.Code
	}
	positions := make([]map[string]any, len(spec.Positions))
	for i, p := range spec.Positions {
		positions[i] = e.position(i+1, p)
	}
	body["positions"] = positions
	order := &Order{}
	return order, e.API(ctx, "POST", "orders/", body, order)
}

// position renders a position for the API.
func (e *Event) position(number int, p PositionSpec) map[string]any {
	if p.Item == 0 {
		p.Item = e.Items.Ticket
	}
	if p.Item == e.Items.Ticket && p.Variation == 0 {
		p.Variation = e.Variations.Regular
	}
	if p.Subevent == 0 && len(e.Subevents) > 0 {
		p.Subevent = e.Subevents[0]
	}
	position := map[string]any{"positionid": number, "item": p.Item}
	for key, value := range map[string]int64{"variation": p.Variation, "subevent": p.Subevent, "addon_to": int64(p.AddOnTo)} {
		if value != 0 {
			position[key] = value
		}
	}
	if p.AttendeeName != "" {
		position["attendee_name_parts"] = map[string]string{"_scheme": "full", "full_name": p.AttendeeName}
	}
	if p.AttendeeEmail != "" {
		position["attendee_email"] = p.AttendeeEmail
	}
	answers := []map[string]any{}
	if p.MatrixID != "" {
		answers = append(answers, answerBody(e.Questions.Matrix, p.MatrixID))
	}
	for question, answer := range p.Answers {
		answers = append(answers, answerBody(question, answer))
	}
	position["answers"] = answers
	return position
}

func answerBody(question int64, answer string) map[string]any {
	return map[string]any{"question": question, "answer": answer, "options": []int64{}}
}

// Order reads an order, canceled positions included.
func (e *Event) Order(ctx context.Context, code string) (*Order, error) {
	order := &Order{}
	return order, e.API(ctx, "GET", "orders/"+code+"/?include_canceled_positions=true", nil, order)
}

// MarkPaid says that the money has come.
func (e *Event) MarkPaid(ctx context.Context, code string) error {
	return e.act(ctx, code, "mark_paid", map[string]any{"send_email": false})
}

// MarkPending takes that back, which no webhook tells.
func (e *Event) MarkPending(ctx context.Context, code string) error {
	return e.act(ctx, code, "mark_pending", nil)
}

// Cancel cancels a whole order. A fee that is not "" is kept: the order then stays paid and its positions are canceled.
func (e *Event) Cancel(ctx context.Context, code, fee string) error {
	body := map[string]any{"send_email": false}
	if fee != "" {
		body["cancellation_fee"] = fee
	}
	return e.act(ctx, code, "mark_canceled", body)
}

// CancelPosition cancels one position of several.
func (e *Event) CancelPosition(ctx context.Context, position int64) error {
	return e.API(ctx, "DELETE", fmt.Sprintf("orderpositions/%d/", position), nil, nil)
}

// Reactivate takes a cancellation back.
func (e *Event) Reactivate(ctx context.Context, code string) error {
	return e.act(ctx, code, "reactivate", nil)
}

// Approve says yes to an order that waits for it.
func (e *Event) Approve(ctx context.Context, code string) error {
	return e.act(ctx, code, "approve", map[string]any{"send_email": false})
}

func (e *Event) act(ctx context.Context, code, action string, body any) error {
	if body == nil {
		body = map[string]any{}
	}
	return e.API(ctx, "POST", "orders/"+code+"/"+action+"/", body, nil)
}

// ChangePosition changes fields of a position, for example item with variation, or subevent.
func (e *Event) ChangePosition(ctx context.Context, position int64, fields map[string]any) error {
	return e.API(ctx, "PATCH", fmt.Sprintf("orderpositions/%d/", position), fields, nil)
}

// SetMatrixID changes the answer to the event's question "matrix" as an organizer. The position's other answers are lost.
func (e *Event) SetMatrixID(ctx context.Context, position int64, matrixID string) error {
	return e.ChangePosition(ctx, position, map[string]any{"answers": []map[string]any{answerBody(e.Questions.Matrix, matrixID)}})
}

// orElse returns the text, or another if it is empty.
func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
