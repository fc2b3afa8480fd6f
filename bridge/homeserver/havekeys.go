package homeserver

import (
	"context"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"
)

const (
	// keysRest is how long after a question the next one gathers people. The first of many is asked at once.
	keysRest = 50 * time.Millisecond
	// keysAtOnce is how many people a question is about at most: whoever buys during a batch waits for the one under way.
	keysAtOnce = 100
)

// HasKeys reports whether somebody of our own homeserver has keys for encryption, as everybody has who has ever logged in with a client
// that encrypts. It is the cheapest way to know that they exist: whoever asks at the same time shares one request, which costs the
// homeserver less than one look at a profile. False says nothing, and the homeserver may merely not have answered.
func (s *Server) HasKeys(ctx context.Context, who id.UserID) bool {
	return s.keyQueries.ask(ctx, who, func(people []id.UserID) map[id.UserID]bool {
		answer, err := s.queryKeys(ctx, people)
		if err != nil {
			return nil
		}
		known := make(map[id.UserID]bool, len(people))
		for _, one := range people {
			known[one] = answer.knows(one)
		}
		return known
	})
}

// gathered are questions about people of which one is under way at a time: what is asked meanwhile is asked together afterwards.
type gathered struct {
	mu   sync.Mutex
	next *gathering
	turn sync.Mutex // held while a question is under way, and in the rest after it
}

// gathering is a question about several people.
type gathering struct {
	people []id.UserID
	known  map[id.UserID]bool
	done   chan struct{}
}

// ask joins the next question. Whoever is the first in it asks it, for all.
func (g *gathered) ask(ctx context.Context, who id.UserID, question func([]id.UserID) map[id.UserID]bool) bool {
	g.mu.Lock()
	joined, first := g.next, g.next == nil
	if first {
		joined = &gathering{done: make(chan struct{})}
		g.next = joined
	}
	joined.people = append(joined.people, who)
	if len(joined.people) == keysAtOnce {
		g.next = nil
	}
	g.mu.Unlock()
	if first {
		g.put(joined, question)
	}
	select {
	case <-joined.done:
		return joined.known[who]
	case <-ctx.Done():
		return false
	}
}

// put waits for its turn, closes this question to those who come later, and asks it.
func (g *gathered) put(this *gathering, question func([]id.UserID) map[id.UserID]bool) {
	g.turn.Lock()
	defer func() { time.AfterFunc(keysRest, g.turn.Unlock) }()
	g.mu.Lock()
	if g.next == this {
		g.next = nil
	}
	g.mu.Unlock()
	this.known = question(this.people)
	close(this.done)
}
