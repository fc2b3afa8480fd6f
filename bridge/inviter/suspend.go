package inviter

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// mends says that a room stopped for this reason goes on by itself when its bot may invite again. (That an admin has lifted the
// blocking of a room cannot be seen, and a replaced room stays replaced.)
func mends(reason database.LinkReason) bool {
	switch reason {
	case database.LinkNoPower, database.LinkRemoved, database.LinkBanned, database.LinkNoRoom:
		return true
	default:
		return false
	}
}

// suspend stops a room for a fault of its own, and tells it unless it is stopped already.
func (in *Inviter) suspend(ctx context.Context, key database.EventKey, room id.RoomID, reason database.LinkReason) error {
	return in.switchLink(ctx, key, room, database.LinkActive, database.LinkSuspended, reason, in.hooks.Suspended)
}

// resume lets a stopped room go on: the orders left lying come due.
func (in *Inviter) resume(ctx context.Context, key database.EventKey, room id.RoomID) error {
	err := in.switchLink(ctx, key, room, database.LinkSuspended, database.LinkActive, "", in.hooks.Resumed)
	in.Wake()
	return err
}

func (in *Inviter) switchLink(
	ctx context.Context, key database.EventKey, room id.RoomID, from, to database.LinkState, reason database.LinkReason,
	tell func(context.Context, database.Link),
) error {
	in.suspends.Lock()
	defer in.suspends.Unlock()
	link, err := in.store.Link(ctx, key, room)
	if errors.Is(err, database.ErrNotFound) || (err == nil && link.State != from) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := in.store.SetLinkState(ctx, key, room, to, reason); err != nil {
		return err
	}
	link.State, link.Reason, link.Since = to, reason, in.now()
	in.log.Info("link changed", append(eventFields(key),
		zap.Stringer("room_id", room), zap.String("state", string(to)), zap.String("reason", string(reason)))...)
	tell(ctx, link)
	return nil
}

// RoomChanged says that something about a room's power has changed, about one of our bots in it, or about who is to be asked there. It
// returns at once; the room is looked at anew, stopped if its bot may not invite any more, and goes on if it may again.
func (in *Inviter) RoomChanged(room id.RoomID) {
	in.standings.forget(room)
	in.changed.add(room)
}

// roomSet is the rooms that are to be looked at.
type roomSet struct {
	mu     sync.Mutex
	rooms  map[id.RoomID]bool
	signal chan struct{}
}

func (s *roomSet) add(room id.RoomID) {
	s.mu.Lock()
	s.rooms[room] = true
	s.mu.Unlock()
	select {
	case s.signal <- struct{}{}:
	default:
	}
}

func (s *roomSet) take() []id.RoomID {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rooms []id.RoomID
	for room := range s.rooms {
		rooms = append(rooms, room)
	}
	clear(s.rooms)
	return rooms
}

// watchRooms looks at rooms that have changed, and now and then at all that are stopped: word of what mended one may have been lost.
func (in *Inviter) watchRooms(ctx context.Context) error {
	ticker := time.NewTicker(rechecksRest)
	defer ticker.Stop()
	rooms, err := in.stopped(ctx)
	for {
		if err != nil && ctx.Err() == nil {
			in.log.Error("stopped rooms not listed", zap.Error(err))
		}
		for _, room := range rooms {
			if err := in.recheck(ctx, room); err != nil {
				if fault, ok := errors.AsType[*Fault](err); ok {
					return fault
				}
				if ctx.Err() == nil && !errors.Is(err, errAgain) {
					in.log.Error("room not looked at", zap.Stringer("room_id", room), zap.Error(err))
				}
				if errors.Is(err, errAgain) {
					in.changed.add(room)
				}
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-in.changed.signal:
			rooms, err = in.changed.take(), nil
		case <-ticker.C:
			rooms, err = in.stopped(ctx)
			in.unscanned.Store(true)
		}
	}
}

// stopped lists the rooms that may have mended.
func (in *Inviter) stopped(ctx context.Context) ([]id.RoomID, error) {
	events, err := in.store.LinkedEvents(ctx)
	if err != nil {
		return nil, err
	}
	var rooms []id.RoomID
	for _, event := range events {
		links, err := in.store.LinksOf(ctx, event.Key)
		if err != nil {
			return nil, err
		}
		for _, link := range links {
			if link.State == database.LinkSuspended && mends(link.Reason) {
				rooms = append(rooms, link.Room)
			}
		}
	}
	return rooms, nil
}

// recheck compares the room's links with what their bots may do there.
func (in *Inviter) recheck(ctx context.Context, room id.RoomID) error {
	links, err := in.store.LinksIn(ctx, room)
	if err != nil {
		return err
	}
	for _, link := range links {
		suspended := link.State == database.LinkSuspended && mends(link.Reason)
		if link.State != database.LinkActive && !suspended {
			continue
		}
		event, err := in.store.Event(ctx, link.Event)
		if err != nil {
			return err
		}
		stands, err := in.standing(ctx, event.Bot, room)
		if err != nil {
			return err
		}
		switch {
		case stands.unsure:
			continue
		case suspended && stands.stop == "":
			err = in.resume(ctx, link.Event, room)
		case !suspended && stands.stop != "":
			err = in.suspend(ctx, link.Event, room, stands.stop)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
