package pretixconn

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// provenFor is how long watermarks may stand still while orders are swept. Then the login is asked which events it sees.
const provenFor = 3 * time.Minute

// sweep makes those orders of an organizer's events due that have changed since the watermarks, by the fewest logins that together
// see the events. A login that turns out to be refused is left out, and others take over what they can. Events that nobody sees are
// left alone: their watermarks stand still until somebody does.
func (c *Connector) sweep(ctx context.Context, organizer database.OrganizerKey, from floors, state *sweepState) error {
	left := slices.SortedFunc(maps.Keys(from), func(a, b database.EventKey) int { return strings.Compare(a.Event, b.Event) })
	done, looked := false, false
	for again := true; again; {
		clients, sees, err := c.eyes(ctx, left)
		if err != nil {
			return err
		}
		var shares []share
		shares, left = cover(left, sees)
		again = false
		for _, part := range shares {
			asked := c.now()
			err := c.sweepShare(ctx, clients[part.Login], organizer, from.of(part.Events), state)
			if err == nil {
				done = true
				continue
			}
			if next, err := c.refused(ctx, clients[part.Login], part.Events, asked, err); !next || err != nil {
				return err
			}
			left, again = append(left, part.Events...), true // each time there is a login less
		}
		if len(left) > 0 && !again && !looked {
			looked = true
			if again, err = c.lookAgain(ctx, organizer, left); err != nil {
				return err
			}
		}
	}
	state.handed.prune(from)
	if !done {
		return nil
	}
	return c.store.Swept(ctx, organizer)
}

// eyes lists who can read the events.
func (c *Connector) eyes(ctx context.Context, events []database.EventKey) (map[string]*Client, map[string][]database.EventKey, error) {
	clients, sees := make(map[string]*Client), make(map[string][]database.EventKey)
	for _, event := range events {
		seeing, err := c.seeing(ctx, event)
		if err != nil {
			return nil, nil, err
		}
		for _, client := range seeing {
			clients[client.id()] = client
			sees[client.id()] = append(sees[client.id()], event)
		}
	}
	return clients, sees, nil
}

// sweepShare reads what has changed by one login, and moves the watermarks on if the login has been seen to see the events since.
func (c *Connector) sweepShare(
	ctx context.Context, client *Client, organizer database.OrganizerKey, from floors, state *sweepState,
) error {
	var generated time.Time
	query := api.OrderQuery{Since: from.oldest(), Brief: true}
	first := true
	for page, err := range client.at(organizer).OrderPages(ctx, organizer.Organizer, query) {
		if err != nil {
			return err
		}
		if first { // later pages are younger, but what changed meanwhile may be missing from those before
			generated, first = page.Generated, false
		}
		if err = c.handOver(ctx, organizer, from, page, state.handed); err != nil {
			return err
		}
	}
	return c.advance(ctx, client, organizer, from, generated, state)
}

// handOver makes a page's news due.
func (c *Connector) handOver(
	ctx context.Context, organizer database.OrganizerKey, from floors, page api.Page, known *handed,
) error {
	news := known.news(organizer, from, page.Orders)
	for _, order := range news {
		late := page.Generated.Sub(order.LastModified) > backlog
		if _, err := c.store.MakeDue(ctx, organizer.Event(order.Event), order.Code, late); err != nil {
			return err
		}
		known.note(refOf(organizer, order), order.LastModified)
	}
	if len(news) > 0 {
		c.log.Debug("changed orders found", append(organizerFields(organizer), zap.Int("orders", len(news)))...)
		c.Wake()
	}
	return nil
}

// advance moves the watermarks of the events that the login is sure to have read. The list of an organizer's orders silently leaves
// out those of events that the login does not see, so it proves nothing by itself; the login is asked afterwards which events it
// sees. To spare requests that is done every few minutes only: until then the next sweeps begin where this one began.
func (c *Connector) advance(
	ctx context.Context, client *Client, organizer database.OrganizerKey, from floors, upTo time.Time, state *sweepState,
) error {
	read := c.now()
	if since := read.Sub(state.proven[client.id()]); since >= 0 && since < provenFor || upTo.IsZero() {
		return nil
	}
	if err := c.refresh(ctx, client, organizer.Organizer, read); err != nil {
		return err
	}
	seen, err := c.store.SeenBy(ctx, client.id())
	if err != nil {
		return err
	}
	for event := range from {
		if !slices.Contains(seen, event) {
			continue
		}
		if err = c.store.AdvanceSweep(ctx, event, upTo); err != nil {
			return err
		}
	}
	state.proven[client.id()] = read
	return nil
}
