package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/lab/stage"
)

// How long things may take on a machine that is busy with three servers.
const (
	answerTime = 30 * time.Second
	inviteTime = 30 * time.Second
)

// spare are people for whom whoever watches may buy tickets.
var spare = []string{"eve", "finn", "gwen", "hugo"}

// purchase is a visit to the shop.
type purchase struct {
	who   string
	what  string // as it is shown
	paid  bool   // by gift card; free tickets are paid by themselves
	typo  bool   // the organizer has to hear of it
	typed []parts.PositionSpec
	opens []seat
}

// seat is a person in a room.
type seat struct {
	room, who string
}

// customers are those who buy in the play, and the one who was misspelt.
func customers() []string { return []string{"ada", "bob", "cleo", "dora"} }

// purchases are what is bought, with the invitations that have to come of it.
func (p *play) purchases() []purchase {
	id := func(name string) string { return "@" + name + ":" + parts.ServerName }
	free := func(typed string) parts.PositionSpec {
		return parts.PositionSpec{Item: p.event.Items.Free, MatrixID: typed}
	}
	return []purchase{
		{
			who: "ada", what: "a free ticket; Matrix ID: " + id("ada"), typed: []parts.PositionSpec{free(id("ada"))},
			opens: []seat{{p.rooms.everyone, id("ada")}},
		},
		{
			who: "bob", what: "an online ticket, paid by gift card; Matrix ID: https://matrix.to/#/" + id("bob"), paid: true,
			typed: []parts.PositionSpec{{Item: p.event.Items.Online, MatrixID: "https://matrix.to/#/" + id("bob")}},
			opens: []seat{{p.rooms.everyone, id("bob")}, {p.rooms.online, id("bob")}},
		},
		{
			who: "cleo", typo: true, what: "two free tickets; Matrix IDs: " + id("cleo") + " and, with a typo, dora@" + parts.ServerName,
			typed: []parts.PositionSpec{free(id("cleo")), free("dora@" + parts.ServerName)},
			opens: []seat{{p.rooms.everyone, id("cleo")}},
		},
	}
}

// sell lets customers buy, one after the other, and waits for what each has to bring about.
func (p *play) sell(ctx context.Context) error {
	p.title("Customers buy in the shop: from paid until the room's state says invited")
	for _, bought := range p.purchases() {
		if err := p.buy(ctx, bought); err != nil {
			return fmt.Errorf("%s buys %s: %w", bought.who, bought.what, err)
		}
	}
	return nil
}

// buy goes through the shop's pages and meanwhile looks for the invitations: they may stand before the last page is there.
func (p *play) buy(ctx context.Context, it purchase) error {
	p.line("shop", it.who, it.what)
	visit := parts.Purchase{Email: it.who + "@example.org", Tickets: it.typed}
	if it.paid {
		visit.GiftCard = p.gift
	}
	type outcome struct {
		order *parts.Bought
		err   error
	}
	done := make(chan outcome, 1)
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	go func() {
		order, err := p.event.Buy(ctx, visit)
		if err != nil {
			cancel()
		}
		done <- outcome{order, err}
	}()
	stands, standErr := p.awaitInvites(ctx, it.opens)
	result := <-done
	switch {
	case result.err != nil:
		return result.err
	case standErr != nil:
		return standErr
	}
	if it.typo {
		p.typo = result.order
	}
	changed, err := p.changed(ctx, result.order.Code)
	if err != nil {
		return err
	}
	for i, s := range it.opens {
		p.invited(s, stands[i], changed)
	}
	return nil
}

// awaitInvites waits until the rooms' states say that all are invited, and says when each did.
func (p *play) awaitInvites(ctx context.Context, seats []seat) ([]time.Time, error) {
	stands := make([]time.Time, len(seats))
	deadline := time.Now().Add(inviteTime)
	for from, missing := p.olga.Now(), len(seats); missing > 0; {
		h, next, err := p.olga.Await(ctx, from, time.Until(deadline), isInvite)
		if err != nil {
			return nil, fmt.Errorf("wait for an invitation: %w", err)
		}
		from = next
		i := slices.Index(seats, seat{h.Room, h.Who})
		if i >= 0 && stands[i].IsZero() && p.olga.Membership(ctx, h.Room, h.Who) == "invite" {
			stands[i] = time.Now()
			missing--
		}
	}
	return stands, nil
}

func isInvite(h stage.Happening) bool { return h.Membership == "invite" }

// invited shows an invitation, with what it took.
func (p *play) invited(s seat, stands time.Time, changed change) {
	text := s.who
	if changed.code != "" {
		text = fmt.Sprintf("%-18s  %s after order %s was %s", s.who, seconds(stands.Sub(changed.at)), changed.code, changed.how)
	}
	p.lineAt(stands, p.place(s.room), "invited", text)
}
