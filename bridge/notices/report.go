package notices

import (
	"context"
	"slices"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

const (
	// gatherTime is how long new failures are gathered before they are told: an order of five tickets is one notice.
	gatherTime = time.Minute
	reportTick = 10 * time.Second
	// reportShown is how many orders one notice lists. The rest is told by the next ones.
	reportShown = replies.ListedMost
	// reportRest is how long an event is left alone whose report nobody could be told.
	reportRest = 10 * time.Minute
)

// reports remembers until when the events gather for their next report. It is of the loop alone, and need not outlive it.
type reports map[database.EventKey]time.Time

// Run tells those who command an event whom it cannot serve, gathered, and of rooms that stopped, should that not have been told at once. What
// has been told is a mark in the row, set after it was said: a crash in between says it twice, which is better than never.
func (n *Notices) Run(ctx context.Context) error {
	tick := time.NewTicker(reportTick)
	defer tick.Stop()
	gathering := make(reports)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			n.report(ctx, gathering)
			n.tellLinks(ctx)
		}
	}
}

func (n *Notices) report(ctx context.Context, gathering reports) {
	failures, err := n.store.Unreported(ctx)
	if err != nil {
		if ctx.Err() == nil {
			n.log.Error("failures not read", zap.Error(err))
		}
		return
	}
	now := n.now()
	for key, those := range gathering.due(failures, now) {
		gathering[key] = now.Add(gatherTime)
		if !n.reportEvent(ctx, key, those) {
			gathering[key] = now.Add(reportRest)
		}
	}
}

// due groups failures by event, the oldest first, and keeps the events that have gathered for long enough.
func (r reports) due(failures []database.Failure, now time.Time) map[database.EventKey][]database.Failure {
	byEvent := make(map[database.EventKey][]database.Failure)
	for _, failure := range slices.Backward(failures) {
		byEvent[failure.Event] = append(byEvent[failure.Event], failure)
	}
	for key, those := range byEvent {
		if now.Sub(those[0].FoundAt) < gatherTime || now.Before(r[key]) {
			delete(byEvent, key)
		}
	}
	for key, until := range r {
		if now.After(until) {
			delete(r, key)
		}
	}
	return byEvent
}

// nextReport is what one notice lists, and marks as told, and how much more waits for the next.
func nextReport(failures []database.Failure) (shown []database.Failure, more int) {
	shown = failures[:min(len(failures), reportShown)]
	return shown, len(failures) - len(shown)
}

// reportEvent tells the first of an event's failures to those who may know order codes, and reports whether that could be done.
func (n *Notices) reportEvent(ctx context.Context, key database.EventKey, failures []database.Failure) bool {
	known, err := n.store.Event(ctx, key)
	if err != nil {
		n.log.Error("event not read", zap.Stringer("event", key), zap.Error(err))
		return false
	}
	shown, more := nextReport(failures)
	texts, err := n.describe(ctx, key, shown)
	if err != nil {
		n.log.Warn("products not read", zap.Stringer("event", key), zap.Error(err))
		return false
	}
	if !n.tellCodes(ctx, known, replies.Report(known, texts, more, n.now())) {
		return false
	}
	if err := n.store.MarkReported(ctx, shown); err != nil {
		n.log.Error("report not marked", zap.Stringer("event", key), zap.Error(err))
		return false
	}
	n.log.Info("failures reported", zap.Stringer("event", key), zap.Int("count", len(shown)))
	return true
}
