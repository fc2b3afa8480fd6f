package bridge

import (
	"context"
	"slices"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
)

// withdrawal takes the answer to whether unanswered invites are to be taken back. Until it has come the event's bot stays, for it would have to do
// that; where none comes, the keeper takes it out. What could not be done now is asked once more.
func (b *Bridge) withdrawal(known database.Event, room id.RoomID, unanswered []database.Attendee) func(context.Context, *call, string) {
	var answer func(context.Context, *call, string)
	answer = func(ctx context.Context, c *call, text string) {
		if !typed.Yes(text) {
			c.say(ctx, replies.InvitesStand)
			b.keeper.Depart(ctx, known.Bot, room)
			return
		}
		reply, again := b.withdraw(ctx, c, known, room, unanswered)
		if !again {
			c.say(ctx, reply)
			b.keeper.Depart(ctx, known.Bot, room)
			return
		}
		if err := b.store.PutOffDeparture(ctx, known.Bot, room, b.now().Add(questionLife)); err != nil {
			b.log.Error("leaving not put off", zap.Stringer("room_id", room), zap.Error(err))
		}
		c.ask(ctx, c.here(), reply, yesOrNo(answer))
	}
	return answer
}

// withdraw takes back invites that nobody has answered, if who asks could do so themselves, and says what came of it. Where only the event's bot lacks
// the role, or the homeserver does not answer, it is worth asking again.
func (b *Bridge) withdraw(ctx context.Context, c *call, known database.Event, room id.RoomID, unanswered []database.Attendee) (reply string, again bool) {
	decision, err := c.decide(ctx, authority.Withdraw, known.Key, room)
	switch {
	case err != nil:
		b.log.Error("room not read", zap.Stringer("room_id", room), zap.Error(err))
		return replies.WithdrawLater(0), true
	case decision.Allowed:
		return b.takeBack(ctx, known, room, unanswered)
	case decision.LacksOnly(authority.BotKick):
		return replies.BotMayNotWithdraw(known.Bot, decision.Missing[0].Needs), true
	case slices.ContainsFunc(decision.Missing, notRead):
		return replies.WithdrawLater(0), true
	}
	return replies.MayNotWithdraw(decision), false
}

// notRead tells a room that could not be read this time from one whose levels prove nothing.
func notRead(missing authority.Missing) bool {
	return missing.Kind == authority.RoomUnreadable && missing.Why == authority.NotRead
}

// takeBack touches only those whom the event's bot itself invited, as the room says, found by digesting them, and not those for whom another event
// opens the room by now.
func (b *Bridge) takeBack(ctx context.Context, known database.Event, room id.RoomID, unanswered []database.Attendee) (reply string, again bool) {
	invited, err := b.hs.InvitedBy(ctx, known.Bot, room)
	if err != nil {
		b.log.Info("invited people not read", zap.Stringer("room_id", room), zap.Error(err))
		return replies.WithdrawLater(0), true
	}
	withdrawn, left := 0, 0
	for _, who := range invited {
		attendee := b.keys.Attendee(who)
		if !slices.Contains(unanswered, attendee) {
			continue
		}
		wanted, err := b.store.HasInvite(ctx, room, attendee)
		if err == nil && !wanted {
			err = b.hs.Kick(ctx, known.Bot, room, who, replies.TakenBack)
		}
		switch {
		case wanted:
		case err == nil:
			withdrawn++
		default:
			b.log.Info("invite not withdrawn", zap.Stringer("room_id", room), zap.Error(err))
			if homeserver.Passes(err) {
				left++
			}
		}
	}
	if left > 0 {
		return replies.WithdrawLater(withdrawn), true
	}
	return replies.Withdrawn(withdrawn), false
}
