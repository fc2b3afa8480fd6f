package homeserver

import (
	"context"
	"sync"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// queuedMessages is how many messages of one room may wait. What comes on top is dropped: nobody who types that much waits
// for the answers. State events are never dropped, since others rely on them.
const queuedMessages = 256

// lane parts what happens in a room in two, each in order: state, and messages. A message whose key has to be waited for holds
// up the messages behind it and nothing else.
type lane int

const (
	stateLane lane = iota
	messageLane
)

type queueKey struct {
	room id.RoomID
	lane lane
}

// received is an event and what was known when it arrived.
type received struct {
	evt  *event.Event
	late bool
}

// queues holds what is to be handled: a queue for each room and lane, and a worker for each queue that is not empty.
type queues struct {
	handle func(context.Context, received)
	log    *zap.Logger
	start  chan queueKey
	ended  chan struct{}

	mu      sync.Mutex
	waiting map[queueKey][]received // a key stands here as long as a worker is busy with it
}

func newQueues(handle func(context.Context, received), log *zap.Logger) *queues {
	return &queues{
		handle: handle, log: log, start: make(chan queueKey), ended: make(chan struct{}), waiting: make(map[queueKey][]received),
	}
}

// put queues an event. Before run it blocks, after run it drops.
func (q *queues) put(ctx context.Context, key queueKey, r received) {
	q.mu.Lock()
	queue, busy := q.waiting[key]
	if key.lane == messageLane && len(queue) >= queuedMessages {
		q.mu.Unlock()
		q.log.Warn("messages dropped because too many wait", zap.Stringer("room_id", key.room))
		return
	}
	q.waiting[key] = append(queue, r)
	q.mu.Unlock()
	if busy {
		return
	}
	select {
	case q.start <- key:
	case <-q.ended:
	case <-ctx.Done():
		q.mu.Lock()
		delete(q.waiting, key)
		q.mu.Unlock()
	}
}

// run starts workers until ctx ends and waits for them.
func (q *queues) run(ctx context.Context) error {
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(q.ended)
	for {
		select {
		case key := <-q.start:
			workers.Go(func() { q.work(ctx, key) })
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// work handles a queue until it is empty.
func (q *queues) work(ctx context.Context, key queueKey) {
	for ctx.Err() == nil {
		q.mu.Lock()
		queue := q.waiting[key]
		if len(queue) == 0 {
			delete(q.waiting, key)
			q.mu.Unlock()
			return
		}
		next := queue[0]
		queue[0] = received{}
		q.waiting[key] = queue[1:]
		q.mu.Unlock()
		q.one(ctx, key, next)
	}
}

// one handles one event. What is wrong with it must not end the bridge for everybody else.
func (q *queues) one(ctx context.Context, key queueKey, r received) {
	defer func() {
		if recover() != nil { // the value may hold what somebody wrote
			q.log.Error("handler panicked", zap.Stringer("room_id", key.room), zap.String("type", r.evt.Type.Type), zap.Stack("stack"))
		}
	}()
	q.handle(ctx, r)
}
