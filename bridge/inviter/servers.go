package inviter

import (
	"context"
	"sync"
	"time"
)

const (
	lookupsPerServer = 2
	lookupsLocal     = 2
	lookupsRemote    = 14 // and the local ones: 16 at once
	lookupsUnproven  = 7  // of the remote ones, for servers that have not answered yet or not lately

	// patience is how long somebody waits for a turn at which nothing moves.
	patience = 2 * time.Second
	// lookupTime is what a look-up can take at most, with some margin.
	lookupTime = 15 * time.Second
	// asideAtLeast and asideAtMost bound how long those wait for whom a server has no turn.
	asideAtLeast = 5 * time.Second
	asideAtMost  = time.Minute
	// rememberedServers is how many servers are kept in mind before those with nothing against them are forgotten.
	rememberedServers = 512
)

// servers shares the look-ups of people out among their homeservers so that one that is slow or dead delays nobody but its own
// people. Whoever finds a server busy and not moving is told when to come again instead of waiting for it.
type servers struct {
	own string
	now func() time.Time

	local    *lane
	remote   *lane
	unproven *lane

	mu     sync.Mutex
	byName map[string]*server
}

// server is one homeserver; servers.mu guards everything but its lane.
type server struct {
	health         // by look-ups
	invites health // by invites: a server may answer the former and not the latter
	lane    *lane
	users   int       // who waits for it or asks it
	asking  int       // look-ups under way
	sent    int       // invites under way
	slot    time.Time // the latest time given to somebody set aside
	proven  bool
}

func newServers(own string, now func() time.Time) *servers {
	return &servers{
		own: own, now: now,
		local: newLane(lookupsLocal), remote: newLane(lookupsRemote), unproven: newLane(lookupsUnproven),
		byName: make(map[string]*server),
	}
}

// visit is the right to ask one server one thing. It ends with answered, failed or dropped.
type visit struct {
	servers *servers
	server  *server
	name    string
	lanes   []*lane
	began   time.Time
}

// enter waits for a turn at the server. Without a visit, the time says when to come again.
func (s *servers) enter(ctx context.Context, name string, live bool) (*visit, time.Time, error) {
	if name == s.own {
		if err := s.local.take(ctx, live); err != nil {
			return nil, time.Time{}, err
		}
		return &visit{servers: s, lanes: []*lane{s.local}}, time.Time{}, nil
	}
	v := &visit{servers: s, server: s.hold(name), name: name}
	lanes, again := s.approach(v.server)
	if !again.IsZero() {
		v.dropped()
		return nil, again, nil
	}
	for _, lane := range lanes {
		took, err := lane.takePatiently(ctx, live)
		if err != nil {
			v.dropped()
			return nil, time.Time{}, err
		}
		if !took {
			v.dropped()
			return nil, s.aside(v.server), nil
		}
		v.lanes = append(v.lanes, lane)
	}
	if again := s.begin(v); !again.IsZero() {
		v.dropped()
		return nil, again, nil
	}
	return v, time.Time{}, nil
}

// rest is until when the server is left alone, zero if it may be asked.
func (s *servers) rest(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sv := s.byName[name]; sv != nil {
		return sv.resting(s.now())
	}
	return time.Time{}
}

// silent says that the server has been left alone and has not answered since.
func (s *servers) silent(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	sv := s.byName[name]
	return sv != nil && (sv.onTrial() || sv.invites.onTrial())
}

// resting is until when the server is left alone: because of either kind of question.
func (sv *server) resting(now time.Time) time.Time {
	return latest(sv.health.resting(now), sv.invites.resting(now))
}

// approach lists the lanes to wait in, or says when to come again.
func (s *servers) approach(sv *server) ([]*lane, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := sv.resting(s.now()); !until.IsZero() {
		return nil, until
	}
	if sv.proven {
		return []*lane{sv.lane, s.remote}, time.Time{}
	}
	return []*lane{sv.lane, s.unproven, s.remote}, time.Time{}
}

// begin looks once more, now that the turn has come, whether the server may be asked.
func (s *servers) begin(v *visit) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if until := v.server.resting(now); !until.IsZero() {
		return until
	}
	if v.server.onTrial() && v.server.asking > 0 {
		return now.Add(lookupTime)
	}
	v.server.asking++
	v.began = now
	return time.Time{}
}

// aside gives out times one after the other, at the pace at which the server has answered so far: people of a slow server come back
// one by one instead of all at once.
func (s *servers) aside(sv *server) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	pace := max(sv.mean/lookupsPerServer, 100*time.Millisecond)
	sv.slot = latest(sv.slot, now.Add(asideAtLeast)).Add(pace)
	if limit := now.Add(asideAtMost); sv.slot.After(limit) {
		sv.slot = limit
	}
	return sv.slot
}

func (s *servers) hold(name string) *server {
	s.mu.Lock()
	defer s.mu.Unlock()
	sv := s.byName[name]
	if sv == nil {
		s.forget()
		sv = &server{lane: newLane(lookupsPerServer)}
		s.byName[name] = sv
	}
	sv.users++
	return sv
}

func (s *servers) drop(name string, sv *server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sv.users--
}

// forget makes room where many servers are remembered. One that is left alone, or was until lately, stays: else its people would ask
// it over and over.
func (s *servers) forget() {
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

// answered ends the visit: the server said something.
func (v *visit) answered() {
	v.note(func(sv *server, now time.Time) {
		sv.health.answered(now.Sub(v.began))
		sv.proven = true
		for _, lane := range v.lanes {
			lane.move(now)
		}
	})
}

// failed ends the visit: the server said nothing.
func (v *visit) failed() {
	v.note(func(sv *server, now time.Time) {
		sv.health.failed(now)
		sv.proven = false
	})
}

// dropped ends a visit that says nothing about the server.
func (v *visit) dropped() { v.note(func(*server, time.Time) {}) }

func (v *visit) note(what func(*server, time.Time)) {
	s := v.servers
	if v.server != nil {
		s.mu.Lock()
		what(v.server, s.now())
		if !v.began.IsZero() {
			v.server.asking--
		}
		s.mu.Unlock()
		s.drop(v.name, v.server)
	}
	for _, lane := range v.lanes {
		lane.give()
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
