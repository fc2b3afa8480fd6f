package bridge

import (
	"context"
	"time"

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
	for {
		b.upkeep(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (b *Bridge) upkeep(ctx context.Context) {
	b.leaveDue(ctx)
	events, err := b.store.Events(ctx)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		b.log.Error("events not read", errorField(err))
		return
	}
	for _, known := range events {
		links, err := b.store.LinksOf(ctx, known.Key)
		if err != nil {
			b.log.Error("links not read", errorField(err))
			return
		}
		for _, link := range links {
			b.tend(ctx, known, link)
		}
	}
}

func (b *Bridge) tend(ctx context.Context, known database.Event, link database.Link) {
	switch {
	case link.State == database.LinkActive:
	case link.Reason == database.LinkReplaced:
		b.followUpgrade(ctx, known, link)
	case link.Reason == database.LinkNoBot || link.Reason == database.LinkNoPower:
		b.resume(ctx, known, link.Room)
	}
}
