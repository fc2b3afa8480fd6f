package notices

import (
	"context"
	"slices"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// controlRooms are the event's control rooms, but for those that tickets open.
func (n *Notices) controlRooms(ctx context.Context, key database.EventKey) ([]id.RoomID, error) {
	controls, err := n.store.ControlsOf(ctx, key)
	if err != nil {
		return nil, err
	}
	var rooms []id.RoomID
	for _, control := range controls {
		links, err := n.store.LinksIn(ctx, control.Room)
		if err != nil {
			return nil, err
		}
		if len(links) == 0 {
			rooms = append(rooms, control.Room)
		}
	}
	return rooms, nil
}

// linkers are those who linked the event's rooms.
func (n *Notices) linkers(ctx context.Context, key database.EventKey) ([]id.UserID, error) {
	links, err := n.store.LinksOf(ctx, key)
	if err != nil {
		return nil, err
	}
	var people []id.UserID
	for _, link := range links {
		if !slices.Contains(people, link.LinkedBy) {
			people = append(people, link.LinkedBy)
		}
	}
	return people, nil
}

// vouchers are those of the linkers who may see order codes now; where none may any more, everybody whose live login sees the event.
func (n *Notices) vouchers(ctx context.Context, key database.EventKey) ([]id.UserID, error) {
	people, err := n.linkers(ctx, key)
	if err != nil {
		return nil, err
	}
	var vouchers []id.UserID
	for _, person := range people {
		sees, err := n.seesCodes(ctx, person, key)
		if err != nil {
			return nil, err
		}
		if sees {
			vouchers = append(vouchers, person)
		}
	}
	if len(vouchers) > 0 {
		return vouchers, nil
	}
	return n.pretix.OwnersSeeing(ctx, key)
}

// talksWith gives the talks with people, made where there is none. Who cannot be talked to is left out.
func (n *Notices) talksWith(ctx context.Context, people []id.UserID) []id.RoomID {
	var rooms []id.RoomID
	for _, person := range people {
		room, err := n.hs.Direct(ctx, person)
		if err != nil {
			n.log.Info("no talk with somebody who is to be told", zap.Error(err))
			continue
		}
		rooms = append(rooms, room)
	}
	return rooms
}
