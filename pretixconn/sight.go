package pretixconn

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// sightEvery is how often each login is asked anew what it sees; in between, a sweep or a command may look too.
const sightEvery = time.Hour

// view is what a login saw of an organizer when it last looked.
type view struct {
	at     time.Time
	events []api.Event // whose orders it may read
	lacks  []string    // permissions
}

// survey asks Pretix what a credential sees at all.
func (c *Connector) survey(ctx context.Context, instance Instance, asks *api.Client) (map[string]view, error) {
	organizers, err := asks.Organizers(ctx)
	if err != nil {
		return nil, err
	}
	views := make(map[string]view, len(organizers))
	for _, organizer := range organizers {
		if !isSlug(organizer.Slug) {
			continue
		}
		key := database.OrganizerKey{Instance: instance.Key, Organizer: organizer.Slug}
		if views[organizer.Slug], err = c.lookAt(ctx, asks.Under(c.limiter(key)), organizer.Slug); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// lookAt asks which events of an organizer a credential sees. To see an event is to be able to read its orders: Pretix shows the
// event itself to a token without that permission too, and then leaves its orders silently out of the organizer's list. A token
// belongs to one team and may do the same in all the events that it sees, so one event answers for all.
func (c *Connector) lookAt(ctx context.Context, asks *api.Client, organizer string) (view, error) {
	at := c.now()
	events, err := asks.Events(ctx, organizer)
	if errors.Is(err, api.ErrForbidden) || errors.Is(err, api.ErrNotFound) {
		return view{at: at, lacks: api.Permissions{}.Lacks()}, nil
	} else if err != nil {
		return view{}, err
	}
	events = slices.DeleteFunc(events, func(event api.Event) bool { return !isSlug(event.Slug) })
	example := ""
	if len(events) > 0 {
		example = events[0].Slug
	}
	may, err := asks.Permissions(ctx, organizer, example)
	if err != nil {
		return view{}, err
	}
	if len(events) > 0 && !may.Orders {
		events = nil
	} else {
		may.Orders = true // where there is no event to ask about, nothing is known to be missing
	}
	return view{at: at, events: events, lacks: may.Lacks()}, nil
}

// refresh asks anew which events of an organizer a login sees, unless that was asked after the time given.
func (c *Connector) refresh(ctx context.Context, client *Client, organizer string, since time.Time) error {
	client.look.Lock()
	defer client.look.Unlock()
	if client.view(organizer).at.After(since) {
		return nil
	}
	key := database.OrganizerKey{Instance: client.instance.Key, Organizer: organizer}
	var seen view
	err := c.ask(ctx, client, func() (err error) {
		seen, err = c.lookAt(ctx, client.at(key), organizer)
		return err
	})
	if err != nil {
		return err
	}
	before, err := c.store.SeenBy(ctx, client.id())
	if err != nil {
		return err
	}
	elsewhere := slices.DeleteFunc(slices.Clone(before), func(event database.EventKey) bool { return event.Organizer == organizer })
	after := append(elsewhere, seen.keys(key)...)
	if !sameEvents(before, after) {
		err = c.store.SetSight(ctx, client.id(), after)
	}
	client.setView(organizer, seen)
	return err
}

// refreshAll asks anew what a login sees at all: organizers, events and permissions.
func (c *Connector) refreshAll(ctx context.Context, client *Client) error {
	client.look.Lock()
	defer client.look.Unlock()
	var views map[string]view
	err := c.ask(ctx, client, func() (err error) {
		views, err = c.survey(ctx, client.instance, client.asks)
		return err
	})
	if err != nil {
		return err
	}
	return c.keepViews(ctx, client, views)
}

// ask has a live login ask Pretix, and buries it if it is refused.
func (c *Connector) ask(ctx context.Context, client *Client, question func() error) error {
	if !client.live() {
		return ErrNoLogin
	}
	err := question()
	if errors.Is(err, api.ErrUnauthorized) {
		c.died(ctx, client)
	}
	if err != nil {
		return fmt.Errorf("ask what login %s sees: %w", client.id(), err)
	}
	return nil
}

// sameEvents tells whether two lists name the same events, each once.
func sameEvents(a, b []database.EventKey) bool {
	return len(a) == len(b) && len(common(a, b)) == len(a)
}

// keepViews stores what a login sees now, all of it.
func (c *Connector) keepViews(ctx context.Context, client *Client, views map[string]view) error {
	var events []database.EventKey
	for _, organizer := range slices.Sorted(maps.Keys(views)) {
		key := database.OrganizerKey{Instance: client.instance.Key, Organizer: organizer}
		events = append(events, views[organizer].keys(key)...)
	}
	if err := c.store.SetSight(ctx, client.id(), events); err != nil {
		return err
	}
	return client.setViews(ctx, views)
}

// blind notes that a login does not see an event after all.
func (c *Connector) blind(ctx context.Context, client *Client, event database.EventKey) error {
	client.look.Lock()
	defer client.look.Unlock()
	if err := c.store.RemoveSight(ctx, client.id(), event); err != nil {
		return err
	}
	seen := client.view(event.Organizer)
	seen.events = slices.DeleteFunc(slices.Clone(seen.events), func(e api.Event) bool { return e.Slug == event.Event })
	client.setView(event.Organizer, seen)
	c.log.Warn("login does not see event any more", append(eventFields(event), zap.String("login", client.id()))...)
	return nil
}

// seeing lists the live logins that see an event, in a fixed order.
func (c *Connector) seeing(ctx context.Context, event database.EventKey) ([]*Client, error) {
	logins, err := c.store.LoginsSeeing(ctx, event)
	if err != nil {
		return nil, err
	}
	return c.pick(func(client *Client) bool { return client.live() && slices.Contains(logins, client.id()) }), nil
}

// keepSight asks each live login from time to time what it sees, until the context ends.
func (c *Connector) keepSight(ctx context.Context) error {
	ticker := time.NewTicker(sightEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		for _, client := range c.pick((*Client).live) {
			if err := c.refreshAll(ctx, client); err != nil && ctx.Err() == nil {
				c.log.Warn("sight not refreshed", zap.String("login", client.id()), zap.Error(err))
			}
		}
	}
}

// keys names the events of the view.
func (v view) keys(organizer database.OrganizerKey) []database.EventKey {
	var keys []database.EventKey
	for _, event := range v.events {
		keys = append(keys, organizer.Event(event.Slug))
	}
	return keys
}

// lackedIn names the permissions that are missing in any of the views.
func lackedIn(views map[string]view) []string {
	var lacks []string
	for _, organizer := range slices.Sorted(maps.Keys(views)) {
		for _, permission := range views[organizer].lacks {
			if !slices.Contains(lacks, permission) {
				lacks = append(lacks, permission)
			}
		}
	}
	return lacks
}

// view gives what the login saw of an organizer since the start, if it looked.
func (cl *Client) view(organizer string) view {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	return cl.views[organizer]
}

func (cl *Client) setView(organizer string, seen view) {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	cl.views[organizer] = seen
}

// setViews keeps what the login sees of all organizers, and stores what its owner may want to know of it while it is dead.
func (cl *Client) setViews(ctx context.Context, views map[string]view) error {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	cl.views = views
	meta, organizers, lacks := cl.meta(), slices.Sorted(maps.Keys(views)), lackedIn(views)
	if slices.Equal(meta.Organizers, organizers) && slices.Equal(meta.Lacks, lacks) {
		return nil
	}
	meta.Organizers, meta.Lacks = organizers, lacks
	cl.login.RemoteName = remoteName(cl.instance, organizers)
	if err := cl.login.Save(ctx); err != nil {
		return fmt.Errorf("store login %s: %w", cl.id(), err)
	}
	return nil
}
