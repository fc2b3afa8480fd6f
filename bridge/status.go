package bridge

import (
	"context"
	"errors"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// failuresShown is how many orders that cannot be served are listed.
const failuresShown = 20

// eventStatus is how an event stands, as far as the asker may see it.
type eventStatus struct {
	Event    database.Event
	Whole    bool // sales, too
	Codes    bool // order codes, too
	Tickets  database.TicketCount
	Rooms    []roomStatus
	Controls []id.RoomID // from where it is commanded
	Due      database.DueCount
	Heard    time.Time // when Pretix last called
	Swept    time.Time // when its orders were last read
	NoLogin  bool      // nobody's login sees the event now
	Webhook  bool      // there is an address for Pretix to call
	Failures []failureText
	Now      time.Time
}

type roomStatus struct {
	linkText
	Invites []database.InviteCount
}

// status says how an event stands; a linked room's moderator sees that room's invitations and no more.
func (b *Bridge) status(ctx context.Context, c *call) {
	b.withEventAndRoom(ctx, c, func(ctx context.Context, c *call, key database.EventKey, named id.RoomID) {
		decision, ok := b.mayInRooms(ctx, c, authority.Status, key, named)
		if !ok {
			return
		}
		status, err := b.eventStatus(ctx, key, decision.Scope)
		if err != nil {
			c.failed(ctx, "read status", err)
			return
		}
		c.tell(ctx, decision.Answer, sayStatus(status))
	})
}

func (b *Bridge) eventStatus(ctx context.Context, key database.EventKey, scope authority.Scope) (eventStatus, error) {
	status := eventStatus{Whole: scope.Whole, Codes: scope.Whole && scope.Codes, Now: b.now()}
	var err error
	if status.Event, err = b.store.Event(ctx, key); err != nil {
		return status, err
	}
	if status.Rooms, err = b.roomStatuses(ctx, key, scope); err != nil || !scope.Whole {
		return status, err
	}
	if status.Tickets, err = b.store.CountTickets(ctx, key); err != nil {
		return status, err
	}
	if status.Due, err = b.store.CountDue(ctx, key); err != nil {
		return status, err
	}
	organizer, err := b.store.Organizer(ctx, key.OrganizerKey())
	if err != nil {
		return status, err
	}
	status.Heard, status.Swept, status.Webhook = organizer.HeardAt, organizer.SweptAt, b.public
	if status.Event.ScannedAt.After(status.Swept) {
		status.Swept = status.Event.ScannedAt // linking reads them, too
	}
	_, err = b.pretix.EventState(ctx, key)
	status.NoLogin = errors.Is(err, pretixconn.ErrNoLogin)
	if status.Codes {
		controls, err := b.store.ControlsOf(ctx, key)
		if err != nil {
			return status, err
		}
		for _, control := range controls {
			status.Controls = append(status.Controls, control.Room)
		}
		status.Failures, err = b.failureTexts(ctx, key, failuresShown)
		return status, err
	}
	return status, nil
}

func (b *Bridge) roomStatuses(ctx context.Context, key database.EventKey, scope authority.Scope) ([]roomStatus, error) {
	links, err := b.store.LinksOf(ctx, key)
	if err != nil {
		return nil, err
	}
	var rooms []roomStatus
	for _, link := range links {
		if !scope.ShowsRoom(link.Room) {
			continue
		}
		text, err := b.linkText(ctx, link)
		if err != nil {
			return nil, err
		}
		counts, err := b.store.CountInvites(ctx, key, link.Room)
		if err != nil {
			return nil, err
		}
		rooms = append(rooms, roomStatus{linkText: text, Invites: counts})
	}
	return rooms, nil
}

// failureText is somebody who cannot be served, with the product in words.
type failureText struct {
	database.Failure
	Product string
}

func (b *Bridge) failureTexts(ctx context.Context, key database.EventKey, limit int) ([]failureText, error) {
	failures, err := b.store.Failures(ctx, key, limit)
	if err != nil {
		return nil, err
	}
	return b.withProducts(ctx, key, failures)
}

func (b *Bridge) withProducts(ctx context.Context, key database.EventKey, failures []database.Failure) ([]failureText, error) {
	products, err := b.catalog(ctx, key)
	if err != nil {
		return nil, err
	}
	texts := make([]failureText, 0, len(failures))
	for _, failure := range failures {
		texts = append(texts, failureText{Failure: failure, Product: products.product(failure.Item, failure.Variation)})
	}
	return texts, nil
}

// tallied counts invites as a person thinks of them.
type tallied struct {
	Invited, Joined, Queued, Waiting, Failed, Gone, Held int
	NextTry                                              time.Time
}

func (t *tallied) add(count database.InviteCount) {
	switch count.State {
	case database.InviteInvited:
		t.Invited += count.Count
	case database.InviteJoined:
		t.Joined += count.Count
	case database.InviteDue:
		t.Queued += count.Count
	case database.InviteWaiting:
		t.Waiting += count.Count
		if t.NextTry.IsZero() || count.NextTry.Before(t.NextTry) {
			t.NextTry = count.NextTry
		}
	case database.InviteFailed:
		t.Failed += count.Count
	case database.InviteGone:
		t.Gone += count.Count
	case database.InviteHeld:
		t.Held += count.Count
	}
}
