package bridge

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
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
	manual := b.tidyOrganizer(ctx, key)
	text := sayUnlinked(known, queued, len(unanswered), manual)
	if len(unanswered) == 0 {
		c.tell(ctx, decision.Answer, text)
		b.depart(ctx, known.Bot, room)
		return
	}
	c.ask(ctx, decision.Answer, text, b.withdrawal(known, room, unanswered))
	if c.place == nil || c.place.Room != room {
		b.leaveUntied(ctx, room) // so that nobody in it is remembered while the answer is awaited
	}
}

// withdrawal takes the answer to whether unanswered invites are to be taken back. Until it has come the event's bot stays, for it would have to do
// that; where none comes, [Bridge.upkeep] takes it out.
func (b *Bridge) withdrawal(known database.Event, room id.RoomID, unanswered []database.Invite) func(context.Context, *call, string) {
	var answer func(context.Context, *call, string)
	answer = func(ctx context.Context, c *call, text string) {
		if !isYes(text) {
			c.say(ctx, sayInvitesStand)
		} else if question := b.withdraw(ctx, c, known, room, unanswered); question != "" {
			if err := b.store.PutOffDeparture(ctx, known.Bot, room, b.now().Add(questionLife)); err != nil {
				c.failed(ctx, "stay in the room", err)
				return
			}
			c.ask(ctx, *c.place, question, answer)
			return
		}
		b.depart(ctx, known.Bot, room)
	}
	return answer
}

// withdraw takes back invites that nobody has answered, if who asks could do so themselves. Where only the event's bot lacks the role, the question
// comes back, to be asked once more.
func (b *Bridge) withdraw(ctx context.Context, c *call, known database.Event, room id.RoomID, unanswered []database.Invite) (question string) {
	decision, err := c.decide(ctx, authority.Withdraw, known.Key, room)
	switch {
	case err != nil:
		c.failed(ctx, "read room", err)
	case decision.Allowed:
		b.takeBack(ctx, c, known, room, unanswered)
	case decision.LacksOnly(authority.BotKick):
		return sayBotMayNotWithdraw(known.Bot, decision.Missing[0].Needs)
	default:
		c.say(ctx, sayMayNotWithdraw(decision))
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
