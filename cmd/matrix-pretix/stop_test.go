package main

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// idle is a bridge that does nothing but what a test gives it to do.
type idle struct {
	public  http.HandlerFunc
	start   func(ctx context.Context) error
	run     func(ctx context.Context) error
	stop    func()
	stopped chan struct{}
}

func (i *idle) Upgrade(context.Context) error { return nil }
func (i *idle) Matrix() http.Handler          { return http.NotFoundHandler() }
func (i *idle) Public() http.Handler          { return i.public }
func (i *idle) Start(ctx context.Context) error {
	if i.start == nil {
		return nil
	}
	return i.start(ctx)
}
func (i *idle) Stop(time.Duration) {
	if i.stop != nil {
		i.stop()
	}
	close(i.stopped)
}
func (i *idle) Run(ctx context.Context) error {
	if i.run == nil {
		<-ctx.Done()
		return nil
	}
	return i.run(ctx)
}

// deployIdle runs an idle bridge on the real parts. Its encryption is off: there is nothing to read.
func deployIdle(t *testing.T, i *idle) (c *config.Config, stop func(), ended <-chan error) {
	t.Helper()
	c = deploy(t, config.SQLite).cfg
	c.Encryption.Allow = false
	i.stopped = make(chan struct{})
	if i.public == nil {
		i.public = http.NotFound
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	done := make(chan error, 1)
	p := process{config: c, log: zap.NewNop(), build: func(materials) (engine, error) { return i, nil }}
	go func() { done <- p.run(ctx) }()
	return c, cancel, done
}

func within(t *testing.T, limit time.Duration, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(limit):
		t.Fatalf("it has not ended within %s", limit)
		return nil
	}
}

func TestWebhookInFlightIsFinishedBeforeTheBridgeIsStopped(t *testing.T) {
	started, begun, finish := make(chan struct{}), make(chan struct{}), make(chan struct{})
	i := &idle{start: func(context.Context) error { close(started); return nil }}
	i.public = func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-finish
		select {
		case <-i.stopped:
			w.WriteHeader(http.StatusServiceUnavailable) // its database is gone
		default:
			w.WriteHeader(http.StatusOK)
		}
	}
	c, stop, ended := deployIdle(t, i)
	<-started
	answered := make(chan int, 1)
	go func() { answered <- statusAt(c, "/_pretix/webhook/x") }()
	select {
	case <-begun:
	case err := <-ended:
		t.Fatalf("it ended with %v", err)
	case got := <-answered:
		t.Fatalf("the webhook was answered with %d", got)
	}
	stop()
	await(t, "no more is taken", func() bool { return statusAt(c, "/_matrix/mau/live") == 0 })
	close(finish)
	if got := <-answered; got != http.StatusOK {
		t.Errorf("the webhook was answered with %d, want 200", got)
	}
	if err := within(t, stopLimit, ended); err != nil {
		t.Errorf("it ended with %v", err)
	}
	select {
	case <-i.stopped:
	default:
		t.Error("it was not stopped")
	}
}

// TestBrokenWorkEndsItWithItsReason: what the framework says at its start is left to the lines that it logs, as it may name people.
func TestBrokenWorkEndsItWithItsReason(t *testing.T) {
	broken := errors.New("the registration was withdrawn")
	for name, c := range map[string]struct {
		i      *idle
		status int
		stops  bool
	}{
		"in its work":  {&idle{run: func(context.Context) error { return broken }}, statusWork, true},
		"in its start": {&idle{start: func(context.Context) error { return broken }}, statusStart, false},
		"while its start hangs": {&idle{
			run: func(context.Context) error { return broken }, start: func(context.Context) error { select {} },
		}, statusWork, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, ended := deployIdle(t, c.i)
			err := within(t, stopLimit, ended)
			if statusOf(err) != c.status || (c.status == statusWork) != errors.Is(err, broken) {
				t.Errorf("got %v with status %d, want status %d", err, statusOf(err), c.status)
			}
			select {
			case <-c.i.stopped:
				if !c.stops {
					t.Error("it was stopped although it had not started")
				}
			default:
			}
		})
	}
}

func TestWorkThatDoesNotEndIsLeftBehind(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	running := make(chan struct{})
	_, stop, ended := deployIdle(t, &idle{run: func(context.Context) error { close(running); <-hang; return nil }})
	<-running
	stop()
	if err := within(t, stopLimit, ended); statusOf(err) != statusHung {
		t.Errorf("got %v with status %d, want status %d", err, statusOf(err), statusHung)
	}
}
