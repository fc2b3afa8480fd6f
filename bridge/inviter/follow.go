package inviter

import (
	"context"
	"sync"
	"time"

	"matrix-pretix/database"
)

// Progress is how far an event's due orders have been worked off since somebody began to follow them.
type Progress struct {
	Orders int // handled
	Left   int // still due now
	// What became of the invites: see [Handled].
	Invited, Already, Gone, Waiting, Failed, Stopped int
	Took                                             time.Duration
}

// Remaining guesses how long the rest takes at the pace so far, zero where there is nothing to judge by.
func (p Progress) Remaining() time.Duration {
	if p.Orders == 0 || p.Left == 0 {
		return 0
	}
	return p.Took / time.Duration(p.Orders) * time.Duration(p.Left)
}

// Follow counts what becomes of an event's orders while a command waits for them.
type Follow struct {
	in    *Inviter
	key   database.EventKey
	began time.Time

	mu   sync.Mutex
	past Progress
}

// Follow begins to count. End must be called when nobody looks any more.
func (in *Inviter) Follow(key database.EventKey) *Follow {
	f := &Follow{in: in, key: key, began: in.now()}
	in.follows.put(f)
	return f
}

// Progress says how far the event's orders are.
func (f *Follow) Progress(ctx context.Context) (Progress, error) {
	due, err := f.in.store.CountDue(ctx, f.key)
	if err != nil {
		return Progress{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.past
	p.Left, p.Took = due.Live+due.Batch, f.in.now().Sub(f.began)
	return p, nil
}

// End stops counting.
func (f *Follow) End() { f.in.follows.drop(f) }

func (f *Follow) add(h Handled) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := &f.past
	p.Orders++
	p.Invited += h.Invited
	p.Already += h.Already
	p.Gone += h.Gone
	p.Waiting += h.Waiting
	p.Failed += h.Failed
	p.Stopped += h.Stopped
}

// follows is who is counting.
type follows struct {
	mu  sync.Mutex
	all map[*Follow]bool
}

func (s *follows) put(f *Follow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = make(map[*Follow]bool)
	}
	s.all[f] = true
}

func (s *follows) drop(f *Follow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, f)
}

func (s *follows) add(h Handled) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for f := range s.all {
		if f.key == h.Event {
			f.add(h)
		}
	}
}
