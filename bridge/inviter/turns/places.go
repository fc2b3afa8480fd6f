package turns

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Places is a fixed number of places, handed out in turn. Whoever waits with a fresh order gets the next free one before everybody who
// waits with a batch; within each of the two it is first come, first served.
type Places struct {
	mu    sync.Mutex
	free  int
	live  []chan struct{}
	batch []chan struct{}
}

// New makes so many places, all of them free.
func New(places int) *Places { return &Places{free: places} }

// Take waits for a place, which the caller ends with Give.
func (p *Places) Take(ctx context.Context, live bool) error {
	_, err := p.takeWhile(ctx, live, time.Hour, func() bool { return true })
	return err
}

// takeWhile waits for a place like Take, but asks keep at each interval whether waiting still makes sense, and returns false when
// it does not.
func (p *Places) takeWhile(ctx context.Context, live bool, interval time.Duration, keep func() bool) (bool, error) {
	place := p.join(live)
	if place == nil {
		return true, nil
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-place:
			return true, nil
		case <-ctx.Done():
			if !p.abandon(place) {
				p.Give()
			}
			return false, ctx.Err()
		case <-ticker.C:
			if !keep() {
				return !p.abandon(place), nil
			}
		}
	}
}

// TryTake takes a place only if one is free.
func (p *Places) TryTake() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free == 0 {
		return false
	}
	p.free--
	return true
}

// Give hands the place to whoever waits longest, fresh orders first.
func (p *Places) Give() {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case len(p.live) > 0:
		close(p.live[0])
		p.live = slices.Delete(p.live, 0, 1)
	case len(p.batch) > 0:
		close(p.batch[0])
		p.batch = slices.Delete(p.batch, 0, 1)
	default:
		p.free++
	}
}

// join takes a free place and returns nil, or returns the channel that is closed when a place has been handed over.
func (p *Places) join(live bool) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free > 0 {
		p.free--
		return nil
	}
	place := make(chan struct{})
	if live {
		p.live = append(p.live, place)
	} else {
		p.batch = append(p.batch, place)
	}
	return place
}

// abandon leaves the queue. False means that the place was handed over at the same moment and is now the caller's.
func (p *Places) abandon(place chan struct{}) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := slices.Index(p.live, place); at >= 0 {
		p.live = slices.Delete(p.live, at, at+1)
		return true
	}
	if at := slices.Index(p.batch, place); at >= 0 {
		p.batch = slices.Delete(p.batch, at, at+1)
		return true
	}
	return false
}
