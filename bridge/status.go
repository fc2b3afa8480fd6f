package bridge

import (
	"context"
	"errors"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// failuresShown is how many orders that cannot be served are listed.
const failuresShown = 20

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
		c.tell(ctx, decision.Answer, replies.Status(status))
	})
}

func (b *Bridge) eventStatus(ctx context.Context, key database.EventKey, scope authority.Scope) (replies.EventStatus, error) {
	status := replies.EventStatus{Whole: scope.Whole, Now: b.now()}
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
	if scope.Codes {
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

func (b *Bridge) roomStatuses(ctx context.Context, key database.EventKey, scope authority.Scope) ([]replies.RoomStatus, error) {
	links, err := b.store.LinksOf(ctx, key)
	if err != nil {
		return nil, err
	}
	var rooms []replies.RoomStatus
	for _, link := range links {
		if !scope.ShowsRoom(link.Room) {
			continue
		}
		text, err := b.shownLink(ctx, link)
		if err != nil {
			return nil, err
		}
		counts, err := b.store.CountInvites(ctx, key, link.Room)
		if err != nil {
			return nil, err
		}
		rooms = append(rooms, replies.RoomStatus{ShownLink: text, Invites: counts})
	}
	return rooms, nil
}

func (b *Bridge) failureTexts(ctx context.Context, key database.EventKey, limit int) ([]replies.Failure, error) {
	failures, err := b.store.Failures(ctx, key, limit)
	if err != nil {
		return nil, err
	}
	return b.withProducts(ctx, key, failures)
}

// withProducts names the products of failures.
func (b *Bridge) withProducts(ctx context.Context, key database.EventKey, failures []database.Failure) ([]replies.Failure, error) {
	products, err := b.catalog(askingPretix(ctx), key)
	if err != nil {
		return nil, err
	}
	texts := make([]replies.Failure, 0, len(failures))
	for _, failure := range failures {
		texts = append(texts, replies.Failure{Failure: failure, Product: replies.Product(products, failure.Item, failure.Variation)})
	}
	return texts, nil
}
