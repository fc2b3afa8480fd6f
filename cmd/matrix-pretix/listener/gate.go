package listener

import (
	"net/http"
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

// stage is how far the gate is open.
type stage int

const (
	closed    stage = iota // standing by, or not allowed any more
	attached               // webhooks are taken, the homeserver may ping: this is called ready
	accepting              // transactions are taken too
)

// handlers are what the gate leads to.
type handlers struct {
	hsToken string
	matrix  http.Handler
	public  http.Handler
}

// Attach opens the gate for webhooks (/_pretix/) and the homeserver's pings, and makes the process ready. Transactions wait for
// [Server.Accept]: taken before somebody works on them they would be lost if the start then went wrong.
func (s *Server) Attach(hsToken string, matrix, public http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stage, s.opened = attached, handlers{hsToken: hsToken, matrix: matrix, public: public}
}

// Accept opens the gate for all that the homeserver sends.
func (s *Server) Accept() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stage == attached {
		s.stage = accepting
	}
}

// Detach closes the gate again.
func (s *Server) Detach() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stage, s.opened = closed, handlers{}
}

func (s *Server) state() (stage, handlers) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stage, s.opened
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
	now, to := s.state()
	path := r.URL.Path
	switch {
	case path == livePath:
		answer(w, http.StatusOK, "{}")
	case path == readyPath && now == closed:
		answer(w, http.StatusServiceUnavailable, "{}")
	case path == readyPath:
		answer(w, http.StatusOK, "{}")
	case now == closed:
		comeAgain(w)
	case path == pingPath:
		limited(w, r, otherLimit)
		s.ping(w, r, to.hsToken)
	case strings.HasPrefix(path, publicPaths):
		limited(w, r, otherLimit)
		to.public.ServeHTTP(w, r)
	case !strings.HasPrefix(path, matrixPaths):
		answer(w, http.StatusNotFound, `{"errcode":"M_UNRECOGNIZED","error":"There is nothing here"}`)
	case now != accepting:
		comeAgain(w)
	case strings.HasPrefix(path, transactionPaths):
		r.Body = http.MaxBytesReader(w, r.Body, transactionLimit)
		to.matrix.ServeHTTP(w, r)
	default:
		limited(w, r, otherLimit)
		to.matrix.ServeHTTP(w, r)
	}
}

// comeAgain refuses for now. Closing the connection is what keeps the body from being read.
func comeAgain(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	w.Header().Set("Retry-After", "5")
	answer(w, http.StatusServiceUnavailable, `{"errcode":"M_UNKNOWN","error":"This process does not work yet"}`)
}

func limited(w http.ResponseWriter, r *http.Request, limit int64) {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	// A connection that knows no deadlines, as in tests, has none to shorten.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(otherBodyTimeout))
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}
