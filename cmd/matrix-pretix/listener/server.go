package listener

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// The server's patience. Synapse gives a transaction a minute; more would serve nobody.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = 60 * time.Second
	answerTimeout = 90 * time.Second
	idleTimeout   = 120 * time.Second
	headerLimit   = 16 << 10
)

// drainTimeout is how long requests in flight may take to end when the server stops. It leaves most of the ten seconds that
// a stop may take to everything else.
const drainTimeout = 3 * time.Second

// Server listens and, once it may, passes on.
type Server struct {
	listener  net.Listener
	http      *http.Server
	drain     time.Duration
	otherBody time.Duration
	stopping  chan struct{} // closed when it is asked to stop
	drained   chan struct{}

	mu    sync.Mutex
	gate  gate
	pings map[string]chan<- struct{}
}

// Listen takes the port. Whoever has it is not known, but that it is taken is told in a sentence.
func Listen(hostname string, port int, log *zap.Logger) (*Server, error) {
	address := net.JoinHostPort(hostname, strconv.Itoa(port))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, refusal(address, err)
	}
	s := newServer()
	s.listener = listener
	complaints, err := zap.NewStdLogAt(log, zapcore.WarnLevel)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", address, err), listener.Close())
	}
	s.http = &http.Server{
		Handler: s, ErrorLog: complaints, MaxHeaderBytes: headerLimit,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, WriteTimeout: answerTimeout, IdleTimeout: idleTimeout,
	}
	return s, nil
}

func newServer() *Server {
	return &Server{
		drain: drainTimeout, otherBody: otherBodyTimeout, stopping: make(chan struct{}), drained: make(chan struct{}),
		gate: gate{turned: make(chan struct{})}, pings: make(map[string]chan<- struct{}),
	}
}

func refusal(address string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another program: stop that one, or choose another appservice.port (and write the registration anew)", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not listen on %s: choose an appservice.port above 1023", address)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("no network interface of this machine has the address of %s: appservice.hostname is 127.0.0.1 for this machine alone, or 0.0.0.0 for others too", address)
	default:
		return fmt.Errorf("listen on %s: %w", address, err)
	}
}

// Drained is closed when no request is taken any more and those in flight were answered or have had their time. A handler may still
// be at work then, but nobody waits for what it answers.
func (s *Server) Drained() <-chan struct{} { return s.drained }

// Address is where it listens.
func (s *Server) Address() string { return s.listener.Addr().String() }

// Run serves until ctx ends. Then it takes no more requests, and returns when those in flight have been answered or have had
// their time.
func (s *Server) Run(ctx context.Context) error {
	defer close(s.drained)
	stopped := make(chan struct{})
	release := context.AfterFunc(ctx, func() {
		defer close(stopped)
		close(s.stopping)
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.drain)
		defer cancel()
		if err := s.http.Shutdown(limit); err != nil {
			_ = s.http.Close()
		}
	})
	err := s.http.Serve(s.listener)
	if !errors.Is(err, http.ErrServerClosed) {
		if release() {
			return fmt.Errorf("serve on %s: %w", s.Address(), err)
		}
	}
	<-stopped
	return nil
}
