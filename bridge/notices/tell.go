package notices

import (
	"context"
	"slices"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// Tell says something to those who command an event, in its control rooms or else to who linked its rooms, and reports whether anybody could be
// told. It must not hold order codes: see [Notices.tellCodes].
func (n *Notices) Tell(ctx context.Context, known database.Event, text string) bool {
	return n.tellThose(ctx, known.Key, n.linkers, text)
}

// tellCodes does the same with what holds order codes: without a control room, only to people who speak for the event now.
func (n *Notices) tellCodes(ctx context.Context, known database.Event, text string) bool {
	return n.tellThose(ctx, known.Key, n.vouchers, text)
}

// tellThose says something in the event's control rooms, or else to the people given.
func (n *Notices) tellThose(
	ctx context.Context, key database.EventKey, who func(context.Context, database.EventKey) ([]id.UserID, error), text string,
) bool {
	rooms, err := n.controlRooms(ctx, key)
	told := err == nil && n.sayIn(ctx, rooms, text)
	if err == nil && !told {
		var people []id.UserID
		people, err = who(ctx, key)
		told = err == nil && n.sayIn(ctx, n.talksWith(ctx, people), text)
	}
	if !told && ctx.Err() == nil {
		n.log.Warn("nobody could be told", zap.Stringer("event", key), zap.Error(err))
	}
	return told
}

// sayIn says something in several rooms, and reports whether it stands in one of them now.
func (n *Notices) sayIn(ctx context.Context, rooms []id.RoomID, text string) (said bool) {
	for _, room := range rooms {
		said = n.say(ctx, room, text) || said
	}
	return said
}

// TellControls tells an event's control rooms alone, such as of a change of one of them: whoever is admin in one speaks for the event. Except names the
// one in which it is known, if there is one.
func (n *Notices) TellControls(ctx context.Context, key database.EventKey, except id.RoomID, text string) {
	rooms, err := n.controlRooms(ctx, key)
	if err != nil {
		n.log.Error("control rooms not read", zap.Stringer("event", key), zap.Error(err))
		return
	}
	n.sayIn(ctx, slices.DeleteFunc(rooms, func(room id.RoomID) bool { return room == except }), text)
}
