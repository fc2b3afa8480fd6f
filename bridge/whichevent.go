package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// withEvent finds the event that a command means and goes on with it. text is what was typed for it, or empty: then it is the event of the room, or
// in private the only one that the person has to do with. Where several fit, it asks which.
func (b *Bridge) withEvent(ctx context.Context, c *call, text string, then func(ctx context.Context, c *call, key database.EventKey)) {
	found, err := b.eventsMeant(ctx, c, text)
	switch {
	case err != nil:
		c.failed(ctx, "find event", err)
	case len(found) == 1:
		then(ctx, c, found[0].Key)
	case len(found) == 0 && text == "":
		c.quietly(ctx, database.EventKey{}, replies.NameTheEvent)
	case len(found) == 0:
		b.unknownEvent(ctx, c, text)
	default:
		b.askWhichEvent(ctx, c, found, then)
	}
}

func (b *Bridge) askWhichEvent(ctx context.Context, c *call, found []replies.NamedEvent, then func(ctx context.Context, c *call, key database.EventKey)) {
	options := make([][]string, len(found))
	for i, event := range found {
		options[i] = []string{event.Key.String(), event.Key.Organizer + "/" + event.Key.Event}
	}
	c.ask(ctx, c.quietPlace(ctx, database.EventKey{}), replies.WhichEvent(found), oneOf(options, func(ctx context.Context, c *call, chosen int) {
		then(ctx, c, found[chosen].Key)
	}))
}

// linked goes on only with an event that has a room: of others there is nothing to tell and nobody to invite.
func (b *Bridge) linked(ctx context.Context, c *call, key database.EventKey) bool {
	links, err := b.store.LinksOf(ctx, key)
	if err != nil {
		c.failed(ctx, "list links", err)
		return false
	}
	if len(links) == 0 {
		c.quietly(ctx, key, replies.NoRoomYet(key))
	}
	return len(links) > 0
}

// known goes on only with an event that somebody has linked or commands from here.
func (b *Bridge) known(ctx context.Context, c *call, key database.EventKey) bool {
	_, err := b.store.Event(ctx, key)
	switch {
	case errors.Is(err, database.ErrNotFound):
		c.quietly(ctx, key, replies.NoRoomYet(key))
	case err != nil:
		c.failed(ctx, "read event", err)
	}
	return err == nil
}

// unknownEvent says why nothing was found: without a live login of their own a person sees no events.
func (b *Bridge) unknownEvent(ctx context.Context, c *call, text string) {
	logins, err := b.pretix.LoginsOf(ctx, c.sender)
	if err != nil {
		c.failed(ctx, "list logins", err)
		return
	}
	c.quietly(ctx, database.EventKey{}, replies.UnknownEvent(text, logins, b.hs.Bot()))
}

// eventsMeant lists the events that may be meant, of those of the room and those that the person's own logins see.
func (b *Bridge) eventsMeant(ctx context.Context, c *call, text string) ([]replies.NamedEvent, error) {
	here, err := b.eventsHere(ctx, c)
	if err != nil {
		return nil, err
	}
	if text == "" {
		if len(c.near) > 0 {
			return b.named(ctx, c.near)
		}
		if len(here) > 0 || !c.direct {
			return here, nil
		}
		return b.eventsOfPerson(ctx, c)
	}
	known := slices.Clone(c.near)
	for _, event := range here {
		known = append(known, event.Key)
	}
	resolved, err := b.pretix.Resolve(ctx, c.sender, text, known...)
	switch {
	case errors.Is(err, pretixconn.ErrUnknownEvent):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("resolve event: %w", err)
	case len(resolved.Candidates) == 0:
		return []replies.NamedEvent{{Key: resolved.Event.Key, Name: resolved.Event.Name.Any()}}, nil
	}
	var found []replies.NamedEvent
	for _, seen := range resolved.Candidates {
		found = append(found, replies.NamedEvent{Key: seen.Key, Name: seen.Name.Any()})
	}
	return found, nil
}

