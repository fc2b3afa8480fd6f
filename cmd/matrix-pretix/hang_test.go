package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// hung is a bridge that hangs in its first step.
type hung struct {
	idle
	begun, hang chan struct{}
}

func (h *hung) Upgrade(context.Context) error {
	close(h.begun)
	<-h.hang
	return nil
}

// runHung runs a bridge until it hangs, on a SQLite file.
func runHung(t *testing.T) (path string, stop func(), ended <-chan error) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "bridge.db")
	c := toDatabase(t, config.SQLite, "file:"+path)
	h := &hung{begun: make(chan struct{}), hang: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		close(h.hang)
	})
	p := process{config: c, log: zap.NewNop(), build: func(materials) (engine, error) { return h, nil }}
	done := make(chan error, 1)
	go func() { done <- p.run(ctx) }()
	<-h.begun
	return path, cancel, done
}

func TestLostLockEndsItWhateverItHangsIn(t *testing.T) {
	t.Parallel()
	path, _, ended := runHung(t)
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	if err := within(t, patience, ended); statusOf(err) != statusLock {
		t.Errorf("got %v with status %d, want status %d", err, statusOf(err), statusLock)
	}
}

func TestStopWhileAMigrationHangs(t *testing.T) {
	t.Parallel()
	_, stop, ended := runHung(t)
	stop()
	if err := within(t, stopLimit, ended); statusOf(err) != statusHung {
		t.Errorf("got %v with status %d, want status %d", err, statusOf(err), statusHung)
	}
}

func TestStopWhileAPostgresSwallowsEverything(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	taken := make(chan net.Conn, 10)
	go func() {
		for {
			conn, err := silent.Accept()
			if err != nil {
				return
			}
			taken <- conn
		}
	}()
	c := toDatabase(t, config.Postgres, "postgres://somebody:hunter2@"+silent.Addr().String()+"/x?sslmode=disable")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, c, zap.NewNop()) }()
	defer (<-taken).Close()
	stop()
	if err := within(t, stopLimit, ended); err != nil {
		t.Errorf("got %v, want it to end as asked", err)
	}
}

func TestFrameworkThatHangsInItsStopIsLeftBehind(t *testing.T) {
	t.Parallel()
	started, hang := make(chan struct{}), make(chan struct{})
	defer close(hang)
	_, stop, ended := deployIdle(t, &idle{
		start: func(context.Context) error { close(started); return nil }, stop: func() { <-hang },
	})
	<-started
	stop()
	if err := within(t, stopLimit, ended); statusOf(err) != statusHung {
		t.Errorf("got %v with status %d, want status %d", err, statusOf(err), statusHung)
	}
}

// send gives the bridge a transaction as the homeserver does and returns the answer's status.
func send(c *config.Config) <-chan int {
	answered := make(chan int, 1)
	go func() {
		request, _ := http.NewRequest(http.MethodPut, address(c)+"/_matrix/app/v1/transactions/1", http.NoBody)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			answered <- 0
			return
		}
		_ = response.Body.Close()
		answered <- response.StatusCode
	}()
	return answered
}

// ping does what the homeserver does when the framework asks for it.
func ping(t *testing.T, c *config.Config) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, address(c)+"/_matrix/app/v1/ping", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.AppService.HSToken)
	response, err := http.DefaultClient.Do(request)
	if err != nil || response.Body.Close() != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("ping: got %v, %v", response, err)
	}
}

func TestTransactionIsTakenAfterTheStartAndNotLostWithIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fails  error
		status int
	}{
		"it succeeds": {nil, http.StatusNotFound}, // of the idle bridge
		"it fails":    {os.ErrInvalid, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			starting, start := make(chan struct{}), make(chan struct{})
			cfg, stop, ended := deployIdle(t, &idle{start: func(context.Context) error {
				close(starting)
				<-start
				return c.fails
			}})
			<-starting
			if got := <-send(cfg); got != http.StatusServiceUnavailable {
				t.Errorf("before the framework's ping: got %d, want 503", got)
			}
			ping(t, cfg)
			answered := send(cfg)
			select {
			case got := <-answered:
				t.Errorf("it was answered with %d before the start had ended", got)
			case <-time.After(100 * time.Millisecond):
			}
			close(start)
			if got := <-answered; got != c.status {
				t.Errorf("got %d, want %d", got, c.status)
			}
			stop()
			_ = within(t, stopLimit, ended)
		})
	}
}

// What is taken after the work has ended is lost: the homeserver was told that it has arrived.
func TestGateClosesWhenTheWorkEndsByItself(t *testing.T) {
	t.Parallel()
	broken, stopping, end := make(chan struct{}), make(chan struct{}), make(chan struct{})
	started := make(chan struct{})
	cfg, _, ended := deployIdle(t, &idle{
		start: func(context.Context) error { close(started); return nil },
		run:   func(context.Context) error { <-broken; return os.ErrInvalid },
		stop:  func() { close(stopping); <-end },
	})
	<-started
	close(broken)
	<-stopping
	await(t, "no more is taken", func() bool { return <-send(cfg) == http.StatusServiceUnavailable })
	close(end)
	if err := within(t, stopLimit, ended); statusOf(err) != statusWork {
		t.Errorf("got %v with status %d, want status %d", err, statusOf(err), statusWork)
	}
}
