package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/database"
)

// stopLimit is the promise: whoever stops the program kills it after that.
const stopLimit = 10 * time.Second

// statusAt is what a path of the program answers, 0 if nobody does.
func statusAt(c *config.Config, path string) int {
	response, err := http.Get(address(c) + path)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.StatusCode
}

func (p *running) ready(t *testing.T, c *config.Config) {
	t.Helper()
	await(t, "the bridge runs", func() bool {
		select {
		case <-p.exited:
			t.Fatalf("it ended with status %d", p.status)
		default:
		}
		return strings.Contains(p.log.String(), "the bridge is running") && statusAt(c, "/_matrix/mau/ready") == http.StatusOK
	})
}

func TestSignalStopsItWithStatus0(t *testing.T) {
	for kind, signal := range map[string]syscall.Signal{config.SQLite: syscall.SIGINT, config.Postgres: syscall.SIGTERM} {
		t.Run(fmt.Sprint(kind, " ", signal), func(t *testing.T) {
			c := deploy(t, kind).cfg
			p := launch(t, c)
			p.ready(t, c)
			began := time.Now()
			if err := p.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if got := p.exits(t, stopLimit); got != statusOK {
				t.Errorf("it ended with status %d, want 0", got)
			}
			t.Logf("stopped after %s", time.Since(began))
		})
	}
}

func TestTakenPortEndsItWithASentence(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c := config.Default()
	c.AppService.Port = taken.Addr().(*net.TCPAddr).Port
	err = run(t.Context(), c, zap.NewNop())
	if statusOf(err) != statusListen || !strings.Contains(err.Error(), "is taken by another program") {
		t.Errorf("got %v with status %d, want status %d", err, statusOf(err), statusListen)
	}
}

func TestWrongRegistrationEndsItWithItsSentence(t *testing.T) {
	f := deploy(t, config.SQLite)
	f.cfg.AppService.ASToken = "another-token-altogether"
	err := run(t.Context(), f.cfg, zap.NewNop())
	if statusOf(err) != statusRefused || !strings.Contains(err.Error(), "does not know appservice.as_token") {
		t.Errorf("got %v with status %d, want status %d", err, statusOf(err), statusRefused)
	}
}

func TestStopWhileTheHomeserverIsAway(t *testing.T) {
	f := deploy(t, config.SQLite)
	f.cfg.Homeserver.Address = "http://127.0.0.1:9" // nobody is there
	p := launch(t, f.cfg)
	await(t, "it waits for the homeserver", func() bool { return strings.Contains(p.log.String(), "waiting for the homeserver") })
	if ready, webhook := statusAt(f.cfg, "/_matrix/mau/ready"), statusAt(f.cfg, "/_pretix/webhook/x"); ready != 200 || webhook == 503 {
		t.Errorf("got ready %d and webhook %d: while the homeserver is away, orders are to be taken", ready, webhook)
	}
	_ = p.Process.Signal(syscall.SIGTERM)
	if got := p.exits(t, stopLimit); got != statusOK {
		t.Errorf("it ended with status %d, want 0", got)
	}
}

// TestStopWhileTheFrameworkHangsInItsStart lets the homeserver's pings go astray after the preflight: the framework then tries
// again for half a minute and listens to nobody.
func TestStopWhileTheFrameworkHangsInItsStart(t *testing.T) {
	f := deploy(t, config.SQLite)
	var pings atomic.Int32
	f.cfg.Homeserver.Address = before(t, f.lab.Synapse.URL, func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/ping") || pings.Add(1) == 1 {
			return false
		}
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, `{"errcode":"M_CONNECTION_FAILED","error":"x"}`)
		return true
	})
	p := launch(t, f.cfg)
	await(t, "the framework pings again", func() bool { return pings.Load() > 1 })
	began := time.Now()
	_ = p.Process.Signal(syscall.SIGTERM)
	if got := p.exits(t, stopLimit); got != statusOK {
		t.Errorf("it ended with status %d, want 0", got)
	}
	t.Logf("stopped after %s", time.Since(began))
}

// before stands before a homeserver or a Pretix, and passes on what take does not take.
func before(t *testing.T, server string, take func(http.ResponseWriter, *http.Request) bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	front := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if take(w, r) {
			return
		}
		request, err := http.NewRequestWithContext(r.Context(), r.Method, server+r.URL.RequestURI(), r.Body)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		request.Header, request.ContentLength = r.Header, r.ContentLength // Pretix reads no body of unknown length
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		maps.Copy(w.Header(), response.Header)
		w.WriteHeader(response.StatusCode)
		_, _ = io.Copy(w, response.Body)
	})}
	go func() { _ = front.Serve(l) }()
	t.Cleanup(func() { _ = front.Close() })
	return "http://" + l.Addr().String()
}

func TestWhatDoesNotEndIsNotWaitedFor(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	for name, c := range map[string]struct {
		fails error
		want  string
	}{
		"asked to stop": {nil, "not everything has ended"},
		"had to stop":   {ends(statusLock, database.ErrLockLost), database.ErrLockLost.Error()},
	} {
		asked, stop := context.WithCancel(t.Context())
		group, ctx := errgroup.WithContext(asked)
		group.Go(func() error { <-hang; return nil })
		if c.fails == nil {
			stop()
		}
		group.Go(func() error { return c.fails })
		err := waitFor(ctx, group, 20*time.Millisecond)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "not everything has ended") {
			t.Errorf("%s: got %v", name, err)
		}
		stop()
	}
}

func TestErrorKeepsItsFirstStatus(t *testing.T) {
	err := errors.New("x")
	if got := statusOf(ends(statusWork, ends(statusDatabase, err))); got != statusDatabase {
		t.Errorf("got %d, want %d", got, statusDatabase)
	}
	if got := statusOf(fmt.Errorf("y: %w", ends(statusLock, err))); got != statusLock {
		t.Errorf("got %d, want %d", got, statusLock)
	}
	if statusOf(nil) != 0 || ends(statusWork, nil) != nil || statusOf(err) != statusWork {
		t.Error("nil or an error without status has another status")
	}
}
