package keeper

import (
	"context"
	"errors"
	"slices"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// leaveDue takes bots out of rooms that they should have left already: the program was killed before they had, the homeserver was away, or nobody
// answered whether they were still needed.
func (k *Keeper) leaveDue(ctx context.Context) {
	departures, err := k.store.Departures(ctx)
	if err != nil {
		k.log.Error("rooms to leave not listed", zap.Error(err))
		return
	}
	for _, d := range departures {
		k.Depart(ctx, d.Bot, d.Room)
	}
}

// Depart takes an event's bot out of a room that has no more to do with it, and the bridge bot where nothing else ties it there. What cannot be done
// now is done later: it stands in the database until then.
func (k *Keeper) Depart(ctx context.Context, bot id.UserID, room id.RoomID) {
	if !k.tied(ctx, bot, room, "") {
		if err := k.hs.Leave(ctx, bot, room, ""); homeserver.Passes(err) {
			k.log.Info("event bot has not left", zap.Stringer("room_id", room), zap.Error(err))
			return
		}
		if !k.LeaveUntied(ctx, room) {
			return
		}
	}
	if err := k.store.EndDeparture(ctx, bot, room); err != nil {
		k.log.Error("departure not ended", zap.Stringer("room_id", room), zap.Error(err))
	}
}

// tied reports whether a link holds the event's bot in the room: of that room, or of one that may be replaced by it, but for the link of the room
// given. Where that cannot be read it does.
func (k *Keeper) tied(ctx context.Context, bot id.UserID, room, except id.RoomID) bool {
	known, err := k.store.EventByBot(ctx, bot)
	if errors.Is(err, database.ErrNotFound) {
		return false
	}
	if err == nil {
		_, err = k.store.Link(ctx, known.Key, room)
	}
	if !errors.Is(err, database.ErrNotFound) {
		return true
	}
	awaiting, err := k.store.AwaitingSuccessor(ctx, room)
	return err != nil || slices.ContainsFunc(awaiting, func(link database.Link) bool { return link.Event == known.Key && link.Room != except })
}

// LeaveUntied takes the bridge bot out of a room that has no more to do with any event, and reports whether that is settled.
func (k *Keeper) LeaveUntied(ctx context.Context, room id.RoomID) bool {
	keys, err := k.store.EventsIn(ctx, room)
	if err != nil {
		k.log.Error("links not read", zap.Error(err))
		return false
	}
	if len(keys) > 0 {
		return true
	}
	if err := k.hs.Leave(ctx, k.hs.Bot(), room, ""); homeserver.Passes(err) {
		k.log.Info("bridge bot has not left", zap.Stringer("room_id", room), zap.Error(err))
		return false
	}
	return true
}
