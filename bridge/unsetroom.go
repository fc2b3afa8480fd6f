package bridge

import (
	"cmp"
	"context"
	"errors"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

// unsetroom unties an event from a room: either proof suffices, for it takes away. What was queued is gone with the link.
func (b *Bridge) unsetroom(ctx context.Context, c *call) {
	b.withEventAndRoom(ctx, c, func(ctx context.Context, c *call, key database.EventKey, named id.RoomID) {
		room := cmp.Or(named, c.room)
		decision, ok := c.may(ctx, authority.Unlink, key, room)
		if !ok {
			return
		}
		if _, err := b.store.Link(ctx, key, room); errors.Is(err, database.ErrNotFound) {
			c.tell(ctx, decision.Answer, replies.NotLinked(key))
			return
		}
		b.unlink(ctx, c, decision, key, room)
	})
}

// unlink deletes the link, answers, and only then takes the bots out: an encrypted room's answer needs the bridge bot.
func (b *Bridge) unlink(ctx context.Context, c *call, decision authority.Decision, key database.EventKey, room id.RoomID) {
	known, err := b.store.Event(ctx, key)
	if err != nil {
		c.failed(ctx, "read event", err)
		return
	}
	unanswered, err := b.store.Unanswered(ctx, key, room)
	if err != nil {
		c.failed(ctx, "read invites", err)
		return
	}
	leaveAt := b.now()
	if len(unanswered) > 0 {
		leaveAt = leaveAt.Add(questionLife)
	}
	queued, err := b.store.DeleteLink(ctx, key, room, leaveAt)
	if err != nil {
		c.failed(ctx, "delete link", err)
		return
	}
	b.inviter.RoomChanged(room)
	others, err := b.store.EventsIn(ctx, room)
	if err != nil {
		b.log.Error("links not read", zap.Error(err))
	}
	done := replies.EndedLink{
		Event: known, Queued: queued, Unanswered: len(unanswered), Stays: len(others) > 0, Bridge: b.hs.Bot(), Manual: b.keeper.Tidy(ctx, key),
	}
	if len(unanswered) == 0 {
		c.tell(ctx, decision.Answer, replies.Unlinked(done))
		b.keeper.Depart(ctx, known.Bot, room)
		return
	}
	c.ask(ctx, decision.Answer, replies.Unlinked(done), yesOrNo(b.withdrawal(known, room, unanswered)))
	if c.place == nil || c.place.Room != room {
		b.keeper.LeaveUntied(ctx, room) // so that nobody in it is remembered while the answer is awaited
	}
}
