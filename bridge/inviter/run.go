package inviter

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"matrix-pretix/database"
)

// Run works off due orders until ctx ends, and has stopped everything that it began when it returns. It returns an error only for a
// [Fault].
func (in *Inviter) Run(ctx context.Context) error {
	group, working := errgroup.WithContext(ctx)
	group.Go(func() error { return in.watchRooms(working) })
	group.Go(func() error { return in.rounds(working, group) })
	err := group.Wait()
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault
	}
	return nil
}

// rounds looks for due orders whenever one may have become due.
func (in *Inviter) rounds(ctx context.Context, group *errgroup.Group) error {
	for {
		if err := in.gate.Wait(ctx); err != nil {
			return nil
		}
		next, err := in.round(ctx, group)
		if err != nil && ctx.Err() == nil {
			in.log.Error("due orders not listed", zap.Error(err))
		}
		timer := time.NewTimer(next)
		select {
		case <-ctx.Done():
		case <-in.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// round takes in hand what is due, as far as there are places, and says when to look again at the latest.
func (in *Inviter) round(ctx context.Context, group *errgroup.Group) (time.Duration, error) {
	r := &round{in: in, group: group, facts: make(map[database.EventKey]facts)}
	if in.unscanned.Swap(false) {
		if err := r.beginScans(ctx); err != nil {
			in.unscanned.Store(true)
			return idleFor, err
		}
	}
	in.desk.ended.Clear()
	limit := in.desk.orders.Count() + in.reach*(1+in.desk.runs.Count())
	due, err := in.store.NextDue(ctx, limit)
	if err != nil {
		return idleFor, err
	}
	in.reach = reachAfter(in.reach, due, limit)
	for _, d := range due {
		if in.desk.orders.Has(d.Order()) || in.desk.ended.Has(d.Order()) {
			continue // whoever ends one looks again
		}
		if err := r.consider(ctx, d); err != nil {
			return idleFor, err
		}
	}
	return in.pause(ctx)
}

// reachAfter widens the look when it met fresh orders only: those that cannot be begun now must not hide the batches behind them.
func reachAfter(reach int, due []database.Due, limit int) int {
	if len(due) < limit || due[len(due)-1].Batch {
		return roundSize
	}
	return min(2*reach, roundAtMost)
}

// pause is how long to sleep until the next order's time comes, a few seconds at most.
func (in *Inviter) pause(ctx context.Context) (time.Duration, error) {
	earliest, err := in.store.EarliestDue(ctx)
	if err != nil {
		return idleFor, err
	}
	until := earliest.Sub(in.now())
	if earliest.IsZero() || until <= 0 || until > idleFor {
		return idleFor, nil
	}
	return until, nil
}
