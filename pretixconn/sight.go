package pretixconn

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// view is what a login saw of an organizer when it last looked.
type view struct {
	look   int // which of the login's looks that was
	at     time.Time
	events []api.Event // whose orders it may read
	lacks  []string    // permissions
}

// beginLook numbers a look at Pretix, before anything is asked. Nothing is locked while Pretix is asked, which may take long; of two
// looks at the same time it is the one begun later that counts.
func (cl *Client) beginLook() int {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	cl.looks++
	return cl.looks
}

// keepView stores what a login saw of one organizer, unless a later look is known.
func (c *Connector) keepView(ctx context.Context, client *Client, look int, key database.OrganizerKey, seen view) error {
	client.keeping.Lock()
	defer client.keeping.Unlock()
	if client.left() {
		return ErrNoLogin
	}
	if client.lastLook(key.Organizer) > look {
		return nil
	}
	before, err := c.store.SeenBy(ctx, client.id())
	if err != nil {
		return err
	}
	elsewhere := slices.DeleteFunc(slices.Clone(before), func(event database.EventKey) bool { return event.Organizer == key.Organizer })
	after := append(elsewhere, seen.keys(key)...)
	if !sameEvents(before, after) {
		if err := c.store.SetSight(ctx, client.id(), after); err != nil {
			return err
		}
	}
	seen.look = look
	client.setView(key.Organizer, seen)
	return nil
}

// keepViews stores what a login saw of all organizers, but for those of which a later look is known.
func (c *Connector) keepViews(ctx context.Context, client *Client, look int, views map[string]view) error {
	client.keeping.Lock()
	defer client.keeping.Unlock()
	if client.left() {
		return ErrNoLogin
	}
	views = client.newest(look, views)
	var events []database.EventKey
	for _, organizer := range slices.Sorted(maps.Keys(views)) {
		key := database.OrganizerKey{Instance: client.instance.Key, Organizer: organizer}
		events = append(events, views[organizer].keys(key)...)
	}
	if err := c.store.SetSight(ctx, client.id(), events); err != nil {
		return err
	}
	return client.setViews(ctx, look, views)
}

// seeing lists the live logins that see an event, in a fixed order.
func (c *Connector) seeing(ctx context.Context, event database.EventKey) ([]*Client, error) {
	logins, err := c.store.LoginsSeeing(ctx, event)
	if err != nil {
		return nil, err
	}
	return c.pick(func(client *Client) bool { return client.live() && slices.Contains(logins, client.id()) }), nil
}

// sameEvents tells whether two lists name the same events, each once.
func sameEvents(a, b []database.EventKey) bool {
	return len(a) == len(b) && len(common(a, b)) == len(a)
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

// lastLook is the latest look by which something is known of an organizer, if only that it is not seen.
func (cl *Client) lastLook(organizer string) int {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	return max(cl.views[organizer].look, cl.surveyed)
}

// newest puts what is known from later looks in the place of what a look at all organizers saw.
func (cl *Client) newest(look int, views map[string]view) map[string]view {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	if cl.surveyed > look {
		return cl.views
	}
	newest := make(map[string]view, len(views))
	for organizer, seen := range views {
		seen.look = look
		newest[organizer] = seen
	}
	for organizer, known := range cl.views {
		if known.look > look {
			known.lacks = views[organizer].lacks // a look at one organizer does not ask about webhooks
			newest[organizer] = known
		}
	}
	return newest
}

func (cl *Client) setView(organizer string, seen view) {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	cl.views[organizer] = seen
}

// setViews keeps what the login sees of all organizers, and stores what its owner may want to know of it while it is dead.
func (cl *Client) setViews(ctx context.Context, look int, views map[string]view) error {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	cl.views, cl.surveyed = views, max(cl.surveyed, look)
	meta, organizers, lacks := cl.meta(), slices.Sorted(maps.Keys(views)), lackedIn(views)
	if slices.Equal(meta.Organizers, organizers) && slices.Equal(meta.Lacks, lacks) {
		return nil
	}
	meta.Organizers, meta.Lacks = organizers, lacks
	cl.login.RemoteName = cl.conn.remoteName(cl.instance, organizers)
	if err := cl.login.Save(ctx); err != nil {
		return fmt.Errorf("store login %s: %w", cl.id(), err)
	}
	return nil
}
