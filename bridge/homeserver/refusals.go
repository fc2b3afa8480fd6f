package homeserver

import (
	"sync"
	"time"

	"maunium.net/go/mautrix/id"
)

const (
	firstRest = time.Minute
	mostRest  = time.Hour
	freeTalks = 3 // that a person may leave before they are left alone, too
)

// refusals remembers, in memory, who could not be asked into a talk, and who leaves one after the other: what is to be told them comes up again and
// again, whoever asks for it may be at play, and each time would cost a room.
type refusals struct {
	now func() time.Time

	mu  sync.Mutex
	who map[id.UserID]refusal
}

type refusal struct {
	until time.Time
	rest  time.Duration
	left  int // talks
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

// note leaves the person alone for a while, longer each time.
func (r *refusals) note(user id.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	refused := r.who[user]
	refused.rest = min(max(2*refused.rest, firstRest), mostRest)
	r.put(user, refused)
}

// leaves notes that the person is not in their talk any more. The first few times that costs them nothing.
func (r *refusals) leaves(user id.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	refused := r.who[user]
	if refused.left++; refused.left > freeTalks {
		refused.rest = min(max(2*refused.rest, firstRest), mostRest)
	}
	r.put(user, refused)
}

// put begins the person's rest. Whoever was not asked for long is forgotten.
func (r *refusals) put(user id.UserID, refused refusal) {
	now := r.now()
	for other, old := range r.who {
		if now.After(old.until.Add(24 * time.Hour)) {
			delete(r.who, other)
		}
	}
	refused.until = now.Add(refused.rest)
	r.who[user] = refused
}

// forget ends that: the person could be asked. How often they have left is kept.
func (r *refusals) forget(user id.UserID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.who[user].left == 0 {
		delete(r.who, user)
	}
}
