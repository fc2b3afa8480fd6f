package bridge

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

// control makes a room one from which an event is commanded, or ends that. "off" stands first or last.
func (b *Bridge) control(ctx context.Context, c *call) {
	if len(c.args) == 0 {
		b.showControls(ctx, c)
		return
	}
	off := *c
	switch last := len(c.args) - 1; {
	case strings.EqualFold(c.args[0], "off"):
		off.args = c.args[1:]
		b.controlOff(ctx, &off)
	case strings.EqualFold(c.args[last], "off"):
		off.args = c.args[:last]
		b.controlOff(ctx, &off)
	default:
		b.controlOn(ctx, c)
	}
}

// showControls answers `!control` alone: which events are commanded from this room, as far as the sender may know.
func (b *Bridge) showControls(ctx context.Context, c *call) {
	decision, err := c.decide(ctx, authority.ShowLinks, database.EventKey{}, c.room)
	if err != nil {
		c.failed(ctx, "read room", err)
		return
	}
	controls, err := b.store.ControlsIn(ctx, c.room)
	if err != nil {
		c.failed(ctx, "list control rooms", err)
		return
	}
	var keys []database.EventKey
	for _, control := range controls {
		if decision.Allowed && decision.Scope.ShowsEvent(control.Event) {
			keys = append(keys, control.Event)
		}
	}
	named, err := b.named(ctx, keys)
	if err != nil {
		c.failed(ctx, "read events", err)
		return
	}
	c.quietly(ctx, database.EventKey{}, replies.ControlUsage(named, b.prefix))
}

func (b *Bridge) controlOn(ctx context.Context, c *call) {
	if c.roomFirst() {
		c.quietly(ctx, database.EventKey{}, replies.EventFirst("control"))
		return
	}
	b.withEvent(ctx, c, c.args[0], func(ctx context.Context, c *call, key database.EventKey) {
		room, _, _, err := b.roomArgument(ctx, c, c.args[1:])
		if err != nil {
			c.roomNotFound(ctx, err)
			return
		}
		decision, ok := c.may(ctx, authority.ControlOn, key, room.ID)
		if !ok {
			return
		}
		known, err := b.ensureEvent(ctx, key)
		if err != nil {
			c.failed(ctx, "set up event", err)
			return
		}
		added, err := b.store.PutControl(ctx, database.Control{Event: key, Room: room.ID, AddedBy: c.sender, AddedAt: b.now()})
		if err != nil {
			c.failed(ctx, "store control room", err)
			return
		}
		audience, err := b.audience(ctx, room.ID)
		if err != nil {
			c.failed(ctx, "look who may read", err)
			return
		}
		c.tell(ctx, decision.Answer, replies.ControlOn(known, audience, b.prefix))
		if added {
			b.notices.TellControls(ctx, key, room.ID, replies.ControlAdded(known, room.ID, c.sender))
		}
	})
}

// audience is who may read in a room besides those who command from it.
func (b *Bridge) audience(ctx context.Context, room id.RoomID) (replies.Audience, error) {
	links, err := b.store.LinksIn(ctx, room)
	if err != nil {
		return "", err
	}
	if len(links) > 0 {
		return replies.Attendees, nil
	}
	closed, err := b.hs.Closed(ctx, room)
	if err != nil || closed {
		return replies.Nobody, err
	}
	return replies.Anybody, nil
}

func (b *Bridge) controlOff(ctx context.Context, c *call) {
	b.withEventAndRoom(ctx, c, func(ctx context.Context, c *call, key database.EventKey, named id.RoomID) {
		room := cmp.Or(named, c.room)
		decision, ok := c.may(ctx, authority.ControlOff, key, room)
		if !ok {
			return
		}
		known, err := b.store.Event(ctx, key)
		if err == nil {
			err = b.store.DeleteControl(ctx, key, room)
		}
		if errors.Is(err, database.ErrNotFound) {
			c.quietly(ctx, key, replies.NotControl(key))
			return
		}
		if err != nil {
			c.failed(ctx, "delete control room", err)
			return
		}
		told := c.tell(ctx, decision.Answer, replies.ControlOff(known, room)).message.Room
		b.notices.TellControls(ctx, key, told, replies.ControlEnded(known, room, c.sender))
		if room != told {
			b.sayEnded(ctx, known, room)
		}
		b.keeper.Forget(ctx, key)
	})
}

// sayEnded tells a room that it is no control room any more, but for one that tickets open: there nobody heard that it was.
func (b *Bridge) sayEnded(ctx context.Context, known database.Event, room id.RoomID) {
	links, err := b.store.LinksIn(ctx, room)
	if err == nil && len(links) == 0 {
		b.sayThere(ctx, room, replies.ControlOff(known, room))
	}
}
