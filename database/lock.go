package database

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.mau.fi/util/dbutil"
)

// How the lock is looked after. A holder that is cut off must know it before the database gives the lock to another: it
// does after watchEvery + watchWithin at most, while the server puts up with silence for longer (lock_postgres.go).
const (
	pollEvery   = time.Second
	glanceEvery = 200 * time.Millisecond
	watchEvery  = 2 * time.Second
	watchWithin = 5 * time.Second
	// waitThrough is how long a waiter puts up with a database that does not answer.
	waitThrough = time.Minute
)

// unnamed stands for a holder that the database does not name.
const unnamed = "another process"

// ErrLockLost says that somebody else could hold the lock by now.
var ErrLockLost = errors.New("the lock on the database is lost: the connection to it broke, and another process may be working now")

// Lock is held by the one process that may work on a database: it alone migrates, reads orders and invites. Another one
// waits in [AcquireLock] and takes over when this one ends, however it ends.
type Lock struct {
	hold    hold
	lost    chan struct{}
	stop    context.CancelFunc
	watched chan struct{}
	release sync.Once
	err     error
}

// hold is a lock as one kind of database has it.
type hold interface {
	// try takes the lock or names who has it. An error that is no [awayError] will be the same the next time.
	try(ctx context.Context) (held bool, holder string, err error)
	// check returns an error when the lock may no longer be ours. It may hang; whoever calls it stops listening in time.
	check(ctx context.Context) error
	// disturbed reports, at no cost, whether something has happened for which a check is worth while at once.
	disturbed() bool
	// drop gives the lock up, if it is held, and everything with it. It is called once, perhaps while a check still hangs.
	drop() error
}

// awayError is of a database that cannot be reached or does not serve yet. That may pass.
type awayError struct{ error }

func (e awayError) Unwrap() error { return e.error }

// Waiting is told why we wait: somebody holds the lock, or the database is away. It is called when that begins and when it
// changes.
type Waiting func(holder string, away error)

// AcquireLock waits until this process is the only one on the database. name is what others are told of us; waiting may be
// nil. It ends with ctx's error, with that of a database that is wrong in itself (such as a password), or of one that does not
// come within a minute. Once held the lock stays until Release or [Lock.Lost], also after ctx has ended.
//
// On Postgres the lock belongs to a session, so database.uri must lead to the server itself or to a pooler in session mode.
func AcquireLock(ctx context.Context, cfg dbutil.PoolConfig, name string, waiting Waiting) (*Lock, error) {
	h, err := newHold(cfg, name)
	if err != nil {
		return nil, err
	}
	if waiting == nil {
		waiting = func(string, error) {}
	}
	if err := acquire(ctx, h, waiting); err != nil {
		return nil, fmt.Errorf("acquire the process lock: %w", errors.Join(err, h.drop()))
	}
	watch, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &Lock{hold: h, lost: make(chan struct{}), stop: stop, watched: make(chan struct{})}
	go l.watch(watch)
	return l, nil
}

func newHold(cfg dbutil.PoolConfig, name string) (hold, error) {
	switch cfg.Type {
	case TypePostgres:
		return newSessionLock(cfg.URI, name)
	case TypeSQLite:
		path, err := sqlitePath(cfg.URI)
		if err != nil {
			return nil, err
		}
		return newFileLock(path, name), nil
	default:
		return nil, ErrDatabaseType
	}
}

// Lost is closed when the lock may have passed to another process. Everything must stop then, at once.
func (l *Lock) Lost() <-chan struct{} { return l.lost }

// Release gives the lock to whoever waits. Call it last, when nothing of this process works on the database any more.
func (l *Lock) Release() error {
	l.release.Do(func() {
		l.stop()
		<-l.watched
		if err := l.hold.drop(); err != nil {
			l.err = fmt.Errorf("release the process lock: %w", err)
		}
	})
	return l.err
}

// watch looks again and again whether the lock is still ours, until Release. An answer that does not come in time is a no.
func (l *Lock) watch(ctx context.Context) {
	defer close(l.watched)
	tick := time.NewTicker(glanceEvery)
	defer tick.Stop()
	checked := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if time.Since(checked) < watchEvery && !l.hold.disturbed() {
			continue
		}
		if check(ctx, l.hold) != nil && ctx.Err() == nil {
			close(l.lost)
			return
		}
		checked = time.Now()
	}
}

func check(ctx context.Context, h hold) error {
	ctx, cancel := context.WithTimeout(ctx, watchWithin)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- h.check(ctx) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
