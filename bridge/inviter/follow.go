package inviter

import (
	"context"
	"slices"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// Progress is how far people have been asked into some rooms since somebody began to follow that.
type Progress struct {
	Tally
	// Left are asked as soon as it is their turn; PutOff are those whose order could not be read, the first of them until Next.
	Left, PutOff int
	Next         time.Time
	Took         time.Duration
}

// Remaining guesses how long the rest takes at the pace so far, zero where there is nothing to judge by.
func (p Progress) Remaining() time.Duration {
	if p.People() == 0 || p.Left == 0 {
		return 0
	}
	return p.Took / time.Duration(p.People()) * time.Duration(p.Left)
}

// Follow counts what becomes of an event's invites into some rooms while a command waits for them.
type Follow struct {
	in    *Inviter
	key   database.EventKey
	rooms []id.RoomID
	began time.Time

	mu   sync.Mutex
	past map[seat]Tally // the last word on each
}

// Follow begins to count, which whoever sets people going does before. End must be called when nobody looks any more.
func (in *Inviter) Follow(key database.EventKey, rooms []id.RoomID) *Follow {
	f := &Follow{in: in, key: key, rooms: slices.Clone(rooms), began: in.now(), past: make(map[seat]Tally)}
	in.follows.put(f)
	return f
}

// Progress says how far it has come.
func (f *Follow) Progress(ctx context.Context) (Progress, error) {
	var p Progress
	for _, room := range f.rooms {
		queued, err := f.in.store.CountQueued(ctx, f.key, room)
		if err != nil {
			return Progress{}, err
		}
		p.Left, p.PutOff = p.Left+queued.Now, p.PutOff+queued.Later
		if p.Next.IsZero() || !queued.Next.IsZero() && queued.Next.Before(p.Next) {
			p.Next = queued.Next
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, became := range f.past {
		p.add(became)
	}
	p.Took = f.in.now().Sub(f.began)
	return p, nil
}

// End stops counting.
func (f *Follow) End() { f.in.follows.drop(f) }

func (f *Follow) add(h Handled) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for seat, became := range h.turns {
		if slices.Contains(f.rooms, seat.room) {
			f.past[seat] = became
		}
	}
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
