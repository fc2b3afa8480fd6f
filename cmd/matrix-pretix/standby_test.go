package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/database"
)

// takeOver is within how long another process is to be working after one was killed.
const takeOver = 15 * time.Second

// balance listens where the registration leads and passes connections on to the port that is current, as a load balancer does.
func balance(t *testing.T, port int) *atomic.Int64 {
	t.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	current := &atomic.Int64{}
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", current.Load()))
			if err != nil {
				_ = from.Close()
				continue
			}
			go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
			go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
		}
	}()
	return current
}

func TestStandbyTakesOverWhenTheActiveProcessIsKilled(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			f := deploy(t, kind)
			current := balance(t, f.slot.Port)
			first, second := *f.cfg, *f.cfg
			first.AppService.Port, second.AppService.Port = parts.Port(t), parts.Port(t)
			current.Store(int64(first.AppService.Port))
			active := launch(t, &first)
			active.ready(t, &first)

			standby := launch(t, &second)
			await(t, "the second stands by", func() bool { return strings.Contains(standby.log.String(), "standing by") })
			if !strings.Contains(standby.log.String(), fmt.Sprintf("process %d", active.Process.Pid)) {
				t.Errorf("it does not say for whom it waits: %s", standby.log)
			}
			for path, want := range map[string]int{"/_matrix/mau/live": 200, "/_matrix/mau/ready": 503, "/_pretix/webhook/x": 503, "/_matrix/app/v1/ping": 503} {
				if got := statusAt(&second, path); got != want {
					t.Errorf("standby, %s: got %d, want %d", path, got, want)
				}
			}

			killed := time.Now()
			_ = active.Process.Kill()
			current.Store(int64(second.AppService.Port))
			standby.ready(t, &second)
			if took := time.Since(killed); took > takeOver {
				t.Errorf("it took over after %s, want at most %s", took, takeOver)
			} else {
				t.Logf("it took over after %s", took)
			}
		})
	}
}

func TestStandbyStopsWhenAsked(t *testing.T) {
	f := deploy(t, config.SQLite)
	current := balance(t, f.slot.Port)
	first, second := *f.cfg, *f.cfg
	first.AppService.Port, second.AppService.Port = parts.Port(t), parts.Port(t)
	current.Store(int64(first.AppService.Port))
	active := launch(t, &first)
	active.ready(t, &first)
	standby := launch(t, &second)
	await(t, "the second stands by", func() bool { return strings.Contains(standby.log.String(), "standing by") })
	_ = standby.Process.Signal(syscall.SIGTERM)
	if got := standby.exits(t, stopLimit); got != statusOK {
		t.Errorf("it ended with status %d, want 0", got)
	}
	if statusAt(&first, "/_matrix/mau/ready") != http.StatusOK {
		t.Error("the active process does not work any more")
	}
}

func TestLostLockStopsEverythingAtOnce(t *testing.T) {
	f := deploy(t, config.Postgres)
	p := launch(t, f.cfg)
	p.ready(t, f.cfg)
	f.terminateLockHolder()
	if got := p.exits(t, stopLimit); got != statusLock {
		t.Errorf("it ended with status %d, want %d", got, statusLock)
	}
	if !strings.Contains(p.log.String(), database.ErrLockLost.Error()) {
		t.Errorf("it does not say why: %s", p.log)
	}
}

// terminateLockHolder cuts the connection that holds the lock, as a failover of the database would.
func (f *fixture) terminateLockHolder() {
	f.t.Helper()
	db := f.open()
	defer db.Close()
	var cut int
	err := db.QueryRow(f.t.Context(), `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_locks
		WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&cut)
	if err != nil || cut == 0 {
		f.t.Fatalf("cut the connection with the lock: %d, %v", cut, err)
	}
}
