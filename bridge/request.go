package bridge

import (
	"context"
	"errors"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// request gathers what the decision depends on whether somebody may do something, who asks for it there.
func (b *Bridge) request(
	ctx context.Context, who id.UserID, where authority.Place, action authority.Action, key database.EventKey, room id.RoomID,
) (authority.Request, error) {
	request := authority.Request{
		Action: action, Sender: who, Permitted: b.hs.MayCommand(who), Event: key, Room: room,
		Typed: where, Bots: authority.Bots{Bridge: b.hs.Bot()},
	}
	if err := b.pretix.Prove(ctx, who, key); err != nil {
		b.log.Warn("right to an event not proven", zap.Error(err))
		request.Unproven = true
	}
	logins, err := b.pretix.LoginsOf(ctx, who)
	if err != nil {
		return request, err
	}
	for _, login := range logins {
		request.Logins = append(request.Logins, authority.Login{ID: login.ID, Owner: login.Owner, Live: login.Live, Events: login.Events})
	}
	if err := b.addRooms(ctx, &request); err != nil {
		return request, err
	}
	request.Rooms, err = b.readRooms(ctx, request)
	return request, err
}

// seesCodes reports whether somebody may see an event's order codes now, among nobody else.
func (b *Bridge) seesCodes(ctx context.Context, person id.UserID, key database.EventKey) (bool, error) {
	request, err := b.request(askingPretix(ctx), person, authority.Place{Direct: true}, authority.Report, key, "")
	if err != nil {
		return false, err
	}
	decision := authority.Decide(request)
	return decision.Allowed && decision.Scope.Codes, nil
}

// readAtOnce is how many rooms are read at the same time.
const readAtOnce = 4

// readRooms reads the rooms that a decision depends on.
func (b *Bridge) readRooms(ctx context.Context, request authority.Request) ([]authority.Room, error) {
	names := request.Reads()
	rooms := make([]authority.Room, len(names))
	group, reading := errgroup.WithContext(ctx)
	group.SetLimit(readAtOnce)
	for i, name := range names {
		group.Go(func() (err error) {
			rooms[i], err = b.readRoom(reading, name, request)
			return err
		})
	}
	return rooms, group.Wait()
}

// addRooms adds the event's links and control rooms, or without an event those of the room.
func (b *Bridge) addRooms(ctx context.Context, request *authority.Request) error {
	keys := []database.EventKey{request.Event}
	if request.Event == (database.EventKey{}) {
		var err error
		if keys, err = b.store.EventsIn(ctx, request.Room); err != nil {
			return err
		}
	}
	for _, key := range keys {
		links, err := b.store.LinksOf(ctx, key)
		if err != nil {
			return err
		}
		for _, link := range links {
			request.Links = append(request.Links, authority.LinkedRoom{Event: key, Room: link.Room, Suspended: link.State == database.LinkSuspended})
		}
		controls, err := b.store.ControlsOf(ctx, key)
		if err != nil {
			return err
		}
		for _, control := range controls {
			request.Controls = append(request.Controls, authority.ControlRoom{Event: key, Room: control.Room})
		}
		if request.Bots.Event == "" {
			if request.Bots.Event, err = b.botOf(ctx, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// readRoom reads one room afresh, by the bridge bot if it is there and else by the event's bot. What neither can read stays marked as unreadable,
// and so proves nothing; that is no error here, but a homeserver that gives no answer is one.
func (b *Bridge) readRoom(ctx context.Context, room id.RoomID, request authority.Request) (authority.Room, error) {
	read, err := b.hs.RoomState(ctx, request.Bots.Bridge, room, request.Sender, request.Bots.Event)
	if read.Why() != authority.Readable && request.Bots.Event != "" {
		second, secondErr := b.hs.RoomState(ctx, request.Bots.Event, room, request.Sender)
		if secondErr == nil {
			read = second
		} else if err == nil || errors.Is(secondErr, homeserver.ErrUnavailable) {
			err = secondErr
		}
	}
	switch {
	case read.Why() == authority.Readable:
	case errors.Is(err, homeserver.ErrUnavailable) || ctx.Err() != nil:
		return read, err
	case err != nil:
		b.log.Info("room not readable", zap.Stringer("room_id", room), zap.Error(err))
	}
	links, err := b.store.LinksIn(ctx, room)
	read.OpensToTickets = len(links) > 0
	return read, err
}

// alone reports whether nobody can listen in a room but a person and our bots, read now. What cannot be read is not private.
func (b *Bridge) alone(ctx context.Context, room id.RoomID, person id.UserID) bool {
	private, err := b.hs.Private(ctx, room, person)
	return err == nil && private
}
