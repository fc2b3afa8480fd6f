package turns

import (
	"context"
	"sync"
	"time"
)

// probeEvery is how often it is asked whether what does not answer is back.
const probeEvery = 2 * time.Second

// Gate holds everybody back while what they all need does not answer, so that an outage costs one small request every other second
// and nobody their turn. The zero value is open.
type Gate struct {
	mu     sync.Mutex
	closed chan struct{} // nil: open
}

// Wait returns when the gate is open.
func (g *Gate) Wait(ctx context.Context) error {
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

// CloseUntil closes the gate, asks until back says so, and opens it; tell hears of both. If it is closed already it only waits.
func (g *Gate) CloseUntil(ctx context.Context, back func(context.Context) bool, tell func(closed bool)) error {
	g.mu.Lock()
	if g.closed != nil {
		g.mu.Unlock()
		return g.Wait(ctx)
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
