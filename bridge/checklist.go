package bridge

import (
	"context"
	"errors"
	"slices"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

func (b *Bridge) checklist(ctx context.Context, key database.EventKey, room id.RoomID, question replies.AskedFor) (replies.Checklist, error) {
	list := replies.Checklist{Room: room, Question: question, Every: b.sweepEvery, Now: b.now()}
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
	if list.Products, err = b.catalog(ctx, key); err != nil {
		return list, err
	}
	list.Coverage = pretixconn.CoverageOf(question.Question, productsOf(list.Link), list.Products)
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
	list.Invites, err = b.store.CountInvites(ctx, key, room)
	return list, err
}

// productsOf lists the products that open a room; none where others open it, too.
func productsOf(link database.Link) []int64 {
	var products []int64
	for _, rule := range link.Rules {
		if rule.Item == 0 {
			return nil
		}
		if !slices.Contains(products, rule.Item) {
			products = append(products, rule.Item)
		}
	}
	return products
}

// askPretix reads how the shop stands and sees to the webhook. Each that fails costs its own line.
func (b *Bridge) askPretix(ctx context.Context, key database.EventKey, list *replies.Checklist) {
	if list.Shop, list.ShopErr = b.pretix.EventState(ctx, key); list.ShopErr != nil {
		b.log.Warn("shop not read", zap.Stringer("event", key), zap.Error(list.ShopErr))
	}
	if list.Webhook, list.HookErr = b.pretix.EnsureWebhook(ctx, key.OrganizerKey()); list.HookErr != nil {
		b.log.Warn("webhook not looked at", zap.Stringer("event", key), zap.Error(list.HookErr))
	}
}

// standing reads what the event's bot is in a room and may do there. What cannot be read is reported as missing.
func (b *Bridge) standing(ctx context.Context, bot id.UserID, room id.RoomID) replies.BotStanding {
	state, err := b.hs.RoomState(ctx, b.hs.Bot(), room, bot)
	if err != nil || state.Why() != authority.Readable {
		state, err = b.hs.RoomState(ctx, bot, room)
	}
	if err != nil {
		b.log.Info("room not readable", zap.Stringer("room_id", room), zap.Error(err))
		return replies.BotStanding{Needs: authority.Owner}
	}
	needs, _ := state.InviteRoleLacking(bot)
	return replies.BotStanding{Joined: state.Joined(bot), CanInvite: state.CanInvite(bot), Needs: needs}
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
			told.edit(ctx, replies.ReadingOrders(event, read.Orders))
		}
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
