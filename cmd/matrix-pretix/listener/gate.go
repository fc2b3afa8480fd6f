package listener

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// The limits of what a request's body may hold. A transaction that is refused comes back for ever, so that limit is far above
// anything that a homeserver sends at once.
const (
	transactionLimit = 64 << 20
	otherLimit       = 64 << 10
)

// otherBodyTimeout is how long a small body may take: what Pretix sends comes at once, strangers may try slower.
const otherBodyTimeout = 10 * time.Second

// holdTime is how long a transaction may wait for the start: Synapse gives it a minute, in which its body has to be read too.
//
// It is held because in the middle of its start the framework asks the homeserver for a ping, upon which Synapse sends at once what it
// could not send before, and each refusal doubles the time until it comes again. It is not held before that ping: Synapse cannot force a
// transaction that is on its way, and says then that the ping has failed.
const holdTime = 45 * time.Second

// stage is how far the gate is open.
type stage int

const (
	closed    stage = iota // standing by, or not allowed any more
	attached               // webhooks are taken, the homeserver may ping: this is called ready
	starting               // the next ping is the framework's
	holding                // that ping has come: transactions wait for the end of the start
	accepting              // transactions are taken
)

// handlers are what the gate leads to.
type handlers struct {
	hsToken string
	matrix  http.Handler
	public  http.Handler
}

// Attach opens the gate for webhooks (/_pretix/) and the homeserver's pings, and makes the process ready. Transactions are not taken
// before [Server.Accept]: they would be lost if the start then went wrong.
func (s *Server) Attach(hsToken string, matrix, public http.Handler) {
	s.set(attached, handlers{hsToken: hsToken, matrix: matrix, public: public})
}

// Starting says that the framework's start begins: from its ping on transactions are held.
func (s *Server) Starting() { s.turn(starting, attached) }

// Accept opens the gate for all that the homeserver sends.
func (s *Server) Accept() { s.turn(accepting, attached, starting, holding) }

// pinged notes that the homeserver has just reached us. If it had done so before, it was not satisfied then, because of what is held:
// that is refused now.
func (s *Server) pinged() { s.turn(holding, starting, holding) }

// Detach closes the gate again. What is held is refused.
func (s *Server) Detach() { s.set(closed, handlers{}) }

// gate is how the gate stands, until turned is closed.
type gate struct {
	stage  stage
	opened handlers
	turned chan struct{}
}

// turn brings the gate from one of some stages to another.
func (s *Server) turn(to stage, from ...stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(from, s.gate.stage) {
		s.become(to, s.gate.opened)
	}
}

func (s *Server) set(to stage, opened handlers) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.become(to, opened)
}

func (s *Server) become(to stage, opened handlers) {
	close(s.gate.turned)
	s.gate = gate{stage: to, opened: opened, turned: make(chan struct{})}
}

func (s *Server) state() gate {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gate
}

// held waits until the start has ended, and returns how the gate stands then.
func (s *Server) held(now gate) gate {
	limit := time.NewTimer(holdTime)
	defer limit.Stop()
	select {
	case <-now.turned:
	case <-s.stopping:
	case <-limit.C:
	}
	return s.state()
}

const (
	livePath         = "/_matrix/mau/live"
	readyPath        = "/_matrix/mau/ready"
	pingPath         = "/_matrix/app/v1/ping"
	matrixPaths      = "/_matrix/app/v1/"
	transactionPaths = "/_matrix/app/v1/transactions/"
	publicPaths      = "/_pretix/"
)

// ServeHTTP is the gate.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	now := s.state()
	if now.stage == holding && strings.HasPrefix(path, transactionPaths) {
		now = s.held(now)
	}
	to := now.opened
	switch {
	case path == livePath:
		answer(w, http.StatusOK, "{}")
	case path == readyPath && now.stage == closed:
		answer(w, http.StatusServiceUnavailable, "{}")
	case path == readyPath:
		answer(w, http.StatusOK, "{}")
	case now.stage == closed:
		comeAgain(w)
	case path == pingPath:
		s.limit(w, r)
		s.ping(w, r, to.hsToken)
	case strings.HasPrefix(path, publicPaths):
		s.limit(w, r)
		to.public.ServeHTTP(w, r)
	case !strings.HasPrefix(path, matrixPaths):
		answer(w, http.StatusNotFound, `{"errcode":"M_UNRECOGNIZED","error":"There is nothing here"}`)
	case now.stage != accepting:
		comeAgain(w)
	case strings.HasPrefix(path, transactionPaths):
		r.Body = http.MaxBytesReader(w, r.Body, transactionLimit)
		to.matrix.ServeHTTP(w, r)
	default:
		s.limit(w, r)
		to.matrix.ServeHTTP(w, r)
	}
}

// comeAgain refuses for now. Closing the connection is what keeps the body from being read.
func comeAgain(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	w.Header().Set("Retry-After", "5")
	answer(w, http.StatusServiceUnavailable, `{"errcode":"M_UNKNOWN","error":"This process does not work yet"}`)
}

// limit bounds a request whose body is small.
func (s *Server) limit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, otherLimit)
	// A connection that knows no deadlines, as in tests, has none to shorten.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.otherBody))
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
