package pretixconn

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// ErrNoOrder is Pretix's own word that the event has no such order (any more). Nothing else may be taken for that: upon it an order is
// forgotten, with the invites of those whom it names.
var ErrNoOrder = errors.New("no such order")

// Order reads an order by any live login that sees the event, with the answers to the event's question. [ErrNoOrder] says that there
// is none, [ErrNoLogin] that nobody can look.
func (c *Connector) Order(ctx context.Context, key database.EventKey, code string) (api.Order, error) {
	questions, err := c.questionOf(ctx, key)
	if err != nil {
		return api.Order{}, err
	}
	return byAny(ctx, c, key, func(asks *api.Client) (api.Order, error) {
		order, err := asks.Order(ctx, key.Organizer, key.Event, code, questions...)
		if errors.Is(err, api.ErrNotFound) {
			err = fmt.Errorf("order %s: %w", code, ErrNoOrder)
		}
		return order, err
	})
}

// OrderPages reads the event's orders that have changed since a time (zero: all), oldest change first. When the login that reads
// them is refused on the way, another one goes on from there.
func (c *Connector) OrderPages(
	ctx context.Context, key database.EventKey, since time.Time, priority api.Priority,
) iter.Seq2[api.Page, error] {
	return func(yield func(api.Page, error) bool) {
		questions, err := c.questionOf(ctx, key)
		if err != nil {
			yield(api.Page{}, err)
			return
		}
		pages := pageReader{conn: c, key: key, yield: yield, query: api.OrderQuery{Event: key.Event, Since: since, Questions: questions}}
		if err = pages.read(api.WithPriority(ctx, priority)); err != nil {
			yield(api.Page{}, err)
		}
	}
}

// Settled says that an order has been dealt with as it was when it had last changed then. Sweeps leave it alone until it changes
// again; else each order of which a webhook told, or that was sold shortly before the first room was linked, would be read a second
// time.
func (c *Connector) Settled(key database.EventKey, code string, changed time.Time) {
	c.sweeps.settled(database.OrderKey{Event: key, Code: code}, changed)
}

// Items lists what the event sells. Like all that follows it may be a minute old.
func (c *Connector) Items(ctx context.Context, key database.EventKey) ([]api.Item, error) {
	return cached(&c.cache, key, "items", func() ([]api.Item, error) {
		return byAny(ctx, c, key, func(asks *api.Client) ([]api.Item, error) { return asks.Items(ctx, key.Organizer, key.Event) })
	})
}

// Subevents lists the dates of an event series.
func (c *Connector) Subevents(ctx context.Context, key database.EventKey) ([]api.Subevent, error) {
	return cached(&c.cache, key, "subevents", func() ([]api.Subevent, error) {
		return byAny(ctx, c, key, func(asks *api.Client) ([]api.Subevent, error) { return asks.Subevents(ctx, key.Organizer, key.Event) })
	})
}

// Questions lists what the event asks of buyers.
func (c *Connector) Questions(ctx context.Context, key database.EventKey) ([]api.Question, error) {
	return cached(&c.cache, key, "questions", func() ([]api.Question, error) {
		return byAny(ctx, c, key, func(asks *api.Client) ([]api.Question, error) { return asks.Questions(ctx, key.Organizer, key.Event) })
	})
}

// EventState says how the event stands: its name, whether its shop is live or in test mode, when it is.
func (c *Connector) EventState(ctx context.Context, key database.EventKey) (api.Event, error) {
	return cached(&c.cache, key, "event", func() (api.Event, error) {
		return byAny(ctx, c, key, func(asks *api.Client) (api.Event, error) { return asks.Event(ctx, key.Organizer, key.Event) })
	})
}

// EventImage reads the event's picture anew; [api.ErrNotFound] where it has none. It may lie on another server, so that a refusal
// says nothing about the login.
func (c *Connector) EventImage(ctx context.Context, key database.EventKey) (api.Image, error) {
	clients, err := c.seeing(ctx, key)
	if err != nil {
		return api.Image{}, err
	}
	if len(clients) == 0 {
		return api.Image{}, ErrNoLogin
	}
	return clients[0].at(key.OrganizerKey()).EventImage(ctx, key.Organizer, key.Event)
}

// questionOf names the question whose answers are wanted, if it is known.
func (c *Connector) questionOf(ctx context.Context, key database.EventKey) ([]api.QuestionRef, error) {
	event, err := c.store.Event(ctx, key)
	if err != nil || event.QuestionID == 0 {
		return nil, err
	}
	return []api.QuestionRef{{ID: event.QuestionID, Identifier: event.QuestionIdentifier}}, nil
}

// byAny asks about an event by one live login that sees it after the other, until one is not refused.
func byAny[T any](ctx context.Context, c *Connector, key database.EventKey, question func(*api.Client) (T, error)) (T, error) {
	var answer T
	err := c.eachSeeing(ctx, key, func(client *Client) (err error) {
		answer, err = question(client.at(key.OrganizerKey()))
		return err
	})
	return answer, err
}

// eachSeeing has one live login that sees the event ask after the other, until one is not refused. [ErrNoLogin] says that none sees the
// event any more.
func (c *Connector) eachSeeing(ctx context.Context, key database.EventKey, ask func(*Client) error) error {
	clients, err := c.seeing(ctx, key)
	if err != nil {
		return err
	}
	last := ErrNoLogin
	for _, client := range clients {
		asked := c.now()
		err := ask(client)
		if err == nil {
			return nil
		}
		next, err := c.refused(ctx, client, []database.EventKey{key}, asked, err)
		if !next {
			return err
		}
		if err != nil {
			last = err
		}
	}
	return last
}

// pageReader reads an event's orders by one login after the other.
type pageReader struct {
	conn  *Connector
	key   database.EventKey
	query api.OrderQuery
	yield func(api.Page, error) bool
}

func (r *pageReader) read(ctx context.Context) error {
	return r.conn.eachSeeing(ctx, r.key, func(client *Client) error { return r.readWith(ctx, client) })
}

// readWith goes on by one login from where the last one came to.
func (r *pageReader) readWith(ctx context.Context, client *Client) error {
	for page, err := range client.at(r.key.OrganizerKey()).OrderPages(ctx, r.key.Organizer, r.query) {
		if err != nil {
			return err
		}
		if n := len(page.Orders); n > 0 {
			r.query.Since = page.Orders[n-1].LastModified
		}
		if !r.yield(page, nil) {
			return nil
		}
	}
	return nil
}
