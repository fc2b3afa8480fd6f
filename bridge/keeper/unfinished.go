package keeper

import (
	"context"
	"errors"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

// Begin writes down that a message will be edited, until the returned function is called. Where the program ends before, the next start ends the
// message: whoever reads it would wait for ever.
func (k *Keeper) Begin(ctx context.Context, room id.RoomID, message id.EventID) (end func()) {
	if message == "" || !k.writing.Put(message) {
		return func() {}
	}
	if err := k.store.PutUnfinished(ctx, database.Unfinished{Message: message, Room: room}); err != nil {
		k.log.Error("unfinished message not noted", zap.Error(err))
	}
	return func() {
		defer k.writing.Drop(message)
		if ctx.Err() != nil {
			return
		}
		if err := k.store.EndUnfinished(ctx, message); err != nil {
			k.log.Error("finished message not noted", zap.Error(err))
		}
	}
}

// endUnfinished ends the messages with which nobody goes on.
func (k *Keeper) endUnfinished(ctx context.Context) {
	unfinished, err := k.store.Unfinished(ctx)
	if err != nil {
		k.log.Error("unfinished messages not listed", zap.Error(err))
		return
	}
	for _, u := range unfinished {
		if k.writing.Has(u.Message) {
			continue
		}
		_, err := k.hs.Say(ctx, homeserver.Message{
			Room: u.Room, As: k.hs.Speaker(ctx, u.Room), Markdown: replies.Interrupted, EditOf: u.Message,
		})
		if errors.Is(err, homeserver.ErrUnavailable) || ctx.Err() != nil {
			return // the next upkeep does it
		}
		if err := errors.Join(err, k.store.EndUnfinished(ctx, u.Message)); err != nil {
			k.log.Warn("unfinished message not ended", zap.Stringer("room_id", u.Room), zap.Error(err))
		}
	}
}
