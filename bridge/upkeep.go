package bridge

import (
	"context"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
)

// upkeepEvery is how often links that wait for something are looked at again: word of what they wait for may have been lost.
const upkeepEvery = 10 * time.Minute

// runUpkeep looks after links that are not active and rooms that are to be left, at the start and now and then.
func (b *Bridge) runUpkeep(ctx context.Context) error {
	tick := time.NewTicker(upkeepEvery)
	defer tick.Stop()
	select {
	case <-b.started:
	case <-ctx.Done():
		return nil
	}
	for searched := false; ; {
		searched = b.upkeep(ctx, searched)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// upkeep looks after everything once. Until it has been done once, all linked rooms are searched for tombstones; it reports whether it has been.
func (b *Bridge) upkeep(ctx context.Context, searched bool) bool {
	b.endUnfinished(ctx)
	b.leaveDue(ctx)
	events, err := b.store.Events(ctx)
	if ctx.Err() != nil {
		return searched
	}
	if err != nil {
		b.log.Error("events not read", zap.Error(err))
		return searched
	}
	searched = searched || b.findReplaced(ctx, events)
	for _, known := range events {
		links, err := b.store.LinksOf(ctx, known.Key)
		if err != nil {
			b.log.Error("links not read", zap.Error(err))
			return searched
		}
		for _, link := range links {
			b.tend(ctx, known, link)
		}
	}
	return searched
}

// tend looks after a link that waits. (The inviter looks after those that were active and are suspended for a fault that passes.)
func (b *Bridge) tend(ctx context.Context, known database.Event, link database.Link) {
	switch {
	case link.Reason == database.LinkReplaced:
		b.follow(ctx, known, link.Room)
	case link.State == database.LinkPending:
		b.resume(ctx, known, link.Room)
	}
}
