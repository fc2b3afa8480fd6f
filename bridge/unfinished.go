package bridge

import (
	"context"
	"errors"

	"go.uber.org/zap"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

// begin writes down that a message will be edited, until the returned function is called. Where the program ends before, the next start ends the
// message: whoever reads it would wait for ever.
func (b *Bridge) begin(ctx context.Context, told *said) (end func()) {
	if told.id == "" || !b.writing.Put(told.id) {
		return func() {}
	}
	if err := b.store.PutUnfinished(ctx, database.Unfinished{Message: told.id, Room: told.message.Room}); err != nil {
		b.log.Error("unfinished message not noted", zap.Error(err))
	}
	return func() {
		defer b.writing.Drop(told.id)
		if ctx.Err() != nil {
			return
		}
		if err := b.store.EndUnfinished(ctx, told.id); err != nil {
			b.log.Error("finished message not noted", zap.Error(err))
		}
	}
}

// endUnfinished ends the messages with which nobody goes on.
func (b *Bridge) endUnfinished(ctx context.Context) {
	unfinished, err := b.store.Unfinished(ctx)
	if err != nil {
		b.log.Error("unfinished messages not listed", zap.Error(err))
		return
	}
	for _, u := range unfinished {
		if b.writing.Has(u.Message) {
			continue
		}
		_, err := b.hs.Say(ctx, homeserver.Message{
			Room: u.Room, As: b.hs.Speaker(ctx, u.Room), Markdown: replies.Interrupted, EditOf: u.Message,
		})
		if errors.Is(err, homeserver.ErrUnavailable) || ctx.Err() != nil {
			return // the next upkeep does it
		}
		if err := errors.Join(err, b.store.EndUnfinished(ctx, u.Message)); err != nil {
			b.log.Warn("unfinished message not ended", zap.Stringer("room_id", u.Room), zap.Error(err))
		}
	}
}
