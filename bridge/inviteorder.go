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
)

// orderPatience is how long `!invite` waits for what comes of it before it answers that it goes on.
const orderPatience = 20 * time.Second

// orderEvery is how often it looks meanwhile.
const orderEvery = 500 * time.Millisecond

// inviteOrder asks the people of one order, whatever came of their invites before: the one way to ask somebody again.
func (b *Bridge) inviteOrder(ctx context.Context, c *call) {
	code, ok := typed.OrderCode(c.args)
	if !ok {
		c.say(ctx, replies.InviteUsage(b.prefix))
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
		_, err := b.pretix.Order(ctx, key, code)
		switch {
		case errors.Is(err, pretixconn.ErrNoOrder):
			c.tell(ctx, decision.Answer, replies.NoSuchOrder(code, key))
			return
		case err != nil:
			c.failed(ctx, "read order", err)
			return
		}
		if err := b.releaseOrder(ctx, key, code, decision.AllowedRooms()); err != nil {
			c.failed(ctx, "release order", err)
			return
		}
		b.inviter.Wake()
		told := c.tell(ctx, decision.Answer, replies.Inviting(code))
		b.spawn(func(ctx context.Context) {
			defer b.begin(ctx, told)()
			b.showOrder(ctx, told, key, code, decision)
		})
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
func (b *Bridge) showOrder(ctx context.Context, told *said, key database.EventKey, code string, decision authority.Decision) {
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
		looked, inHand, err := b.lookAtOrder(ctx, key, code)
		if err != nil {
			b.log.Error("invites of an order not read", zap.Error(err))
			return
		}
		if !inHand || patient.Err() != nil {
			looked.Skipped = decision.Skipped()
			told.edit(ctx, replies.OrderInvited(looked))
			return
		}
	}
}

// lookAtOrder reads what came of an order's invites so far, and whether something is still to come, soon.
func (b *Bridge) lookAtOrder(ctx context.Context, key database.EventKey, code string) (looked replies.InvitedOrder, inHand bool, err error) {
	looked.Code = code
	due, err := b.store.DueAt(ctx, key, code)
	if err != nil && !errors.Is(err, database.ErrNotFound) {
		return looked, false, err
	}
	looked.Waits = err == nil
	inHand = looked.Waits && !due.After(b.now())
	if looked.Invites, err = b.store.OrderInvites(ctx, key, code); err != nil {
		return looked, false, err
	}
	queued := func(invite database.Invite) bool { return invite.State == database.InviteDue }
	inHand = inHand || slices.ContainsFunc(looked.Invites, queued)
	looked.Hindrance, err = b.hindrance(ctx, key)
	return looked, inHand, err
}
