package bridge

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// orderCode is what an order code looks like in Pretix: capital letters and digits, five of them by default.
var orderCode = regexp.MustCompile(`^[A-Z0-9]{3,16}$`)

// orderPatience is how long `!invite` waits for what comes of it before it answers that it goes on.
const orderPatience = 20 * time.Second

// orderLook is how often it looks meanwhile.
const orderLook = 500 * time.Millisecond

// inviteOrder asks the people of one order, whatever came of their invites before: the one way to ask somebody again.
func (b *Bridge) inviteOrder(ctx context.Context, c *call) {
	code := ""
	if len(c.args) > 0 {
		code = strings.ToUpper(strings.Trim(c.args[0], "#"))
	}
	if !orderCode.MatchString(code) {
		c.say(ctx, sayInviteUsage(b.prefix))
		return
	}
	eventText, _ := eventThenRoom(c.args[1:])
	b.withEvent(ctx, c, eventText, func(ctx context.Context, c *call, key database.EventKey) {
		decision, ok := c.may(ctx, authority.InviteOrder, key, "")
		if !ok {
			return
		}
		if _, err := b.pretix.Order(ctx, key, code); errors.Is(err, api.ErrNotFound) {
			c.tell(ctx, decision.Answer, sayNoSuchOrder(code, key))
			return
		}
		released, err := b.store.ReleaseOrder(ctx, key, code)
		if err == nil && released.Invites == 0 {
			_, err = b.store.MakeDue(ctx, key, code, false)
		}
		if err != nil {
			c.failed(ctx, "release order", err)
			return
		}
		b.inviter.Wake()
		told := c.tell(ctx, decision.Answer, sayInviting(code))
		b.spawn(func(ctx context.Context) { b.showOrder(ctx, told, key, code, decision) })
	})
}

// showOrder waits until the order's people have been asked and says what came of it.
func (b *Bridge) showOrder(ctx context.Context, told *said, key database.EventKey, code string, decision authority.Decision) {
	patient, cancel := context.WithTimeout(ctx, orderPatience)
	defer cancel()
	tick := time.NewTicker(orderLook)
	defer tick.Stop()
	for {
		select {
		case <-patient.Done():
		case <-tick.C:
		}
		if ctx.Err() != nil {
			return
		}
		invites, err := b.store.OrderInvites(ctx, key, code)
		if err != nil {
			b.log.Error("invites of an order not read", zap.Error(err))
			return
		}
		queued := slices.ContainsFunc(invites, func(invite database.Invite) bool { return invite.State == database.InviteDue })
		if !queued || patient.Err() != nil {
			told.edit(ctx, sayOrderInvited(code, invites, decision.Skipped()))
			return
		}
	}
}
