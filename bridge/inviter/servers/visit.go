package servers

import (
	"context"
	"time"

	"matrix-pretix/bridge/inviter/turns"
)

const (
	// lookupTime is what a look-up can take at most, at the profile and then at the keys, with some margin.
	lookupTime = 25 * time.Second
	// asideAtLeast and asideAtMost bound how long those wait for whom a server has no turn.
	asideAtLeast = 5 * time.Second
	asideAtMost  = time.Minute
)

// Visit is the right to ask one server one thing. It ends with Answered, Failed or Dropped.
type Visit struct {
	servers *All
	server  *server
	name    string
	lanes   []*turns.Lane
	began   time.Time
}

// Enter waits for a turn at the server. Without a visit, the time says when to come again.
func (s *All) Enter(ctx context.Context, name string, live bool) (*Visit, time.Time, error) {
	if s.Own(name) {
		if err := s.local.Take(ctx, live); err != nil {
			return nil, time.Time{}, err
		}
		return &Visit{servers: s, lanes: []*turns.Lane{s.local}}, time.Time{}, nil
	}
	v := &Visit{servers: s, server: s.hold(name), name: name}
	lanes, again := s.approach(v.server)
	if !again.IsZero() {
		v.Dropped()
		return nil, again, nil
	}
	for _, lane := range lanes {
		took, err := lane.TakePatiently(ctx, live)
		if err != nil {
			v.Dropped()
			return nil, time.Time{}, err
		}
		if !took {
			v.Dropped()
			return nil, s.aside(v.server), nil
		}
		v.lanes = append(v.lanes, lane)
	}
	if again := s.begin(v); !again.IsZero() {
		v.Dropped()
		return nil, again, nil
	}
	return v, time.Time{}, nil
}

// approach lists the lanes to wait in, or says when to come again.
func (s *All) approach(sv *server) ([]*turns.Lane, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until := sv.resting(s.now()); !until.IsZero() {
		return nil, until
	}
	if sv.proven {
		return []*turns.Lane{sv.lane, s.remote}, time.Time{}
	}
	return []*turns.Lane{sv.lane, s.unproven, s.remote}, time.Time{}
}

// begin looks once more, now that the turn has come, whether the server may be asked.
func (s *All) begin(v *Visit) time.Time {
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
func (s *All) aside(sv *server) time.Time {
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

// Answered ends the visit: the server said something.
func (v *Visit) Answered() {
	v.note(func(sv *server, now time.Time) {
		sv.health.answered(now.Sub(v.began))
		sv.proven = true
		for _, lane := range v.lanes {
			lane.Move(now)
		}
	})
}

// Failed ends the visit: the server said nothing.
func (v *Visit) Failed() {
	v.note(func(sv *server, now time.Time) {
		sv.health.failed(now)
		sv.proven = false
	})
}

// Dropped ends a visit that says nothing about the server.
func (v *Visit) Dropped() { v.note(func(*server, time.Time) {}) }

func (v *Visit) note(what func(*server, time.Time)) {
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
		lane.Give()
	}
}
