package bridge

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
)

// leaveGrace is how long the bots may take to leave a room when the program is asked to stop.
const leaveGrace = 2 * time.Second

// unsetroom unties an event from a room: either proof suffices, for it takes away. What was queued is gone with the link.
func (b *Bridge) unsetroom(ctx context.Context, c *call) {
	b.withEventAndRoom(ctx, c, func(ctx context.Context, c *call, key database.EventKey, named id.RoomID) {
		room := cmp.Or(named, c.room)
		decision, ok := c.may(ctx, authority.Unlink, key, room)
		if !ok {
			return
		}
		if _, err := b.store.Link(ctx, key, room); errors.Is(err, database.ErrNotFound) {
			c.tell(ctx, decision.Answer, sayNotLinked(key))
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
	unanswered, err := b.store.InvitesIn(ctx, key, room, database.InviteInvited)
	if err != nil {
		c.failed(ctx, "read invites", err)
		return
	}
	queued, err := b.store.DeleteLink(ctx, key, room)
	if err != nil {
		c.failed(ctx, "delete link", err)
		return
	}
	b.inviter.RoomChanged(room)
	manual := b.tidyOrganizer(ctx, key)
	text := sayUnlinked(known, queued, len(unanswered), manual)
	if len(unanswered) == 0 {
		c.tell(ctx, decision.Answer, text)
		b.leaveRoom(ctx, known, room)
		return
	}
	c.ask(ctx, decision.Answer, text, b.awaitWithdrawal(known, room, unanswered))
	if c.place == nil || c.place.Room != room {
		b.leaveUntied(ctx, room) // so that nobody in it is remembered while the answer is awaited
	}
}

// awaitWithdrawal takes the answer to whether unanswered invites are to be taken back. Until it has come the event's bot stays, for it would have to
// do that; but not for ever.
func (b *Bridge) awaitWithdrawal(known database.Event, room id.RoomID, unanswered []database.Invite) func(context.Context, *call, string) {
	answered := make(chan struct{})
	b.spawn(func(ctx context.Context) {
		select {
		case <-answered:
		case <-time.After(questionLife):
		case <-ctx.Done(): // nobody will know of the question after the next start
			var stop context.CancelFunc
			ctx, stop = context.WithTimeout(context.WithoutCancel(ctx), leaveGrace)
			defer stop()
		}
		b.leaveRoom(ctx, known, room)
	})
	var answer func(context.Context, *call, string)
	answer = func(ctx context.Context, c *call, text string) {
		if !isYes(text) {
			c.say(ctx, sayInvitesStand)
		} else if question := b.withdraw(ctx, c, known, room, unanswered); question != "" {
			c.ask(ctx, *c.place, question, answer)
			return
		}
		close(answered)
	}
	return answer
}

// withdraw takes back invites that nobody has answered, if who asks could do so themselves. Where only the event's bot lacks the role, the question
// comes back, to be asked once more.
func (b *Bridge) withdraw(ctx context.Context, c *call, known database.Event, room id.RoomID, unanswered []database.Invite) (question string) {
	state, err := b.hs.RoomState(ctx, known.Bot, room, c.sender)
	switch {
	case err != nil:
		c.failed(ctx, "read room", err)
	case !state.CanKick(c.sender):
		c.say(ctx, sayMayNotWithdraw(state.Levels.KickLevel()))
	case !state.CanKick(known.Bot):
		return sayBotMayNotWithdraw(known.Bot, state.Levels.KickLevel())
	default:
		b.takeBack(ctx, c, known, room, unanswered)
	}
	return ""
}

// takeBack touches only those whom we invited, found by digesting who is invited now.
func (b *Bridge) takeBack(ctx context.Context, c *call, known database.Event, room id.RoomID, unanswered []database.Invite) {
	members, err := b.hs.Members(ctx, known.Bot, room)
	if err != nil {
		c.failed(ctx, "read members", err)
		return
	}
	withdrawn := 0
	for who, membership := range members {
		ours := slices.ContainsFunc(unanswered, func(invite database.Invite) bool { return invite.Attendee == b.keys.Attendee(who) })
		if membership != event.MembershipInvite || !ours {
			continue
		}
		if err := b.hs.Kick(ctx, known.Bot, room, who, "The invitation was withdrawn"); err != nil {
			b.log.Info("invite not withdrawn", roomField(room), errorField(err))
			continue
		}
		withdrawn++
	}
	c.say(ctx, sayWithdrawn(withdrawn))
}

// leaveRoom takes the bots out of a room that has no more to do with them, unless it was linked anew. With an event's last link its bot has left
// every room.
func (b *Bridge) leaveRoom(ctx context.Context, known database.Event, room id.RoomID) {
	if _, err := b.store.Link(ctx, known.Key, room); !errors.Is(err, database.ErrNotFound) {
		return
	}
	if err := b.hs.Leave(ctx, known.Bot, room, ""); err != nil {
		b.log.Info("event bot has not left", roomField(room), errorField(err))
	}
	b.leaveUntied(ctx, room)
}

// leaveUntied takes the bridge bot out of a room that has no more to do with any event.
func (b *Bridge) leaveUntied(ctx context.Context, room id.RoomID) {
	keys, err := b.eventsIn(ctx, room)
	if err != nil || len(keys) > 0 {
		return
	}
	if err := b.hs.Leave(ctx, b.hs.Bot(), room, ""); err != nil {
		b.log.Info("bridge bot has not left", roomField(room), errorField(err))
	}
}

// tidyOrganizer forgets an event that is neither linked nor commanded any more, and with an organizer's last event ends the webhook. It reports
// whether somebody must delete the webhook in Pretix by hand.
func (b *Bridge) tidyOrganizer(ctx context.Context, key database.EventKey) (manual bool) {
	links, err := b.store.LinksOf(ctx, key)
	if err != nil || len(links) > 0 {
		return false
	}
	controls, err := b.store.ControlsOf(ctx, key)
	if err != nil || len(controls) > 0 {
		return false
	}
	if err := b.store.DeleteEvent(ctx, key); err != nil {
		b.log.Error("event not forgotten", zap.Stringer("event", key), zap.Error(err))
		return false
	}
	others, err := b.store.EventsOf(ctx, key.OrganizerKey())
	if err != nil || len(others) > 0 {
		return false
	}
	manual, err = b.pretix.DropWebhook(ctx, key.OrganizerKey())
	if err != nil {
		b.log.Warn("webhook not dropped", zap.Stringer("event", key), zap.Error(err))
		return true
	}
	return manual
}
