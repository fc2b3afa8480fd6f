package inviter

import (
	"context"
	"sync"
	"time"
)

// lane is a number of places together with when one of their holders last had an answer.
type lane struct {
	*turns
	mu    sync.Mutex
	moved time.Time
}

func newLane(places int) *lane { return &lane{turns: newTurns(places)} }

func (l *lane) lastMoved() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.moved
}

func (l *lane) move(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.moved = now
}

// takePatiently waits for a place as long as the lane moves; false: it does not.
func (l *lane) takePatiently(ctx context.Context, live bool) (bool, error) {
	seen := l.lastMoved()
	return l.takeWhile(ctx, live, patience, func() bool {
		moved := l.lastMoved()
		defer func() { seen = moved }()
		return moved.After(seen)
	})
}
