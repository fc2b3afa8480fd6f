package turns

import (
	"context"
	"sync"
	"time"
)

// patience is how long somebody waits for a place in a lane in which nothing moves.
const patience = 2 * time.Second

// Lane is a number of places together with when one of their holders last had an answer.
type Lane struct {
	*Places
	mu    sync.Mutex
	moved time.Time
}

// NewLane makes so many places, all of them free and none moved yet.
func NewLane(places int) *Lane { return &Lane{Places: New(places)} }

func (l *Lane) lastMoved() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.moved
}

// Move says that one of the holders has had an answer now.
func (l *Lane) Move(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.moved = now
}

// TakePatiently waits for a place as long as the lane moves; false: it does not.
func (l *Lane) TakePatiently(ctx context.Context, live bool) (bool, error) {
	seen := l.lastMoved()
	return l.takeWhile(ctx, live, patience, func() bool {
		moved := l.lastMoved()
		defer func() { seen = moved }()
		return moved.After(seen)
	})
}
