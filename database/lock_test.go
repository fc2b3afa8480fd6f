package database

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"go.mau.fi/util/dbutil"
)

// holderEnv makes the test binary a process that holds the lock of the database described in it, until it is killed.
const holderEnv = "MATRIX_PRETIX_TEST_HOLDER"

// eventually is how long a test waits for what must come. It is reached only by a test that fails.
const eventually = 30 * time.Second

// slack is what a machine with much to do may take besides.
const slack = 5 * time.Second

func TestMain(m *testing.M) {
	if cfg := os.Getenv(holderEnv); cfg != "" {
		os.Exit(beHolder(cfg))
	}
	os.Exit(m.Run())
}

func beHolder(text string) int {
	var cfg dbutil.PoolConfig
	if err := json.Unmarshal([]byte(text), &cfg); err != nil {
		return 2
	}
	lock, err := AcquireLock(context.Background(), cfg, "the child", nil)
	if err != nil {
		return 3
	}
	os.Stdout.WriteString("held\n")
	<-lock.Lost()
	return 4
}

// startHolder runs another process that holds the lock.
func startHolder(t *testing.T, cfg dbutil.PoolConfig) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), holderEnv+"="+string(text))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	// It dies with the test, however that dies: the kernel binds this to the thread that started it, which is kept until its end.
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		err := child.Start()
		started <- err
		if err == nil {
			_ = child.Wait()
			close(ended)
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = child.Process.Kill()
		<-ended
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "held\n" {
		t.Fatalf("the child said %q, %v", line, err)
	}
	return child
}

func acquired(t *testing.T, cfg dbutil.PoolConfig, name string) *Lock {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), eventually)
	defer cancel()
	lock, err := AcquireLock(ctx, cfg, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Release() })
	return lock
}

// waiter is somebody who waits for the lock.
type waiter struct {
	told chan string
	got  chan *Lock
	err  chan error
}

func startWaiter(ctx context.Context, cfg dbutil.PoolConfig, name string) waiter {
	w := waiter{told: make(chan string, 10), got: make(chan *Lock, 1), err: make(chan error, 1)}
	go func() {
		lock, err := AcquireLock(ctx, cfg, name, func(holder string, _ error) { w.told <- holder })
		if err != nil {
			w.err <- err
			return
		}
		w.got <- lock
	}()
	return w
}

func receive[T any](t *testing.T, what string, from <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-from:
	case <-time.After(eventually):
		t.Fatalf("%s: nothing for %v", what, eventually)
	}
	return got
}

func TestAWaiterTakesOverWithinSecondsWhenTheHolderIsKilled(t *testing.T) {
	t.Parallel()
	forEachDatabase(t, func(t *testing.T, cfg dbutil.PoolConfig) {
		child := startHolder(t, cfg)
		w := startWaiter(t.Context(), cfg, "the test")
		if got := receive(t, "word of the holder", w.told); got != "the child" {
			t.Errorf("got %q, want the child named", got)
		}
		killed := time.Now()
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		lock := receive(t, "the lock", w.got)
		if took := time.Since(killed); took > pollEvery+slack {
			t.Errorf("took over after %v, want about %v", took, pollEvery)
		}
		if err := lock.Release(); err != nil {
			t.Error(err)
		}
	})
}

