package homeserver

import (
	"sync"
	"time"

	"maunium.net/go/mautrix/id"
)

const (
	firstRest = time.Minute
	mostRest  = time.Hour
)

// refusals remembers, in memory, who could not be asked into a talk: what is to be told them comes up again and again, and each time would cost a room.
type refusals struct {
	now func() time.Time

	mu  sync.Mutex
	who map[id.UserID]refusal
}

type refusal struct {
	until time.Time
	rest  time.Duration
}

func newRefusals(now func() time.Time) *refusals {
	return &refusals{now: now, who: make(map[id.UserID]refusal)}
}

// rests reports whether the person is left alone now.
func (r *refusals) rests(user id.UserID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now().Before(r.who[user].until)
}

// note leaves the person alone for a while, longer each time. Whoever was not asked for long is forgotten.
func (r *refusals) note(user id.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	rest := min(max(2*r.who[user].rest, firstRest), mostRest)
	for other, refused := range r.who {
		if now.After(refused.until.Add(24 * time.Hour)) {
			delete(r.who, other)
		}
	}
	r.who[user] = refusal{until: now.Add(rest), rest: rest}
}

// forget ends that: the person could be asked.
func (r *refusals) forget(user id.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.who, user)
}
