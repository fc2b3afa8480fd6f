package pretixconn

import (
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/pretixconn/api"
)

// Question is the question of an event that asks for the Matrix ID.
type Question struct {
	ID         int64
	Identifier string
	Items      []int64 // the items whose buyers are asked
}

// Ticket is a position that counts and whose holder was, or should have been, asked for a Matrix ID.
type Ticket struct {
	Position, Item, Variation, Subevent int64

	IDs     []id.UserID // whom it names: the candidates for one person, in the order to try; empty with a Problem
	Problem Problem     // why it names nobody
}

// Worth is what one position of an order is worth: a ticket, or the reason why it is none.
type Worth struct {
	Ticket
	Lack Lack
}

// Worths lists what each of the order's positions is worth, in Pretix's order.
//
// An add-on without an answer of its own takes that of the position it was bought with. A position without any answer is a ticket
// with a problem only where its item is asked the question: a T-shirt has no holder, and nothing to report. So is a position whose
// item is not asked but which has an answer all the same: its buyer was asked once.
func Worths(o api.Order, q Question, defaultServer string, now time.Time) []Worth {
	worths := make([]Worth, 0, len(o.Positions))
	for _, p := range o.Positions {
		ticket, ok := ticketOf(o, p, q, defaultServer)
		lack := lacks(o, p, now)
		if lack == LackNothing && !ok {
			lack = LackQuestion
		}
		worths = append(worths, Worth{Ticket: ticket, Lack: lack})
	}
	return worths
}

// Tickets lists those of the order's positions that are tickets.
func Tickets(o api.Order, q Question, defaultServer string, now time.Time) []Ticket {
	var tickets []Ticket
	for _, worth := range Worths(o, q, defaultServer, now) {
		if worth.Lack == LackNothing {
			tickets = append(tickets, worth.Ticket)
		}
	}
	return tickets
}

func ticketOf(o api.Order, p api.Position, q Question, defaultServer string) (Ticket, bool) {
	ticket := Ticket{Position: p.ID, Item: p.Item, Variation: p.Variation, Subevent: p.Subevent}
	asked := slices.Contains(q.Items, p.Item)
	typed, own := answerTo(q, p), true
	if typed == "" {
		typed, own = parentAnswer(o, p, q), false
	}
	ticket.IDs, ticket.Problem = matrixIDs(typed, defaultServer)
	return ticket, ticket.Problem == ProblemNone || asked || own
}

// parentAnswer is what was answered for the position that this one is an add-on of, even if that one has been canceled.
func parentAnswer(o api.Order, p api.Position, q Question) string {
	if p.AddonTo == 0 {
		return ""
	}
	at := slices.IndexFunc(o.Positions, func(parent api.Position) bool { return parent.ID == p.AddonTo })
	if at < 0 {
		return ""
	}
	return answerTo(q, o.Positions[at])
}

// answerTo is what was typed for the question, or "" for nothing: blanks alone are no answer. The identifier finds the answer to a
// question that was deleted and made anew, before its new ID is known here.
func answerTo(q Question, p api.Position) string {
	typed := ""
	for _, a := range p.Answers {
		switch {
		case strings.TrimSpace(a.Answer) == "":
		case a.Question == q.ID && q.ID != 0:
			return a.Answer
		case a.QuestionIdentifier == q.Identifier && q.Identifier != "":
			typed = a.Answer
		}
	}
	return typed
}
