package inviter

import (
	"context"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"
)

// turns hands out a fixed number of places. Whoever waits with a fresh order gets the next free one before everybody who waits
// with a batch; within each of the two it is first come, first served.
type turns struct {
	mu    sync.Mutex
	free  int
	live  []chan struct{}
	batch []chan struct{}
}

func newTurns(places int) *turns { return &turns{free: places} }

// take waits for a place, which the caller ends with give.
func (t *turns) take(ctx context.Context, live bool) error {
	_, err := t.takeWhile(ctx, live, time.Hour, func() bool { return true })
	return err
}

// takeWhile waits for a place like take, but asks keep at each interval whether waiting still makes sense, and returns false when
// it does not.
func (t *turns) takeWhile(ctx context.Context, live bool, interval time.Duration, keep func() bool) (bool, error) {
	place := t.join(live)
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
			if !t.abandon(place) {
				t.give()
			}
			return false, ctx.Err()
		case <-ticker.C:
			if !keep() {
				return !t.abandon(place), nil
			}
		}
	}
}

// tryTake takes a place only if one is free.
func (t *turns) tryTake() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free == 0 {
		return false
	}
	t.free--
	return true
}

// give hands the place to whoever waits longest, fresh orders first.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case len(t.live) > 0:
		close(t.live[0])
		t.live = slices.Delete(t.live, 0, 1)
	case len(t.batch) > 0:
		close(t.batch[0])
		t.batch = slices.Delete(t.batch, 0, 1)
	default:
		t.free++
	}
}

// join takes a free place and returns nil, or returns the channel that is closed when a place has been handed over.
func (t *turns) join(live bool) chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.free > 0 {
		t.free--
		return nil
	}
	place := make(chan struct{})
	if live {
		t.live = append(t.live, place)
	} else {
		t.batch = append(t.batch, place)
	}
	return place
}

// abandon leaves the queue. False means that the place was handed over at the same moment and is now the caller's.
func (t *turns) abandon(place chan struct{}) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if at := slices.Index(t.live, place); at >= 0 {
		t.live = slices.Delete(t.live, at, at+1)
		return true
	}
	if at := slices.Index(t.batch, place); at >= 0 {
		t.batch = slices.Delete(t.batch, at, at+1)
		return true
	}
	return false
}

// turnsOf gives each key its own places: one, where nothing else is said. Keys that nobody waits for cost nothing.
type turnsOf[K comparable] struct {
	places int

	mu    sync.Mutex
	byKey map[K]*keyTurns
}

type keyTurns struct {
	*turns
	users int
}

// take waits for the key's place. The returned function ends it.
func (t *turnsOf[K]) take(ctx context.Context, key K, live bool) (give func(), err error) {
	turn := t.hold(key)
	if err := turn.take(ctx, live); err != nil {
		t.drop(key, turn)
		return nil, err
	}
	return func() {
		turn.give()
		t.drop(key, turn)
	}, nil
}

func (t *turnsOf[K]) hold(key K) *keyTurns {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byKey == nil {
		t.byKey = make(map[K]*keyTurns)
	}
	turn := t.byKey[key]
	if turn == nil {
		turn = &keyTurns{turns: newTurns(max(t.places, 1))}
		t.byKey[key] = turn
	}
	turn.users++
	return turn
}

func (t *turnsOf[K]) drop(key K, turn *keyTurns) {
	t.mu.Lock()
	defer t.mu.Unlock()
	turn.users--
	if turn.users == 0 {
		delete(t.byKey, key)
	}
}

// roomTurns lets one invite at a time into each room, because a homeserver queues them per room anyway, and a few rooms at once. The
// one whose turn is next may get ready meanwhile.
type roomTurns struct {
	near turnsOf[id.RoomID]
	each turnsOf[id.RoomID]
	all  *turns
}

func newRoomTurns(atOnce int) *roomTurns {
	return &roomTurns{near: turnsOf[id.RoomID]{places: 2}, all: newTurns(atOnce)}
}

// approach waits until nobody is ahead but the one whose turn it is. The returned function ends it, and is called after that of take.
func (r *roomTurns) approach(ctx context.Context, room id.RoomID, live bool) (leave func(), err error) {
	return r.near.take(ctx, room, live)
}

// take waits for the room first and for one of the places of all rooms second: who waits for a busy room holds no place that
// another room could use. The returned function ends both.
func (r *roomTurns) take(ctx context.Context, room id.RoomID, live bool) (give func(), err error) {
	leave, err := r.each.take(ctx, room, live)
	if err != nil {
		return nil, err
	}
	if err := r.all.take(ctx, live); err != nil {
		leave()
		return nil, err
	}
	return func() {
		r.all.give()
		leave()
	}, nil
}
