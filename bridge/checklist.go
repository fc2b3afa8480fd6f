package bridge

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// checklist is what an organizer must know after linking a room: what works, and what still stands in the way with its remedy. It holds values
// only; [sayLinked] makes words of it.
type checklist struct {
	Event    database.Event
	Shop     api.Event
	ShopErr  error // why it could not be read
	Link     database.Link
	Rules    []string
	Room     id.RoomID
	Question askedFor
	Awaits   bool  // an answer in this place settles the question
	Unread   error // why the questions or the orders could not be read
	Webhook  pretixconn.WebhookReport
	HookErr  error
	Heard    time.Time // when Pretix last called
	Now      time.Time
	Private  bool // the answer is read by those only who may know the webhook's address
	Bot      botStanding
	Matching database.MatchingCount // tickets that open the room already
	Invites  tallied                // and what became of the people whom they name
	Every    time.Duration          // how often is swept, for those without a webhook
}

// botStanding is what the event's bot is in the room.
type botStanding struct {
	Joined, CanInvite bool
	Needs             int64 // the level that may invite
}

func (b *Bridge) checklist(ctx context.Context, key database.EventKey, room id.RoomID, question askedFor) (checklist, error) {
	list := checklist{Room: room, Question: question, Every: b.sweepEvery, Now: b.now()}
	var err error
	if list.Event, err = b.store.Event(ctx, key); err != nil {
		return list, err
	}
	if list.Link, err = b.store.Link(ctx, key, room); err != nil {
		return list, err
	}
	if list.Rules, err = b.ruleTexts(ctx, list.Link); err != nil {
		return list, err
	}
	b.askPretix(ctx, key, &list)
	organizer, err := b.store.Organizer(ctx, key.OrganizerKey())
	if err != nil {
		return list, err
	}
	list.Heard = organizer.HeardAt
	list.Bot = b.standing(ctx, list.Event.Bot, room)
	if list.Matching, err = b.store.CountMatching(ctx, key, room); err != nil {
		return list, err
	}
	counts, err := b.store.CountInvites(ctx, key, room)
	for _, invites := range counts {
		list.Invites.add(invites)
	}
	return list, err
}

// askPretix reads how the shop stands and sees to the webhook. Each that fails costs its own line.
func (b *Bridge) askPretix(ctx context.Context, key database.EventKey, list *checklist) {
	if list.Shop, list.ShopErr = b.pretix.EventState(ctx, key); list.ShopErr != nil {
		b.log.Warn("shop not read", zap.Stringer("event", key), zap.Error(list.ShopErr))
	}
	if list.Webhook, list.HookErr = b.pretix.EnsureWebhook(ctx, key.OrganizerKey()); list.HookErr != nil {
		b.log.Warn("webhook not looked at", zap.Stringer("event", key), zap.Error(list.HookErr))
	}
}

// standing reads what the event's bot is in a room and may do there. What cannot be read is reported as missing.
func (b *Bridge) standing(ctx context.Context, bot id.UserID, room id.RoomID) botStanding {
	state, err := b.hs.RoomState(ctx, b.hs.Bot(), room, bot)
	if err != nil || state.Why() != authority.Readable {
		state, err = b.hs.RoomState(ctx, bot, room)
	}
	if err != nil {
		b.log.Info("room not readable", zap.Stringer("room_id", room), zap.Error(err))
		return botStanding{Needs: authority.Owner}
	}
	needs, _ := state.InviteRoleLacking(bot)
	return botStanding{Joined: state.Joined(bot), CanInvite: state.CanInvite(bot), Needs: needs}
}

// scan reads an event's orders once, so that tickets sold before are known and held. It tells how far it has come, in the message given.
func (b *Bridge) scan(ctx context.Context, told *said, key database.EventKey) error {
	event, err := b.store.Event(ctx, key)
	if err != nil || !event.ScannedAt.IsZero() {
		return err
	}
	last := b.now()
	_, err = b.inviter.Scan(ctx, key, func(read inviter.Scanned) {
		if b.now().Sub(last) >= progressEvery {
			last = b.now()
			told.edit(ctx, sayReading(event, read.Orders))
		}
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