func TestTheLockPassesOnAndEachHolderIsNamedOnce(t *testing.T) {
	t.Parallel()
	forEachDatabase(t, func(t *testing.T, cfg dbutil.PoolConfig) {
		first := acquired(t, cfg, "first")
		last := startWaiter(t.Context(), cfg, "last")
		if got := receive(t, "word of the first", last.told); got != "first" {
			t.Errorf("got %q, want first", got)
		}
		if err := first.Release(); err != nil {
			t.Error(err)
		}
		if err := first.Release(); err != nil {
			t.Errorf("released twice: %v", err)
		}
		lock := receive(t, "the lock", last.got)
		select {
		case holder := <-last.told:
			t.Errorf("told of %q too", holder)
		case <-first.Lost():
			t.Error("the first lost what it had released")
		case <-lock.Lost():
			t.Error("the last lost it at once")
		default:
		}
		if err := lock.Release(); err != nil {
			t.Error(err)
		}
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	forEachDatabase(t, func(t *testing.T, cfg dbutil.PoolConfig) {
		acquired(t, cfg, "first")
		ctx, cancel := context.WithCancel(t.Context())
		w := startWaiter(ctx, cfg, "second")
		receive(t, "word of the holder", w.told)
		cancel()
		if err := receive(t, "the end", w.err); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want it canceled", err)
		}
	})
}

func TestALockOutlivesTheContextItWasTakenWith(t *testing.T) {
	t.Parallel()
	forEachDatabase(t, func(t *testing.T, cfg dbutil.PoolConfig) {
		ctx, cancel := context.WithCancel(t.Context())
		lock, err := AcquireLock(ctx, cfg, "first", nil)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := check(t.Context(), lock.hold); err != nil {
			t.Errorf("got %v, want it held still", err)
		}
		if err := lock.Release(); err != nil {
			t.Error(err)
		}
	})
}

func TestAHolderWhoseConnectionIsCutLearnsItWithinSeconds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Log("without Postgres, because of -short")
		return
	}
	f := openFixture(t, postgresConfig(t))
	lock := acquired(t, f.cfg, "the holder")
	cut := time.Now()
	n, err := f.change(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name = 'the holder' AND datname = current_database()`)
	if err != nil || n != 1 {
		t.Fatalf("cut %d connections, %v, want 1", n, err)
	}
	receive(t, "word of the loss", lock.Lost())
	if took := time.Since(cut); took > watchEvery+watchWithin+slack {
		t.Errorf("noticed after %v, want at most %v", took, watchEvery+watchWithin)
	}
	acquired(t, f.cfg, "another")
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

func TestASessionThatNoLongerHoldsTheLockIsALoss(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Log("without Postgres, because of -short")
		return
	}
	lock := acquired(t, postgresConfig(t), "the holder")
	if _, err := lock.hold.(*sessionLock).conn.ExecContext(t.Context(), `SELECT pg_advisory_unlock_all()`); err != nil {
		t.Fatal(err)
	}
	receive(t, "word of the loss", lock.Lost())
}

func TestALockFileThatWasReplacedIsALoss(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"removed": os.Remove,
		"replaced": func(path string) error {
			return errors.Join(os.WriteFile(path+".new", nil, 0o600), os.Rename(path+".new", path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := sqliteConfig(t)
			lock := acquired(t, cfg, "the holder")
			path, _ := sqlitePath(cfg.URI)
			if err := spoil(path + lockSuffix); err != nil {
				t.Fatal(err)
			}
			receive(t, "word of the loss", lock.Lost())
			acquired(t, cfg, "another")
		})
	}
}

// A network that swallows everything answers nothing, not even no.
func TestAHolderThatGetsNoAnswerHasLost(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Log("without Postgres, because of -short")
		return
	}
	cfg := postgresConfig(t)
	proxy := startProxy(t, cfg)
	lock := acquired(t, proxy.config, "the holder")
	proxy.swallow()
	swallowed := time.Now()
	receive(t, "word of the loss", lock.Lost())
	if took := time.Since(swallowed); took > watchEvery+watchWithin+slack {
		t.Errorf("noticed after %v, want at most %v", took, watchEvery+watchWithin)
	}
	released := make(chan error, 1)
	go func() { released <- lock.Release() }()
	if err := receive(t, "the release", released); err != nil {
		t.Error(err)
	}
}

func TestTheLocksOfTwoDatabasesAreTwo(t *testing.T) {
	t.Parallel()
	forEachDatabase(t, func(t *testing.T, cfg dbutil.PoolConfig) {
		acquired(t, cfg, "one")
		second := sqliteConfig(t)
		if cfg.Type == TypePostgres {
			second = postgresConfig(t)
		}
		acquired(t, second, "two")
	})
}