// eventsHere lists the events of the room in which the command was typed.
func (b *Bridge) eventsHere(ctx context.Context, c *call) ([]replies.NamedEvent, error) {
	keys, err := b.store.EventsIn(ctx, c.room)
	if err != nil {
		return nil, err
	}
	return b.named(ctx, keys)
}

// eventsOfPerson lists the events known here that the person's own live logins see.
func (b *Bridge) eventsOfPerson(ctx context.Context, c *call) ([]replies.NamedEvent, error) {
	logins, err := b.pretix.LoginsOf(ctx, c.sender)
	if err != nil {
		return nil, err
	}
	known, err := b.store.Events(ctx)
	if err != nil {
		return nil, err
	}
	var found []replies.NamedEvent
	for _, event := range known {
		for _, login := range logins {
			if login.Live && slices.Contains(login.Events, event.Key) {
				found = addMeant(found, replies.NamedEvent{Key: event.Key, Name: event.Name})
			}
		}
	}
	return found, nil
}

func (b *Bridge) named(ctx context.Context, keys []database.EventKey) ([]replies.NamedEvent, error) {
	var found []replies.NamedEvent
	for _, key := range keys {
		event, err := b.store.Event(ctx, key)
		if err != nil {
			return nil, err
		}
		found = append(found, replies.NamedEvent{Key: key, Name: event.Name})
	}
	return found, nil
}

func addMeant(found []replies.NamedEvent, event replies.NamedEvent) []replies.NamedEvent {
	if slices.ContainsFunc(found, func(known replies.NamedEvent) bool { return known.Key == event.Key }) {
		return found
	}
	return append(found, event)
}

// roomArgument takes a room from the front of the words, if one stands there; else the room is the one typed in.
func (b *Bridge) roomArgument(ctx context.Context, c *call, words []string) (room typed.Room, rest []string, named bool, err error) {
	if len(words) == 0 {
		return typed.Room{ID: c.room}, nil, false, nil
	}
	ref, ok := typed.ParseRoom(words[0])
	if !ok {
		return typed.Room{ID: c.room}, words, false, nil
	}
	if ref.Alias != "" {
		ref.ID, ref.Via, err = b.hs.ResolveAlias(ctx, ref.Alias)
	}
	return ref, words[1:], true, err
}

// withEventAndRoom reads the `[event] [room]` of a command and goes on with both; named is empty without a room. Without an event it is one of the
// room named, if the sender may know which those are.
func (b *Bridge) withEventAndRoom(ctx context.Context, c *call, then func(ctx context.Context, c *call, key database.EventKey, named id.RoomID)) {
	eventText, words := typed.EventThenRoom(c.args)
	room, _, isNamed, err := b.roomArgument(ctx, c, words)
	if err != nil {
		c.roomNotFound(ctx, err)
		return
	}
	named := id.RoomID("")
	if isNamed {
		decision, err := c.decide(ctx, authority.ShowLinks, database.EventKey{}, room.ID)
		if err != nil {
			c.failed(ctx, "read room", err)
			return
		}
		named, c.near = room.ID, decision.Scope.Events
	}
	b.withEvent(ctx, c, eventText, func(ctx context.Context, c *call, key database.EventKey) {
		if b.known(ctx, c, key) {
			then(ctx, c, key, named)
		}
	})
}

// roomFirst reports whether a room stands where the command takes an event.
func (c *call) roomFirst() bool {
	_, isRoom := typed.ParseRoom(c.args[0])
	return isRoom
}

// roomNotFound answers where an alias led nowhere.
func (c *call) roomNotFound(ctx context.Context, err error) {
	if errors.Is(err, homeserver.ErrUnavailable) {
		c.failed(ctx, "resolve an alias", err)
		return
	}
	c.quietly(ctx, database.EventKey{}, replies.UnknownRoom)
}
