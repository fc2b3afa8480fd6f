package api

import (
	"context"
	"net/url"
)

// Organizers lists the organizers that the token sees.
func (c *Client) Organizers(ctx context.Context) ([]Organizer, error) {
	return listAll[Organizer](ctx, c, "list organizers", []string{"organizers"}, nil)
}

// Events lists the events of the organizer that the token sees. That it sees an event does not mean that it may read its orders:
// [Client.MayReadOrders] tells.
func (c *Client) Events(ctx context.Context, organizer string) ([]Event, error) {
	return listAll[Event](ctx, c, "list events", []string{"organizers", organizer, "events"}, url.Values{"ordering": {"slug"}})
}

// Event reads one event. Pretix answers [ErrForbidden] alike for one that the token does not see, for one that does not exist, and
// for a slug in other capitals than its own.
func (c *Client) Event(ctx context.Context, organizer, event string) (Event, error) {
	var found Event
	_, err := c.do(ctx, request{op: "get event", path: eventPath(organizer, event), into: &found})
	return found, err
}

// Items lists what the event sells.
func (c *Client) Items(ctx context.Context, organizer, event string) ([]Item, error) {
	return listAll[Item](ctx, c, "list items", eventPath(organizer, event, "items"), nil)
}

// Subevents lists the dates of an event series.
func (c *Client) Subevents(ctx context.Context, organizer, event string) ([]Subevent, error) {
	return listAll[Subevent](ctx, c, "list subevents", eventPath(organizer, event, "subevents"), nil)
}

// Questions lists what the event asks: of each ticket, and then what it asks once per order, which is marked. Instances that do not
// know the latter answer with the former again, so each is listed once.
func (c *Client) Questions(ctx context.Context, organizer, event string) ([]Question, error) {
	path := eventPath(organizer, event, "questions")
	questions, err := listAll[Question](ctx, c, "list questions", path, nil)
	if err != nil {
		return nil, err
	}
	perOrder, err := listAll[Question](ctx, c, "list questions of orders", path, url.Values{"container_type": {"O"}})
	if err != nil {
		return nil, err
	}
	known := make(map[int64]bool, len(questions))
	for _, q := range questions {
		known[q.ID] = true
	}
	for _, q := range perOrder {
		if !known[q.ID] {
			q.PerOrder = true
			questions = append(questions, q)
		}
	}
	return questions, nil
}

func eventPath(organizer, event string, below ...string) []string {
	return append([]string{"organizers", organizer, "events", event}, below...)
}
