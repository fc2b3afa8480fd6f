package keeper

import (
	"context"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
)

// upkeepEvery is how often links that wait for something are looked at again: word of what they wait for may have been lost.
const upkeepEvery = 10 * time.Minute

// Run looks after links that are not active and rooms that are to be left, at the start and now and then.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(upkeepEvery)
	defer tick.Stop()
	select {
	case <-k.started:
	case <-ctx.Done():
		return nil
	}
	for searched := false; ; {
		searched = k.upkeep(ctx, searched)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// upkeep looks after everything once. Until it has been done once, all linked rooms are searched for tombstones; it reports whether it has been.
func (k *Keeper) upkeep(ctx context.Context, searched bool) bool {
	k.endUnfinished(ctx)
	k.leaveDue(ctx)
	events, err := k.store.Events(ctx)
	if ctx.Err() != nil {
		return searched
	}
	if err != nil {
		k.log.Error("events not read", zap.Error(err))
		return searched
	}
	searched = searched || k.findReplaced(ctx, events)
	for _, known := range events {
		links, err := k.store.LinksOf(ctx, known.Key)
		if err != nil {
			k.log.Error("links not read", zap.Error(err))
			return searched
		}
		for _, link := range links {
			k.tend(ctx, known, link)
		}
	}
	return searched
}

// tend looks after a link that waits. (The inviter looks after those that were active and are suspended for a fault that passes.)
func (k *Keeper) tend(ctx context.Context, known database.Event, link database.Link) {
	switch {
	case link.Reason == database.LinkReplaced:
		k.follow(ctx, known, link.Room)
	case link.State == database.LinkPending:
		k.resume(ctx, known, link.Room)
	}
}
