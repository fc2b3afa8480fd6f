package bridge

import (
	"context"
	"errors"
	"strings"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
)

// control makes the room one from which an event is commanded, or ends that.
func (b *Bridge) control(ctx context.Context, c *call) {
	if len(c.args) == 0 {
		c.say(ctx, sayControlUsage(b.prefix))
		return
	}
	if strings.EqualFold(c.args[0], "off") {
		b.controlOff(ctx, c, strings.Join(c.args[1:], " "))
		return
	}
	b.withEvent(ctx, c, c.args[0], func(ctx context.Context, c *call, key database.EventKey) {
		room, words, _, err := b.roomArgument(ctx, c, c.args[1:])
		switch {
		case err != nil:
			c.say(ctx, sayUnknownRoom)
			return
		case len(words) == 1 && strings.EqualFold(words[0], "off"):
			b.controlOff(ctx, c, c.args[0])
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
		if err := b.store.PutControl(ctx, database.Control{Event: key, Room: room.ID, AddedBy: c.sender, AddedAt: b.now()}); err != nil {
			c.failed(ctx, "store control room", err)
			return
		}
		links, err := b.store.LinksIn(ctx, room.ID)
		if err != nil {
			c.failed(ctx, "list links", err)
			return
		}
		c.tell(ctx, decision.Answer, sayControlOn(known, len(links) > 0, b.prefix))
	})
}

func (b *Bridge) controlOff(ctx context.Context, c *call, eventText string) {
	b.withEvent(ctx, c, eventText, func(ctx context.Context, c *call, key database.EventKey) {
		if _, ok := c.may(ctx, authority.ControlOff, key, c.room); !ok {
			return
		}
		known, err := b.store.Event(ctx, key)
		if err != nil {
			c.failed(ctx, "read event", err)
			return
		}
		err = b.store.DeleteControl(ctx, key, c.room)
		if errors.Is(err, database.ErrNotFound) {
			c.say(ctx, sayNotControl(known))
			return
		}
		if err != nil {
			c.failed(ctx, "delete control room", err)
			return
		}
		c.say(ctx, sayControlOff(known))
		b.tidyOrganizer(ctx, key)
	})
}
