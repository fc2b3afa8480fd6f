package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"go.mau.fi/util/dbutil"
)

// try is what comes of one try to take a lock.
type try struct {
	held   bool
	holder string
	err    error
}

// tried is a lock of which trying says one thing after the other, the last for ever, and that is checked with that error.
type tried struct {
	says    []try
	checked error
}

func (h *tried) try(context.Context) (bool, string, error) {
	said := h.says[0]
	if len(h.says) > 1 {
		h.says = h.says[1:]
	}
	return said.held, said.holder, said.err
}
func (h *tried) check(context.Context) error { return h.checked }
func (h *tried) disturbed() bool             { return false }
func (h *tried) drop() error                 { return nil }

var errAway = awayError{errors.New("the database restarts")}

func TestAWaiterIsToldWhenTheReasonChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &tried{says: []try{
			{err: errAway}, {err: errAway}, {holder: "a"}, {holder: "a"}, {holder: "b"}, {err: errAway}, {err: errors.New("no role")},
			{holder: "b"}, {holder: "a"}, {held: true},
		}}
		var told []string
		err := acquire(t.Context(), h, func(holder string, away error) { told = append(told, fmt.Sprint(holder, " ", away)) })
		if err != nil {
			t.Fatal(err)
		}
		away := " " + errAway.Error()
		wantEqual(t, "told", told, []string{away, "a <nil>", "b <nil>", away, "b <nil>", "a <nil>"})
	})
}

func TestALockIsUsedOnceItsFormerHolderMustKnow(t *testing.T) {
	lost := watchEvery + watchWithin
	for name, c := range map[string]struct {
		says        []try
		least, most time.Duration // between the try that succeeds and the use
	}{
		"nobody had it":             {[]try{{held: true}}, 0, 0},
		"the database came late":    {[]try{{err: errAway}, {held: true}}, 0, 0},
		"its holder ended":          {[]try{{holder: "a"}, {held: true}}, glanceEvery, time.Second},
		"the database was another":  {[]try{{holder: "a"}, {err: errAway}, {held: true}}, lost, lost + 2*time.Second},
		"the holder was seen again": {[]try{{holder: "a"}, {err: errAway}, {holder: "a"}, {held: true}}, glanceEvery, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				if err := acquire(t.Context(), &tried{says: c.says}, func(string, error) {}); err != nil {
					t.Fatal(err)
				}
				waited := time.Since(began) - time.Duration(len(c.says)-1)*pollEvery
				if waited < c.least || waited > c.most {
					t.Errorf("used after %v, want %v to %v", waited, c.least, c.most)
				}
			})
		})
	}
}

func TestALockThatIsLostBeforeItsUseIsWaitedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &tried{says: []try{{holder: "a"}, {held: true}, {holder: "b"}}, checked: ErrLockLost}
		ctx, cancel := context.WithTimeout(t.Context(), waitThrough/2)
		defer cancel()
		holder := ""
		err := acquire(ctx, h, func(who string, _ error) { holder = who })
		if !errors.Is(err, context.DeadlineExceeded) || holder != "b" {
			t.Errorf("got %v, waiting for %q, want it to wait for b", err, holder)
		}
	})
}

func TestADatabaseThatIsAwayIsWaitedForAMinute(t *testing.T) {
	wrong := errors.New("no such role")
	for name, c := range map[string]struct {
		says []try
		want error
		most time.Duration
	}{
		"away at first":         {[]try{{err: errAway}}, errAway, waitThrough + 2*pollEvery},
		"away later":            {[]try{{holder: "a"}, {err: errAway}}, errAway, waitThrough + 3*pollEvery},
		"wrong at first":        {[]try{{err: wrong}}, wrong, 0},
		"wrong when it is back": {[]try{{err: errAway}, {err: wrong}}, wrong, pollEvery},
		"strange later":         {[]try{{holder: "a"}, {err: wrong}}, wrong, waitThrough + 3*pollEvery},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				err := acquire(t.Context(), &tried{says: c.says}, func(string, error) {})
				if took := time.Since(began); !errors.Is(err, c.want) || took > c.most || c.most > waitThrough && took < waitThrough {
					t.Errorf("got %v after %v, want %v after %v at most", err, took, c.want, c.most)
				}
			})
		})
	}
}

func TestOnlyAServerThatIsAwayIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		code string
		away bool
	}{
		"starting up": {"57P03", true}, "told to end": {"57P01", true}, "too many connections": {"53300", true},
		"wrong password": {"28P01", false}, "no such database": {"3D000", false}, "unknown setting": {"42704", false},
	} {
		err := aboutServer(fmt.Errorf("connect: %w", &pq.Error{Code: pqerror.Code(c.code)}))
		if _, away := errors.AsType[awayError](err); away != c.away {
			t.Errorf("%s: got %v, want away = %v", name, away, c.away)
		}
	}
}

func TestAPortWhereNobodyListensIsADatabaseThatIsAway(t *testing.T) {
	cfg := dbutil.PoolConfig{Type: TypePostgres, URI: "postgres://user:hunter2@127.0.0.1:1/name?sslmode=disable"}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var told error
	_, err := AcquireLock(ctx, cfg, "me", func(_ string, away error) {
		told = away
		cancel()
	})
	if !errors.Is(err, context.Canceled) || told == nil || strings.Contains(told.Error(), "hunter2") {
		t.Errorf("got %v, told %v, want to be told and no password", err, told)
	}
}

func TestAWrongPasswordIsNotWaitedFor(t *testing.T) {
	if testing.Short() {
		t.Log("without Postgres, because of -short")
		return
	}
	cfg := postgresConfig(t)
	at := strings.LastIndex(cfg.URI, "/")
	cfg.URI = cfg.URI[:at] + "/no_such_database?sslmode=disable"
	_, err := AcquireLock(t.Context(), cfg, "me", func(_ string, away error) { t.Errorf("it waits: %v", away) })
	if e, ok := errors.AsType[*pq.Error](err); !ok || e.Code != "3D000" {
		t.Errorf("got %v, want the server's refusal", err)
	}
}

func TestADatabaseWithTwoNamesHasOneLock(t *testing.T) {
	cfg := sqliteConfig(t)
	path, _ := sqlitePath(cfg.URI)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, path+".link"); err != nil {
		t.Fatal(err)
	}
	acquired(t, cfg, "the holder")
	other := cfg
	other.URI = "file:" + path + ".link"
	w := startWaiter(t.Context(), other, "another")
	if got := receive(t, "word of the holder", w.told); got != "the holder" {
		t.Errorf("got %q, want the holder named", got)
	}
}

func TestADirectoryThatIsMissingIsLookedForInTheConfig(t *testing.T) {
	cfg := sqliteConfig(t)
	path, _ := sqlitePath(cfg.URI)
	cfg.URI = "file:" + filepath.Join(filepath.Dir(path), "missing", "test.db")
	_, err := AcquireLock(t.Context(), cfg, "me", func(_ string, away error) { t.Errorf("it waits: %v", away) })
	if err == nil || !strings.Contains(err.Error(), "database.uri") || strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want the config key named, and no path", err)
	}
}
