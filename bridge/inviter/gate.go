package inviter

import (
	"context"
	"sync"
	"time"
)

// probeEvery is how often a homeserver that does not answer is asked whether it is back.
const probeEvery = 2 * time.Second

// gate holds everybody back while our own homeserver does not answer, so that an outage costs one small request every other second
// and no order its turn.
type gate struct {
	mu     sync.Mutex
	closed chan struct{} // nil: open
}

// wait returns when the gate is open.
func (g *gate) wait(ctx context.Context) error {
	g.mu.Lock()
	closed := g.closed
	g.mu.Unlock()
	if closed == nil {
		return ctx.Err()
	}
	select {
	case <-closed:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closeUntil closes the gate, asks until back says so, and opens it; tell hears of both. If it is closed already it only waits.
func (g *gate) closeUntil(ctx context.Context, back func(context.Context) bool, tell func(closed bool)) error {
	g.mu.Lock()
	if g.closed != nil {
		g.mu.Unlock()
		return g.wait(ctx)
	}
	closed := make(chan struct{})
	g.closed = closed
	g.mu.Unlock()
	tell(true)
	defer func() {
		g.mu.Lock()
		g.closed = nil
		g.mu.Unlock()
		close(closed)
	}()
	for {
		select {
		case <-time.After(probeEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
		if back(ctx) {
			tell(false)
			return nil
		}
	}
}
