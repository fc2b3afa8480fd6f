package inviter

import (
	"context"
	"fmt"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// TestOrder is an order in Pretix's test mode and what it would open.
type TestOrder struct {
	Event    database.EventKey
	Code     string
	Tickets  int
	Unnamed  int         // tickets that name nobody
	WouldAsk int         // people
	Rooms    []id.RoomID // that its tickets open
}

// firstTest tells of an event's first test order that would count if it were real: every organizer's first try is one, and nobody is
// invited for it. It is marked after it was said, and the order is due until then: a crash in between says it twice, which is better
// than never.
func (in *Inviter) firstTest(ctx context.Context, c *call, order api.Order, question pretixconn.Question) error {
	order.Testmode = false
	tickets := pretixconn.Tickets(order, question, c.event.DefaultServer, in.now())
	if len(tickets) == 0 {
		return nil
	}
	done, err := in.tests.Take(ctx, c.event.Key, c.live)
	if err != nil {
		return err
	}
	defer done()
	event, err := in.store.Event(ctx, c.event.Key)
	if err != nil || event.TestTold {
		return err
	}
	links, err := in.store.LinksOf(ctx, c.event.Key)
	if err != nil {
		return fmt.Errorf("list the rooms of a test order: %w", err)
	}
	test := testOrderOf(tickets, links)
	test.Event, test.Code, test.WouldAsk = c.event.Key, order.Code, len(peopleOf(tickets, in.keys))
	if !in.hooks.TestOrder(ctx, test) {
		return ctx.Err() // the next one is told
	}
	return in.store.MarkTestTold(ctx, c.event.Key)
}

// testOrderOf counts the tickets and the rooms that they open.
func testOrderOf(tickets []pretixconn.Ticket, links []database.Link) TestOrder {
	test := TestOrder{Tickets: len(tickets)}
	opened := make(map[id.RoomID]bool)
	for _, t := range tickets {
		if t.Problem != pretixconn.ProblemNone {
			test.Unnamed++
		}
		for _, room := range roomsFor(t, links) {
			if !opened[room] {
				opened[room] = true
				test.Rooms = append(test.Rooms, room)
			}
		}
	}
	return test
}
