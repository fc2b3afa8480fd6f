package servers

import (
	"time"

	"matrix-pretix/bridge/inviter/judge"
)

// hungTime is how long an invite without an answer takes at least that has hung: until then the homeserver let nobody else into the
// room.
const hungTime = 30 * time.Second

// Errand is an invite on its way to the server of who is invited. It ends with Ended.
type Errand struct {
	servers *All
	server  *server // nil: our own
	name    string
	began   time.Time
}

// Send says that an invite is sent now. Without an errand, the time says when to come again.
func (s *All) Send(name string) (*Errand, time.Time) {
	if s.Own(name) {
		return &Errand{}, time.Time{}
	}
	e := &Errand{servers: s, server: s.hold(name), name: name}
	s.mu.Lock()
	e.began = s.now()
	again := e.server.resting(e.began)
	if again.IsZero() && e.server.invites.onTrial() && e.server.sent > 0 {
		again = e.began.Add(lookupTime)
	}
	if again.IsZero() {
		e.server.sent++
	}
	s.mu.Unlock()
	if !again.IsZero() {
		s.drop(name, e.server)
		return nil, again
	}
	return e, time.Time{}
}

// Ended notes what the answer says about the server. One that hangs is left alone at once, for each further try would block its room
// as long.
func (e *Errand) Ended(a judge.Answer) {
	if e.server == nil {
		return
	}
	s := e.servers
	s.mu.Lock()
	now := s.now()
	took := now.Sub(e.began)
	switch {
	case !a.Refused:
		e.server.invites.answered(took)
	case a.FarSilent() && took >= hungTime:
		e.server.invites.rest(now)
	case a.FarSilent():
		e.server.invites.failed(now)
	}
	e.server.sent--
	s.mu.Unlock()
	s.drop(e.name, e.server)
}
