package bridge

import (
	"context"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
)

const (
	// gatherTime is how long new failures are gathered before they are told: an order of five tickets is one notice.
	gatherTime = time.Minute
	reportTick = 10 * time.Second
	// reportShown is how many orders one notice lists; `!status` lists more.
	reportShown = 20
)

// runReports tells those who command an event whom it cannot serve, gathered, and of rooms that stopped, should that not have been told at once. What
// has been told is a mark in the row, set after it was said: a crash in between says it twice, which is better than never.
func (b *Bridge) runReports(ctx context.Context) error {
	tick := time.NewTicker(reportTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			b.report(ctx)
			b.tellLinks(ctx)
		}
	}
}

func (b *Bridge) report(ctx context.Context) {
	failures, err := b.store.Unreported(ctx)
	if err != nil {
		if ctx.Err() == nil {
			b.log.Error("failures not read", zap.Error(err))
		}
		return
	}
	for key, those := range dueReports(failures, b.now()) {
		b.reportEvent(ctx, key, those)
	}
}

// dueReports groups failures by event and keeps the events whose oldest one has waited long enough.
func dueReports(failures []database.Failure, now time.Time) map[database.EventKey][]database.Failure {
	due := make(map[database.EventKey]bool)
	byEvent := make(map[database.EventKey][]database.Failure)
	for _, failure := range failures {
		byEvent[failure.Event] = append(byEvent[failure.Event], failure)
		due[failure.Event] = due[failure.Event] || now.Sub(failure.FoundAt) >= gatherTime
	}
	for key := range byEvent {
		if !due[key] {
			delete(byEvent, key)
		}
	}
	return byEvent
}

func (b *Bridge) reportEvent(ctx context.Context, key database.EventKey, failures []database.Failure) {
	b.withKnown(ctx, key, func(known database.Event) {
		texts, err := b.withProducts(ctx, key, failures[:min(len(failures), reportShown)])
		if err != nil {
			b.log.Warn("products not read", zap.Stringer("event", key), zap.Error(err))
			return
		}
		if !b.tellEvent(ctx, known, sayReport(known, texts, len(failures), b.now())) {
			return
		}
		if err := b.store.MarkReported(ctx, failures); err != nil {
			b.log.Error("report not marked", zap.Stringer("event", key), zap.Error(err))
			return
		}
		b.log.Info("failures reported", zap.Stringer("event", key), zap.Int("count", len(failures)))
	})
}
