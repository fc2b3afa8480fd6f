package pretixconn

import (
	"reflect"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/pretixconn/api"
)

const (
	talk, shirt, workshop = 1, 2, 3 // items; the last is an add-on
	asksID                = 11      // the question
)

func answered(text string) []api.Answer { return []api.Answer{{Question: asksID, Answer: text}} }

func named(position, item int64, who ...id.UserID) Ticket {
	return Ticket{Position: position, Item: item, IDs: who}
}

func lacking(position, item int64, problem Problem) Ticket {
	return Ticket{Position: position, Item: item, Problem: problem}
}

func TestTicketsSayWhomEachPositionNames(t *testing.T) {
	now := time.Date(2027, 1, 24, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		positions []api.Position
		asked     []int64 // items besides the talk
		want      []Ticket
	}{
		"every position": {positions: []api.Position{
			{ID: 1, Item: talk, Answers: answered("@ada:example.org")},
			{ID: 2, Item: talk, Answers: answered("Bob:Example.org")},
			{ID: 3, Item: talk, Answers: answered("cy@example.org")},
		}, want: []Ticket{
			named(1, talk, "@ada:example.org"), named(2, talk, "@Bob:example.org", "@bob:example.org"), lacking(3, talk, ProblemEmail),
		}},
		"asked and not answered":      {positions: []api.Position{{ID: 1, Item: talk}}, want: []Ticket{lacking(1, talk, ProblemMissing)}},
		"asked, answered with blanks": {positions: []api.Position{{ID: 1, Item: talk, Answers: answered(" \n")}}, want: []Ticket{lacking(1, talk, ProblemMissing)}},
		"not asked":                   {positions: []api.Position{{ID: 1, Item: shirt}}},
		"not asked any more, but answered": {positions: []api.Position{{ID: 1, Item: shirt, Answers: answered("@ada:example.org")}},
			want: []Ticket{named(1, shirt, "@ada:example.org")}},
		"not asked any more, answered wrongly": {positions: []api.Position{{ID: 1, Item: shirt, Answers: answered("Ada Example")}},
			want: []Ticket{lacking(1, shirt, ProblemInvalid)}},
		"answer to another question": {positions: []api.Position{{ID: 1, Item: talk, Answers: []api.Answer{{Question: 12, Answer: "@ada:example.org"}}}},
			want: []Ticket{lacking(1, talk, ProblemMissing)}},
		"add-on takes the answer it was bought with": {positions: []api.Position{
			{ID: 1, Item: talk, Answers: answered("@ada:example.org")}, {ID: 2, Item: workshop, AddonTo: 1},
		}, want: []Ticket{named(1, talk, "@ada:example.org"), named(2, workshop, "@ada:example.org")}},
		"add-on that is asked takes it too": {asked: []int64{workshop}, positions: []api.Position{
			{ID: 2, Item: workshop, AddonTo: 1}, {ID: 1, Item: talk, Answers: answered("@ada:example.org")},
		}, want: []Ticket{named(2, workshop, "@ada:example.org"), named(1, talk, "@ada:example.org")}},
		"add-on with an answer of its own": {positions: []api.Position{
			{ID: 1, Item: talk, Answers: answered("@ada:example.org")}, {ID: 2, Item: workshop, AddonTo: 1, Answers: answered("@bob:example.org")},
		}, want: []Ticket{named(1, talk, "@ada:example.org"), named(2, workshop, "@bob:example.org")}},
		"add-on of one that lacks an ID is not reported as well": {positions: []api.Position{
			{ID: 1, Item: talk, Answers: answered("Ada")}, {ID: 2, Item: workshop, AddonTo: 1},
		}, want: []Ticket{lacking(1, talk, ProblemNoServer)}},
		"add-on that is asked lacks it for itself": {asked: []int64{workshop}, positions: []api.Position{
			{ID: 1, Item: talk}, {ID: 2, Item: workshop, AddonTo: 1},
		}, want: []Ticket{lacking(1, talk, ProblemMissing), lacking(2, workshop, ProblemMissing)}},
		"add-on of a canceled position": {positions: []api.Position{
			{ID: 1, Item: talk, Canceled: true, Answers: answered("@ada:example.org")}, {ID: 2, Item: workshop, AddonTo: 1},
		}, want: []Ticket{named(2, workshop, "@ada:example.org")}},
		"add-on of an unknown position": {positions: []api.Position{{ID: 2, Item: workshop, AddonTo: 1}}},
		"those that do not count": {positions: []api.Position{
			{ID: 1, Item: talk, Canceled: true, Answers: answered("@ada:example.org")},
			{ID: 2, Item: talk, Blocked: true, Answers: answered("@bob:example.org")},
			{ID: 3, Item: talk, ValidUntil: now.Add(-time.Hour), Answers: answered("@cy:example.org")},
			{ID: 4, Item: talk, Canceled: true},
		}},
		"what was bought": {positions: []api.Position{{ID: 1, Item: talk, Variation: 5, Subevent: 6, Answers: answered("@ada:example.org")}},
			want: []Ticket{{Position: 1, Item: talk, Variation: 5, Subevent: 6, IDs: []id.UserID{"@ada:example.org"}}}},
	} {
		question := Question{ID: asksID, Items: append([]int64{talk}, c.asked...)}
		got := Tickets(api.Order{Status: api.StatusPaid, Positions: c.positions}, question, "", now)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: Tickets = %+v, want %+v", name, got, c.want)
		}
	}
}

func TestOrderThatDoesNotCountHasNoTickets(t *testing.T) {
	positions := []api.Position{{ID: 1, Item: talk, Answers: answered("@ada:example.org")}}
	for _, order := range []api.Order{
		{Status: api.StatusPending}, {Status: statusExpired}, {Status: statusCanceled},
		{Status: api.StatusPaid, Testmode: true}, {Status: api.StatusPending, ValidIfPending: true, RequireApproval: true},
	} {
		order.Positions = positions
		if got := Tickets(order, Question{ID: asksID, Items: []int64{talk}}, "", time.Now()); got != nil {
			t.Errorf("Tickets of an order with status %q, test %v = %+v, want none", order.Status, order.Testmode, got)
		}
	}
}

func TestBareNameOnATicketTakesTheEventsServer(t *testing.T) {
	order := api.Order{Status: api.StatusPaid, Positions: []api.Position{{ID: 1, Item: talk, Answers: answered("ada")}}}
	got := Tickets(order, Question{ID: asksID, Items: []int64{talk}}, "example.org", time.Now())
	if want := []Ticket{named(1, talk, "@ada:example.org")}; !reflect.DeepEqual(got, want) {
		t.Errorf("Tickets = %+v, want %+v", got, want)
	}
}

func TestWithoutAQuestionNoTicketIsSaidToLackAnything(t *testing.T) {
	order := api.Order{Status: api.StatusPaid, Positions: []api.Position{{ID: 1, Item: talk, Answers: []api.Answer{{Answer: "@ada:example.org"}}}}}
	if got := Tickets(order, Question{}, "", time.Now()); got != nil {
		t.Errorf("Tickets = %+v, want none", got)
	}
}
