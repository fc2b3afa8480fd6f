package api

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Hosted Pretix allows 360 requests a minute per organizer; these stay below it in any minute, burst included.
const (
	requestsPerMinute = 300
	requestsAtOnce    = 30
)

// Priority says who goes first when requests have to wait.
type Priority int

// Live requests, such as the order of a webhook or a command's, go before those of a Batch.
const (
	Live Priority = iota
	Batch
)

type priorityKey struct{}

// WithPriority marks the requests made under the context. Unmarked ones are [Live].
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

func priorityOf(ctx context.Context) Priority {
	p, _ := ctx.Value(priorityKey{}).(Priority)
	return p
}

// Limiter keeps everybody who asks about one organizer of one instance within what Pretix allows, together: a steady pace with a
// burst, live requests before batches, and a pause for all once Pretix has asked for one. It measures by the machine's monotonic
// clock, so that a clock that is set back holds nobody up.
type Limiter struct {
	pace  time.Duration // between two requests in the long run
	slack time.Duration // how far ahead of the pace a burst may be

	mu     sync.Mutex
	spent  time.Time // when the requests let through so far are paid off at the pace
	paused time.Time // until when Pretix has asked everybody to stay away
	queues [2]list.List
}

type waiter struct {
	look chan struct{} // told when it may have become the first, or when a pause has begun
}

// tell has the waiter look how things stand.
func (w *waiter) tell() {
	select {
	case w.look <- struct{}{}:
	default: // it has been told and not looked yet
	}
}

// NewLimiter gives a limiter for what hosted Pretix allows.
func NewLimiter() *Limiter { return NewLimiterAt(requestsPerMinute, requestsAtOnce) }

// NewLimiterAt gives a limiter of another pace. Less than one a minute, or one at once, is taken as one.
func NewLimiterAt(perMinute, atOnce int) *Limiter {
	pace := time.Minute / time.Duration(max(perMinute, 1))
	return &Limiter{pace: pace, slack: pace * time.Duration(max(atOnce, 1)-1)}
}

// Wait returns when a request may be made, or with the context's error when that ended first, or when a pause is longer than the
// request wants to wait.
func (l *Limiter) Wait(ctx context.Context, p Priority) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &waiter{look: make(chan struct{}, 1)}
	place := l.enter(w, p)
	defer l.leave(place, p)
	for {
		if left := l.pauseLeft(); tooLong(ctx, left) {
			return &pausedError{left}
		}
		wait, isFirst := l.take(w)
		if isFirst && wait <= 0 {
			return nil
		}
		if err := w.pause(ctx, wait, isFirst); err != nil {
			return err
		}
	}
}

// Pause holds everybody back for so long. Afterwards they go at the steady pace, without a burst. It never shortens a pause.
func (l *Limiter) Pause(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end := time.Now().Add(d)
	if !end.After(l.paused) {
		return
	}
	l.paused = end
	if until := end.Add(l.slack); until.After(l.spent) {
		l.spent = until
	}
	for i := range l.queues {
		for place := l.queues[i].Front(); place != nil; place = place.Next() {
			place.Value.(*waiter).tell()
		}
	}
}

// pauseLeft is how long everybody still has to stay away.
func (l *Limiter) pauseLeft() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(time.Until(l.paused), 0)
}

// Ahead is how long the next request has to wait at least.
func (l *Limiter) Ahead() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(time.Until(l.spent.Add(-l.slack)), 0)
}

func (l *Limiter) enter(w *waiter, p Priority) *list.Element {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.queue(p).PushBack(w)
}

func (l *Limiter) leave(place *list.Element, p Priority) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue(p).Remove(place)
	if next := l.head(); next != nil {
		next.tell()
	}
}

// take lets the waiter through if it is the first and the pace allows it; else it says how long that is off.
func (l *Limiter) take(w *waiter) (wait time.Duration, isFirst bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head() != w {
		return 0, false
	}
	now := time.Now()
	if wait = l.spent.Add(-l.slack).Sub(now); wait > 0 {
		return wait, true
	}
	if l.spent.Before(now) {
		l.spent = now
	}
	l.spent = l.spent.Add(l.pace)
	return 0, true
}

func (l *Limiter) queue(p Priority) *list.List {
	if p == Batch {
		return &l.queues[1]
	}
	return &l.queues[0]
}

func (l *Limiter) head() *waiter {
	for i := range l.queues {
		if front := l.queues[i].Front(); front != nil {
			return front.Value.(*waiter)
		}
	}
	return nil
}

// pause sleeps until there is something to look at for the waiter, or, if it is the first, for the time that it has to wait.
func (w *waiter) pause(ctx context.Context, wait time.Duration, isFirst bool) error {
	var over <-chan time.Time
	if isFirst {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-w.look:
	case <-over:
	}
	return nil
}
