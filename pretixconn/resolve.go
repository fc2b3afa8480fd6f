package pretixconn

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// ErrUnknownEvent says that a reference fits none of the events that the person may name. Whether others could name it is not told.
var ErrUnknownEvent = errors.New("no such event in sight")

const (
	// resolvedFor is how old a person's sight may be when a reference is looked up in it.
	resolvedFor = time.Minute
	// resolveTimeout bounds the wait for Pretix; then what is known already has to do.
	resolveTimeout = 10 * time.Second
)

// SeenEvent is an event that somebody may name.
type SeenEvent struct {
	Key database.EventKey
	api.Event
}

// Resolved is what a reference means: one event, or several of which one has to be chosen.
type Resolved struct {
	Event      SeenEvent
	Candidates []SeenEvent // empty where Event is meant; else all that fit, in a fixed order
}

// Resolve finds the event that a reference means, among those that the person's own live logins see and those known otherwise (by
// the rooms that they command from). Nothing is ever asked of a host in the reference: it is only compared.
func (c *Connector) Resolve(ctx context.Context, owner id.UserID, text string, known ...database.EventKey) (Resolved, error) {
	ref := parseReference(text, c.cfg.Instances)
	if ref.isZero() {
		return Resolved{}, ErrUnknownEvent
	}
	logins := slices.DeleteFunc(c.clientsOf(owner), func(client *Client) bool { return !client.live() })
	if ref.Organizer == "" || ref.Event == "" || ref.Host != "" {
		// Only a fresh list tells whether a slug is the only one, or has the public addresses.
		unanswered := c.freshen(ctx, logins, ref)
		return c.find(ctx, ref, logins, known, unanswered)
	}
	found, err := c.find(ctx, ref, logins, known, nil)
	if errors.Is(err, ErrUnknownEvent) {
		unanswered := c.freshen(ctx, logins, ref)
		return c.find(ctx, ref, logins, known, unanswered)
	}
	return found, err
}

// find looks a reference up in what is known. Where Pretix did not answer, that is the error for what is not found.
func (c *Connector) find(
	ctx context.Context, ref reference, logins []*Client, known []database.EventKey, unanswered error,
) (Resolved, error) {
	seen, err := c.nameable(ctx, logins, known)
	if err != nil {
		return Resolved{}, err
	}
	switch meant := matching(ref, seen); len(meant) {
	case 0:
		if unanswered != nil {
			return Resolved{}, unanswered
		}
		return Resolved{}, ErrUnknownEvent
	case 1:
		return Resolved{Event: meant[0]}, nil
	default:
		return Resolved{Candidates: meant}, nil
	}
}

// matching lists the events that a reference may mean: those spelled just so if there are any, since Pretix tells capitals apart.
func matching(ref reference, seen []SeenEvent) []SeenEvent {
	var fitting, spelled []SeenEvent
	for _, event := range seen {
		if !ref.matches(event.Key.Instance, event.Key.Organizer, event.Key.Event, event.PublicURL) {
			continue
		}
		fitting = append(fitting, event)
		if ref.Event == event.Key.Event && (ref.Organizer == "" || ref.Organizer == event.Key.Organizer) {
			spelled = append(spelled, event)
		}
	}
	if len(spelled) > 0 {
		return spelled
	}
	return fitting
}

// nameable lists the events that a person may name, each once, in a fixed order.
func (c *Connector) nameable(ctx context.Context, logins []*Client, known []database.EventKey) ([]SeenEvent, error) {
	shown := make(map[database.EventKey]api.Event)
	keys := slices.Clone(known)
	for _, client := range logins {
		seen, err := c.store.SeenBy(ctx, client.id())
		if err != nil {
			return nil, err
		}
		keys = append(keys, seen...)
		client.show(shown)
	}
	slices.SortFunc(keys, func(a, b database.EventKey) int { return strings.Compare(a.String(), b.String()) })
	var events []SeenEvent
	for _, key := range slices.Compact(keys) {
		event, ok := shown[key]
		if !ok {
			stored, err := c.store.Event(ctx, key)
			if err != nil && !errors.Is(err, database.ErrNotFound) {
				return nil, err
			}
			event = api.Event{
				Slug: key.Event, Name: api.Text{"": stored.Name}, PublicURL: stored.PublicURL, HasSubevents: stored.HasSubevents,
			}
		}
		events = append(events, SeenEvent{Key: key, Event: event})
	}
	return events, nil
}

// show adds the events that the login saw since the start.
func (cl *Client) show(events map[database.EventKey]api.Event) {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	for organizer, seen := range cl.views {
		key := database.OrganizerKey{Instance: cl.instance.Key, Organizer: organizer}
		for _, event := range seen.events {
			events[key.Event(event.Slug)] = event
		}
	}
}

// freshen has a person's logins look where the reference may lead, unless they just have, and gives the error of one that got no
// answer.
func (c *Connector) freshen(ctx context.Context, logins []*Client, ref reference) error {
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	var unanswered error
	for _, client := range logins {
		if ref.Instance != "" && ref.Instance != client.instance.Key {
			continue
		}
		for _, organizer := range client.summary().Organizers {
			if ref.Host == "" && ref.Organizer != "" && !strings.EqualFold(ref.Organizer, organizer) {
				continue
			}
			if err := c.refresh(ctx, client, organizer, c.now().Add(-resolvedFor)); err != nil {
				c.log.Warn("sight not refreshed", zap.String("login", client.id()), zap.Error(err))
				unanswered = err
			}
		}
	}
	return unanswered
}
