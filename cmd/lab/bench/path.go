package bench

import (
	"context"
	"fmt"
	"time"

	"matrix-pretix/cmd/lab/parts"
)

const singleEvent = "single"

// path is how long each part of the way from paid to invited took, for one order.
type path struct {
	pretix  time.Duration // from paid until the webhook arrived
	read    time.Duration // from then until the bridge had read the order from Pretix
	ours    time.Duration // from then until the bridge asked for the invitation
	lookups time.Duration // of ours: what the homeserver took to say who is there
	invite  time.Duration // what the homeserver took for the invitation
}

func (p path) total() time.Duration { return p.pretix + p.read + p.ours + p.invite }

// moments are what the parts are made of.
type moments struct {
	paid     time.Time // as Pretix says
	arrived  time.Time // at the recorder
	handled  handled   // as the bridge's log says
	requests []request // as the homeserver's log says
}

// path computes the parts.
func (m moments) path(room string) (path, error) {
	invites := invitesInto(m.requests, room)
	if len(invites) != 1 {
		return path{}, fmt.Errorf("the homeserver was asked for %d invitations, want 1", len(invites))
	}
	invite, read := invites[0], m.handled.at.Add(-m.handled.took)
	got := path{
		pretix: m.arrived.Sub(m.paid), read: read.Sub(m.arrived), ours: invite.began.Sub(read), invite: invite.ended.Sub(invite.began),
	}
	for _, r := range m.requests {
		if !r.began.Before(m.arrived) && !r.ended.After(invite.began) {
			got.lookups += r.ended.Sub(r.began)
		}
	}
	return got, nil
}

// paths follows single orders, one after the other.
func (b *bench) paths(ctx context.Context) ([]path, error) {
	room, err := b.linkedRoom(ctx, singleEvent)
	if err != nil {
		return nil, err
	}
	b.say(fmt.Sprintf("paying %d orders, one after the other", singleOrders))
	people, err := b.stage.Synapse.Users(ctx, "buyer-", singleOrders)
	if err != nil {
		return nil, err
	}
	var all []path
	for _, who := range people {
		p, err := b.follow(ctx, room, who.UserID)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// follow makes an order, lets what that brings about pass, and follows what its payment brings about.
func (b *bench) follow(ctx context.Context, room, who string) (path, error) {
	event := b.org.Events[singleEvent]
	bridge, err := openLog(b.stage.Bridge.Log)
	if err != nil {
		return path{}, err
	}
	order, err := event.CreateOrder(ctx, parts.OrderSpec{Pending: true, Positions: []parts.PositionSpec{{MatrixID: who}}})
	if err != nil {
		return path{}, err
	}
	if _, err := bridge.awaitOrders(ctx, singleEvent, 1); err != nil {
		return path{}, err
	}
	synapse, err := openLog(b.stage.Synapse.Log)
	if err != nil {
		return path{}, err
	}
	if err := event.MarkPaid(ctx, order.Code); err != nil {
		return path{}, err
	}
	done, err := bridge.awaitInvited(ctx, order.Code)
	if err != nil {
		return path{}, err
	}
	m := moments{handled: done}
	arrived, ok := b.hooks.Arrival(order.Code, "order.paid")
	if !ok {
		return path{}, fmt.Errorf("no webhook said that order %s is paid", order.Code)
	}
	m.arrived = arrived.at
	if m.paid, err = paidAt(ctx, event, order.Code); err != nil {
		return path{}, err
	}
	if m.requests, err = synapse.requests(); err != nil {
		return path{}, err
	}
	return m.path(room)
}

// paidAt reads when Pretix took an order for paid.
func paidAt(ctx context.Context, event *parts.Event, code string) (time.Time, error) {
	var order struct {
		Payments []struct {
			Date time.Time `json:"payment_date"`
		} `json:"payments"`
	}
	if err := event.API(ctx, "GET", "orders/"+code+"/", nil, &order); err != nil {
		return time.Time{}, err
	}
	if len(order.Payments) == 0 {
		return time.Time{}, fmt.Errorf("order %s has no payment", code)
	}
	return order.Payments[len(order.Payments)-1].Date, nil
}

// awaitInvited waits for the look at an order in which somebody was invited.
func (l *logFile) awaitInvited(ctx context.Context, code string) (handled, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		lines, err := l.lines()
		if err != nil {
			return handled{}, err
		}
		for _, line := range lines {
			if h, ok := readHandled(line); ok && h.code == code && h.invited > 0 {
				return h, nil
			}
		}
		if err := rest(ctx, 20*time.Millisecond); err != nil {
			return handled{}, fmt.Errorf("wait until order %s is handled: %w", code, err)
		}
	}
}
