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
	watchEvery  = 2 * time.Second
	watchWithin = 5 * time.Second
	// waitThrough is how long a waiter puts up with a database that does not answer.
	waitThrough = time.Minute
)

// unnamed stands for a holder that the database does not name.
const unnamed = "another process"

// errLockLost is what the watch finds when somebody else could hold the lock by now.
var errLockLost = errors.New("the lock is gone")

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
	// try takes the lock or names who has it.
	try(ctx context.Context) (held bool, holder string, err error)
	// check returns an error when the lock may no longer be ours. It may hang; whoever calls it stops listening in time.
	check(ctx context.Context) error
	// drop gives the lock up, if it is held, and everything with it. It is called once, perhaps while a check still hangs.
	drop() error
}

// AcquireLock waits until this process is the only one on the database. name is what others are told of us. waiting, which
// may be nil, is called when somebody else holds the lock, with their name, and again when that changes. It ends with ctx's
// error, with that of a database that cannot be reached at first, or of one that does not come back while we wait. Once held
// the lock stays until Release or [Lock.Lost], also after ctx has ended.
//
// On Postgres the lock belongs to a session, so database.uri must lead to the server itself or to a pooler in session mode.
func AcquireLock(ctx context.Context, cfg dbutil.PoolConfig, name string, waiting func(holder string)) (*Lock, error) {
	h, err := newHold(cfg, name)
	if err != nil {
		return nil, err
	}
	if err := acquire(ctx, h, pollEvery, waiting); err != nil {
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
		return &fileLock{path: path + lockSuffix, name: name}, err
	default:
		return nil, ErrDatabaseType
	}
}

// acquire tries again and again. Trying is cheap, and no notice would tell that a process was killed.
func acquire(ctx context.Context, h hold, every time.Duration, waiting func(holder string)) error {
	var told string
	var answered time.Time
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		held, holder, err := h.try(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && time.Since(answered) > waitThrough:
			return err
		case held:
			return nil
		case err == nil:
			answered = time.Now()
			if holder != told && waiting != nil {
				told = holder
				waiting(holder)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
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

// watch asks again and again whether the lock is still ours, until Release. An answer that does not come in time is a no.
func (l *Lock) watch(ctx context.Context) {
	defer close(l.watched)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if l.check(ctx) != nil && ctx.Err() == nil {
			close(l.lost)
			return
		}
	}
}

func (l *Lock) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, watchWithin)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- l.hold.check(ctx) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
