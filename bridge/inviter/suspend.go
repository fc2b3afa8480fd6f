package inviter

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/inviter/judge"
	"matrix-pretix/database"
)

// suspend stops a room for a fault of its own, and tells it unless it is stopped already.
func (in *Inviter) suspend(ctx context.Context, key database.EventKey, room id.RoomID, reason database.LinkReason) error {
	link, err := in.store.Link(ctx, key, room)
	switch {
	case errors.Is(err, database.ErrNotFound) || err == nil && link.State != database.LinkActive:
		return nil
	case err != nil:
		return err
	case reason != database.LinkReplaced:
		return in.switchLink(ctx, link, judge.Standing{Stop: reason})
	}
	event, err := in.store.Event(ctx, key)
	if err != nil {
		return err
	}
	stands, err := in.standing(ctx, event.Bot, room)
	if err == nil && stands.Stop != database.LinkReplaced {
		return errAgain
	}
	if err != nil {
		return err
	}
	return in.switchLink(ctx, link, stands)
}

// switchLink brings a link into the state that goes with how its bot stands, and tells it. The store lets one of several do that who
// notice the same. A room that goes on has its orders come due.
func (in *Inviter) switchLink(ctx context.Context, link database.Link, stands judge.Standing) error {
	state, tell := database.LinkSuspended, in.hooks.Suspended
	if stands.Stop == "" {
		state, tell = database.LinkActive, in.hooks.Resumed
	}
	var changed bool
	var err error
	if stands.Stop == database.LinkReplaced {
		changed, err = in.store.SuspendReplaced(ctx, link.Event, link.Room, stands.Successor)
	} else {
		changed, err = in.store.SwitchUntold(ctx, link, state, stands.Stop)
	}
	if errors.Is(err, database.ErrNotFound) {
		return nil
	}
	if err != nil || !changed {
		return err
	}
	link.State, link.Reason, link.Successor, link.Since = state, stands.Stop, stands.Successor, in.now()
	in.log.Info("link changed", append(link.Event.Fields(),
		zap.Stringer("room_id", link.Room), zap.String("state", string(state)), zap.String("reason", string(stands.Stop)))...)
	tell(ctx, link)
	in.Wake()
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
			if link.State == database.LinkSuspended && judge.Mends(link.Reason) {
				rooms = append(rooms, link.Room)
			}
		}
	}
	return rooms, nil
}

// recheck compares the room's links with what their bots may do there. Links that were never active are not ours to turn on.
func (in *Inviter) recheck(ctx context.Context, room id.RoomID) error {
	links, err := in.store.LinksIn(ctx, room)
	if err != nil {
		return err
	}
	for _, link := range links {
		suspended := link.State == database.LinkSuspended && judge.Mends(link.Reason)
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
		if stands.Unsure || link.Reason == stands.Stop { // active ones have no reason
			continue
		}
		if err := in.switchLink(ctx, link, stands); err != nil {
			return err
		}
	}
	return nil
}
