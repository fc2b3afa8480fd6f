package bridge

import (
	"context"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"
)

// questionLife is how long the bridge bot waits for an answer. A forgotten question must not swallow what somebody types the next day.
const questionLife = 15 * time.Minute

// asked names a conversation: one person in one room.
type asked struct {
	Room id.RoomID
	User id.UserID
}

// question is something that the bridge bot asked and what to do with the answer. It lives in memory only: after a restart the person types the
// command again, which is cheaper than keeping half-finished talk on disk.
type question struct {
	expires time.Time
	answer  func(ctx context.Context, c *call, text string)
}

// questions holds the open question of each conversation; a new one replaces the old.
type questions struct {
	now  func() time.Time
	mu   sync.Mutex
	open map[asked]question
}

func newQuestions(now func() time.Time) *questions {
	return &questions{now: now, open: make(map[asked]question)}
}

// Ask opens a question. What is too old to be answered is dropped at the same time, so the map stays small.
func (q *questions) Ask(who asked, answer func(ctx context.Context, c *call, text string)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	for key, old := range q.open {
		if now.After(old.expires) {
			delete(q.open, key)
		}
	}
	q.open[who] = question{expires: now.Add(questionLife), answer: answer}
}

// Take removes and returns the open question of a conversation: each is answered once.
func (q *questions) Take(who asked) (func(ctx context.Context, c *call, text string), bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	open, ok := q.open[who]
	delete(q.open, who)
	if !ok || q.now().After(open.expires) {
		return nil, false
	}
	return open.answer, true
}
