package turns

import (
	"context"
	"sync"
)

// Each gives each key its own places: one, where nothing else is said. Keys that nobody waits for cost nothing. The zero value is
// ready.
type Each[K comparable] struct {
	places int // per key, 0: one

	mu    sync.Mutex
	byKey map[K]*keyTurns
}

type keyTurns struct {
	*Places
	users int
}

// Take waits for the key's place. The returned function ends it.
func (e *Each[K]) Take(ctx context.Context, key K, live bool) (give func(), err error) {
	turn := e.hold(key)
	if err := turn.Take(ctx, live); err != nil {
		e.drop(key, turn)
		return nil, err
	}
	return func() {
		turn.Give()
		e.drop(key, turn)
	}, nil
}

func (e *Each[K]) hold(key K) *keyTurns {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.byKey == nil {
		e.byKey = make(map[K]*keyTurns)
	}
	turn := e.byKey[key]
	if turn == nil {
		turn = &keyTurns{Places: New(max(e.places, 1))}
		e.byKey[key] = turn
	}
	turn.users++
	return turn
}

func (e *Each[K]) drop(key K, turn *keyTurns) {
	e.mu.Lock()
	defer e.mu.Unlock()
	turn.users--
	if turn.users == 0 {
		delete(e.byKey, key)
	}
}
