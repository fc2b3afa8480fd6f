package servers

import (
	"sync"
	"time"

	"matrix-pretix/bridge/inviter/turns"
)

const (
	lookupsPerServer = 2
	lookupsLocal     = 2
	lookupsRemote    = 14 // and the local ones: 16 at once
	lookupsUnproven  = 7  // of the remote ones, for servers that have not answered yet or not lately

	// rememberedServers is how many servers are kept in mind before those with nothing against them are forgotten.
	rememberedServers = 512
)

// All is all homeservers of people, ours among them. It shares the look-ups of people out among them so that one that is slow or
// dead delays nobody but its own people. Whoever finds a server busy and not moving is told when to come again instead of waiting for it.
type All struct {
	own string
	now func() time.Time

	local    *turns.Lane
	remote   *turns.Lane
	unproven *turns.Lane

	mu     sync.Mutex
	byName map[string]*server
}

// server is one homeserver; All.mu guards everything but its lane.
type server struct {
	health         // by look-ups
	invites health // by invites: a server may answer the former and not the latter
	lane    *turns.Lane
	users   int       // who waits for it or asks it
	asking  int       // look-ups under way
	sent    int       // invites under way
	slot    time.Time // the latest time given to somebody set aside
	proven  bool
}

// New knows nothing yet of any server; own is the name of our own homeserver.
func New(own string, now func() time.Time) *All {
	return &All{
		own: own, now: now,
		local: turns.NewLane(lookupsLocal), remote: turns.NewLane(lookupsRemote), unproven: turns.NewLane(lookupsUnproven),
		byName: make(map[string]*server),
	}
}

// Own says that the server is our own homeserver. It is never left alone: whether it answers is not a matter of its people.
func (s *All) Own(name string) bool { return name == s.own }

// RestsUntil is until when the server is left alone, zero if it may be asked.
func (s *All) RestsUntil(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sv := s.byName[name]; sv != nil {
		return sv.resting(s.now())
	}
	return time.Time{}
}

// Silent says that the server has been left alone and has not answered since.
func (s *All) Silent(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sv := s.byName[name]
	return sv != nil && (sv.onTrial() || sv.invites.onTrial())
}

// resting is until when the server is left alone: because of either kind of question.
func (sv *server) resting(now time.Time) time.Time {
	return latest(sv.health.resting(now), sv.invites.resting(now))
}

func (s *All) hold(name string) *server {
	s.mu.Lock()
	defer s.mu.Unlock()
	sv := s.byName[name]
	if sv == nil {
		s.forget()
		sv = &server{lane: turns.NewLane(lookupsPerServer)}
		s.byName[name] = sv
	}
	sv.users++
	return sv
}

func (s *All) drop(name string, sv *server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sv.users--
}

// forget makes room where many servers are remembered. One that is left alone, or was until lately, stays: else its people would ask
// it over and over.
func (s *All) forget() {
	if len(s.byName) < rememberedServers {
		return
	}
	now := s.now()
	for name, sv := range s.byName {
		if sv.users == 0 && sv.forgettable(now) && sv.invites.forgettable(now) {
			delete(s.byName, name)
		}
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
