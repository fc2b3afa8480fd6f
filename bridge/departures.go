package bridge

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
func (b *Bridge) leaveDue(ctx context.Context) {
	departures, err := b.store.Departures(ctx)
	if err != nil {
		b.log.Error("rooms to leave not listed", zap.Error(err))
		return
	}
	for _, d := range departures {
		b.depart(ctx, d.Bot, d.Room)
	}
}

// depart takes an event's bot out of a room that has no more to do with it, and the bridge bot where nothing else ties it there. What cannot be done
// now is done later: it stands in the database until then.
func (b *Bridge) depart(ctx context.Context, bot id.UserID, room id.RoomID) {
	if !b.tied(ctx, bot, room, "") {
		if err := b.hs.Leave(ctx, bot, room, ""); passes(err) {
			b.log.Info("event bot has not left", zap.Stringer("room_id", room), zap.Error(err))
			return
		}
		if !b.leaveUntied(ctx, room) {
			return
		}
	}
	if err := b.store.EndDeparture(ctx, bot, room); err != nil {
		b.log.Error("departure not ended", zap.Stringer("room_id", room), zap.Error(err))
	}
}

// tied reports whether a link holds the event's bot in the room: of that room, or of one that may be replaced by it, but for the link of the room
// given. Where that cannot be read it does.
func (b *Bridge) tied(ctx context.Context, bot id.UserID, room, except id.RoomID) bool {
	known, err := b.store.EventByBot(ctx, bot)
	if errors.Is(err, database.ErrNotFound) {
		return false
	}
	if err == nil {
		_, err = b.store.Link(ctx, known.Key, room)
	}
	if !errors.Is(err, database.ErrNotFound) {
		return true
	}
	awaiting, err := b.store.AwaitingSuccessor(ctx, room)
	return err != nil || slices.ContainsFunc(awaiting, func(link database.Link) bool { return link.Event == known.Key && link.Room != except })
}

// leaveUntied takes the bridge bot out of a room that has no more to do with any event, and reports whether that is settled.
func (b *Bridge) leaveUntied(ctx context.Context, room id.RoomID) bool {
	keys, err := b.eventsIn(ctx, room)
	if err != nil {
		b.log.Error("links not read", zap.Error(err))
		return false
	}
	if len(keys) > 0 {
		return true
	}
	if err := b.hs.Leave(ctx, b.hs.Bot(), room, ""); passes(err) {
		b.log.Info("bridge bot has not left", zap.Stringer("room_id", room), zap.Error(err))
		return false
	}
	return true
}

// passes reports whether a bot may leave later what it could not leave now. Whatever else the homeserver answers, the bot is not there.
func passes(err error) bool {
	failed, ok := errors.AsType[*homeserver.Error](err)
	return errors.Is(err, homeserver.ErrUnavailable) || ok && failed.Code == "M_LIMIT_EXCEEDED" || err != nil && !ok
}
