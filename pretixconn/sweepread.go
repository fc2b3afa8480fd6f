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

// sweep reads which orders of one organizer have changed, time and again, but only once at a time.
type sweep struct {
	conn      *Connector
	organizer database.OrganizerKey
	known     *handed
	proven    map[string]time.Time // when a login was last seen to see what it reads
	fresh     crowd                // of the run
}

func newSweep(c *Connector, organizer database.OrganizerKey, known *handed) *sweep {
	return &sweep{conn: c, organizer: organizer, known: known, proven: make(map[string]time.Time)}
}

// run makes those orders of the organizer's events due that have changed since the watermarks, by the fewest logins that together see
// the events. A login that turns out to be refused is left out, and others take over what they can. Events that nobody sees are left
// alone: their watermarks stand still until somebody does.
func (s *sweep) run(ctx context.Context, from floors) error {
	c := s.conn
	s.fresh = make(crowd)
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
			err := s.share(ctx, clients[part.Login], from.of(part.Events))
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
			if again, err = c.lookAgain(ctx, s.organizer, left); err != nil {
				return err
			}
		}
	}
	if !done {
		return nil
	}
	return c.store.Swept(ctx, s.organizer)
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

// share reads what has changed by one login, and moves the watermarks on if the login has been seen to see the events since.
func (s *sweep) share(ctx context.Context, client *Client, from floors) error {
	var generated time.Time
	query := api.OrderQuery{Since: from.oldest(), Brief: true}
	first := true
	for page, err := range client.at(s.organizer).OrderPages(ctx, s.organizer.Organizer, query) {
		if err != nil {
			return err
		}
		if first { // later pages are younger, but what changed meanwhile may be missing from those before
			generated, first = page.Generated, false
		}
		if err = s.handOver(ctx, from, page); err != nil {
			return err
		}
	}
	return s.advance(ctx, client, from, generated)
}

// handOver makes a page's news due.
func (s *sweep) handOver(ctx context.Context, from floors, page api.Page) error {
	news := s.known.news(s.organizer, from, page.Orders)
	for i, waits := range s.fresh.wait(news, page) {
		order := news[i]
		if _, err := s.conn.store.MakeDue(ctx, s.organizer.Event(order.Event), order.Code, waits); err != nil {
			return err
		}
		s.known.note(keyOf(s.organizer, order), order.LastModified)
	}
	if len(news) > 0 {
		s.conn.log.Debug("changed orders found", append(s.organizer.Fields(), zap.Int("orders", len(news)))...)
		s.conn.Wake()
	}
	return nil
}

// advance moves the watermarks of the events that the login is sure to have read. The list of an organizer's orders silently leaves
// out those of events that the login does not see, so it proves nothing by itself; the login is asked afterwards which events it
// sees. To spare requests that is done every few minutes only: until then the next sweeps begin where this one began.
func (s *sweep) advance(ctx context.Context, client *Client, from floors, upTo time.Time) error {
	c := s.conn
	read := c.now()
	if since := read.Sub(s.proven[client.id()]); since >= 0 && since < provenFor || upTo.IsZero() {
		return nil
	}
	if err := c.refresh(ctx, client, s.organizer.Organizer, read); err != nil {
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
	s.proven[client.id()] = read
	return nil
}
