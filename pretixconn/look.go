package pretixconn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// sightEvery is how often each login is asked anew what it sees; in between, a sweep or a command may look too.
const sightEvery = time.Hour

// survey asks Pretix what a credential sees at all, and what it lacks.
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
		within := asks.Under(c.limiter(key))
		seen, err := c.lookAt(ctx, within, key)
		if err != nil {
			return nil, err
		}
		may, err := within.MayChangeWebhooks(ctx, organizer.Slug)
		switch {
		case err == nil:
		case ctx.Err() != nil || errors.Is(err, api.ErrUnauthorized):
			return nil, err
		default: // orders can be read without: nobody is kept from that by a list of webhooks which does not come
			c.log.Warn("permission for webhooks not known", append(key.Fields(), zap.Error(err))...)
		}
		if !may {
			seen.lacks = append(seen.lacks, api.PermissionWebhooks)
		}
		views[organizer.Slug] = seen
	}
	return views, nil
}

// lookAt asks which events of an organizer a credential sees. To see an event is to be able to read its orders: Pretix shows the
// event itself to a token without that permission too, and then leaves its orders silently out of the organizer's list. A token
// belongs to one team and may do the same in all the events that it sees, so one event answers for all.
func (c *Connector) lookAt(ctx context.Context, asks *api.Client, key database.OrganizerKey) (view, error) {
	seen := view{at: c.now()}
	events, err := asks.Events(ctx, key.Organizer)
	if errors.Is(err, api.ErrForbidden) {
		seen.lacks = []string{api.PermissionOrders}
		return seen, nil
	} else if err != nil {
		return view{}, err
	}
	events = slices.DeleteFunc(events, func(event api.Event) bool { return !isSlug(event.Slug) })
	if len(events) == 0 {
		return seen, nil // where there is no event to ask about, nothing is known to be missing
	}
	example, err := c.example(ctx, key, events)
	if err != nil {
		return view{}, err
	}
	may, err := asks.MayReadOrders(ctx, key.Organizer, example)
	if err != nil {
		return view{}, err
	}
	if may {
		seen.events = events
	} else {
		seen.lacks = []string{api.PermissionOrders}
	}
	return seen, nil
}

// example picks the event that answers for all: one that matters here, where there is one.
func (c *Connector) example(ctx context.Context, key database.OrganizerKey, events []api.Event) (string, error) {
	known, err := c.store.EventsOf(ctx, key)
	if err != nil {
		return "", err
	}
	for _, event := range known {
		if slices.ContainsFunc(events, func(e api.Event) bool { return e.Slug == event.Key.Event }) {
			return event.Key.Event, nil
		}
	}
	return events[0].Slug, nil
}

// refresh asks anew which events of an organizer a login sees, unless that was asked after the time given.
func (c *Connector) refresh(ctx context.Context, client *Client, organizer string, since time.Time) error {
	if client.view(organizer).at.After(since) {
		return nil
	}
	look := client.beginLook()
	key := database.OrganizerKey{Instance: client.instance.Key, Organizer: organizer}
	var seen view
	err := c.ask(ctx, client, func() (err error) {
		seen, err = c.lookAt(ctx, client.at(key), key)
		return err
	})
	if err != nil {
		return err
	}
	return c.keepView(ctx, client, look, key, seen)
}

// refreshAll asks anew what a login sees at all: organizers, events and permissions.
func (c *Connector) refreshAll(ctx context.Context, client *Client) error {
	look := client.beginLook()
	var views map[string]view
	err := c.ask(ctx, client, func() (err error) {
		views, err = c.survey(ctx, client.instance, client.asks)
		return err
	})
	if err != nil {
		return err
	}
	return c.keepViews(ctx, client, look, views)
}

// ask has a live login ask Pretix, and buries it if it is refused for good.
func (c *Connector) ask(ctx context.Context, client *Client, question func() error) error {
	if !client.live() {
		return ErrNoLogin
	}
	err := question()
	if errors.Is(err, api.ErrUnauthorized) {
		if alive := c.confirmDeath(ctx, client); alive != nil {
			err = alive
		}
	}
	if err != nil {
		return fmt.Errorf("ask what login %s sees: %w", client.id(), err)
	}
	return nil
}

// lookAgain has an organizer's logins look anew for events that none of them is known to see, unless they have a moment ago, and
// tells whether any of the events is seen now.
func (c *Connector) lookAgain(ctx context.Context, organizer database.OrganizerKey, unseen []database.EventKey) (bool, error) {
	since := c.now().Add(-resolvedFor)
	for _, client := range c.clientsAt(organizer) {
		if err := c.refresh(ctx, client, organizer.Organizer, since); err != nil && ctx.Err() == nil {
			c.log.Warn("sight not refreshed", zap.String("login", client.id()), zap.Error(err))
		}
	}
	for _, event := range unseen {
		if seeing, err := c.seeing(ctx, event); err != nil || len(seeing) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// keepSight asks each live login from time to time what it sees, and tries those that were refused once more, until the context ends.
// They come one after the other, so none waits until Pretix may be asked again after a long pause: its next turn comes.
func (c *Connector) keepSight(ctx context.Context) error {
	ctx = api.WithoutLongPauses(ctx, longestPause)
	ticker := time.NewTicker(sightEvery)
	defer ticker.Stop()
	for {
		for _, client := range c.pick((*Client).refused) {
			if err := c.revive(ctx, client); err != nil && ctx.Err() == nil {
				c.log.Warn("refused login not tried", zap.String("login", client.id()), zap.Error(err))
			}
		}
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
