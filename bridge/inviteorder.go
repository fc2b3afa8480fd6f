package bridge

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// orderPatience is how long `!invite` waits for what comes of it before it answers that it goes on.
const orderPatience = 20 * time.Second

// orderEvery is how often it looks meanwhile.
const orderEvery = 500 * time.Millisecond

// inviteOrder asks the people of one order, whatever came of their invites before: the one way to ask somebody again.
func (b *Bridge) inviteOrder(ctx context.Context, c *call) {
	code, ok := typed.OrderCode(c.args)
	if !ok {
		c.quietly(ctx, database.EventKey{}, replies.InviteUsage(b.prefix))
		return
	}
	eventText, _ := typed.EventThenRoom(c.args[1:])
	b.withEvent(ctx, c, eventText, func(ctx context.Context, c *call, key database.EventKey) {
		if !b.linked(ctx, c, key) {
			return
		}
		decision, ok := c.may(ctx, authority.InviteOrder, key, "")
		if !ok {
			return
		}
		order, err := b.pretix.Order(ctx, key, code)
		switch {
		case errors.Is(err, pretixconn.ErrNoOrder):
			c.tell(ctx, decision.Answer, replies.NoSuchOrder(code, key))
			return
		case err != nil:
			c.failed(ctx, "read order", err)
			return
		}
		b.inviteAgain(ctx, c, key, order, decision)
	})
}

// inviteAgain sets an order's people going and tells what comes of it. The order's release also lets it be looked at anew where it has no tickets: what
// was known of it may be older.
func (b *Bridge) inviteAgain(ctx context.Context, c *call, key database.EventKey, order api.Order, decision authority.Decision) {
	looked := replies.InvitedOrder{Code: order.Code, Since: b.now(), Lack: pretixconn.OrderLacks(order), Skipped: decision.Skipped()}
	known, err := b.store.Event(ctx, key)
	if err == nil {
		looked.Unserved, err = b.orderUnserved(ctx, known, order)
	}
	if err == nil {
		err = b.releaseOrder(ctx, key, order.Code, decision.AllowedRooms())
	}
	if err != nil {
		c.failed(ctx, "release order", err)
		return
	}
	b.inviter.Wake()
	told := c.tell(ctx, decision.Answer, replies.Inviting(order.Code))
	b.spawn(func(ctx context.Context) {
		defer b.keeper.Begin(ctx, told.message.Room, told.id)()
		b.showOrder(ctx, told, key, looked)
	})
}

// releaseOrder sets an order's people going in the rooms in which the asker could invite them, too. The order is looked at in any case: it may be new.
func (b *Bridge) releaseOrder(ctx context.Context, key database.EventKey, code string, rooms []id.RoomID) error {
	for _, room := range rooms {
		if _, err := b.store.ReleaseOrder(ctx, key, code, room); err != nil {
			return err
		}
	}
	_, err := b.store.MakeDue(ctx, key, code, false)
	return err
}

// showOrder waits until the order's people have been asked and says what came of it.
func (b *Bridge) showOrder(ctx context.Context, told *said, key database.EventKey, looked replies.InvitedOrder) {
	patient, cancel := context.WithTimeout(ctx, orderPatience)
	defer cancel()
	tick := time.NewTicker(orderEvery)
	defer tick.Stop()
	for {
		select {
		case <-patient.Done():
		case <-tick.C:
		}
		if ctx.Err() != nil {
			return
		}
		inHand, err := b.lookAtOrder(ctx, key, &looked)
		if err != nil {
			b.log.Error("invites of an order not read", zap.Error(err))
			return
		}
		if !inHand || patient.Err() != nil {
			told.edit(ctx, replies.OrderInvited(looked))
			return
		}
	}
}

// lookAtOrder reads what came of an order's invites so far, and whether something is still to come, soon.
func (b *Bridge) lookAtOrder(ctx context.Context, key database.EventKey, looked *replies.InvitedOrder) (inHand bool, err error) {
	due, err := b.store.DueAt(ctx, key, looked.Code)
	if err != nil && !errors.Is(err, database.ErrNotFound) {
		return false, err
	}
	looked.Waits = err == nil
	inHand = looked.Waits && !due.After(b.now())
	if looked.Invites, err = b.store.OrderInvites(ctx, key, looked.Code); err != nil {
		return false, err
	}
	queued := func(invite database.Invite) bool { return invite.State == database.InviteDue }
	inHand = inHand || slices.ContainsFunc(looked.Invites, queued)
	looked.Hindrance, err = b.hindrance(ctx, key)
	return inHand, err
}
