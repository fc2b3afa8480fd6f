package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/cmd/matrix-pretix/listener"
	"matrix-pretix/cmd/matrix-pretix/logs"
	"matrix-pretix/cmd/matrix-pretix/preflight"
	"matrix-pretix/database"
)

// work is what is started and stopped here: the bridge.
type work interface {
	// Upgrade brings the tables up to date and refuses a database that is not ours to use.
	Upgrade(ctx context.Context) error
	// Matrix serves what the homeserver sends, Public what the world may.
	Matrix() http.Handler
	Public() http.Handler
	// Start may hang, deaf to ctx. Stop may be called only after it has succeeded.
	Start(ctx context.Context) error
	Stop(limit time.Duration)
	// Run works until ctx ends, also while Start still goes on.
	Run(ctx context.Context) error
}

// materials are what the bridge is built from.
type materials struct {
	config  *config.Config
	db      *dbutil.Database
	keys    *database.Keys
	log     *zap.Logger
	mautrix zerolog.Logger
}

// The time for each step of a stop. With what the listener takes to finish its requests they stay below stopTimeout: startGrace
// runs beside that, stopGrace after it.
const (
	startGrace = 3 * time.Second
	stopGrace  = 5 * time.Second
)

// work does everything that needs the lock, in order: tables, gate, homeserver, start.
func (p process) work(ctx context.Context, server *listener.Server, db *dbutil.Database) error {
	seal, digest := p.config.Network.Keys()
	keys, err := database.NewKeys(seal, digest)
	if err != nil {
		return ends(statusConfig, err)
	}
	w, err := p.build(materials{config: p.config, db: db, keys: keys, log: p.log, mautrix: logs.Framework(p.log)})
	if err != nil {
		return ends(statusConfig, err)
	}
	if err := w.Upgrade(ctx); err != nil {
		return unlessStopped(ctx, statusDatabase, aboutDatabase(fmt.Errorf("prepare the database: %w", err)))
	}
	server.Attach(p.config.AppService.HSToken, w.Matrix(), w.Public())
	defer server.Detach()
	if err := preflight.Check(ctx, p.config, server, p.log.Named("preflight")); err != nil {
		return unlessStopped(ctx, statusRefused, err)
	}
	recovery := newRecoveryKey(p.config, db, keys, p.log.Named("recovery"))
	if err := recovery.prepare(ctx); err != nil {
		return unlessStopped(ctx, statusStart, err)
	}
	server.Accept()
	return startAndRun(ctx, w, recovery, server.Drained(), p.log)
}

// startAndRun returns when the work has ended. A start that hangs is left behind: the process ends anyway.
func startAndRun(ctx context.Context, w work, recovery *recoveryKey, drained <-chan struct{}, log *zap.Logger) error {
	started := make(chan error, 1)
	group, running := errgroup.WithContext(ctx)
	go func() { started <- w.Start(running) }()
	group.Go(func() error { return w.Run(running) })
	up := false
	group.Go(func() error {
		err, known := outcome(running, started)
		switch {
		case !known:
			return nil
		case err != nil:
			recovery.startRefused(context.WithoutCancel(running), err)
			return unlessStopped(running, statusStart, aboutStart(err))
		}
		up = true
		recovery.keep(context.WithoutCancel(running))
		log.Info("the bridge is running")
		return nil
	})
	err := group.Wait()
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), errLockLost) {
		<-drained // a webhook in flight still needs the database
	}
	if up {
		w.Stop(stopGrace)
	}
	return unlessStopped(ctx, statusWork, err)
}

// outcome returns how the start ended, also when that is a moment after ctx has.
func outcome(ctx context.Context, started <-chan error) (err error, known bool) {
	select {
	case err = <-started:
		return err, true
	case <-ctx.Done():
	}
	select {
	case err = <-started:
		return err, true
	case <-time.After(startGrace):
		return nil, false
	}
}

// unlessStopped gives an error its status, or drops it when it is only how a stop shows.
func unlessStopped(ctx context.Context, status int, err error) error {
	if _, ok := errors.AsType[*ended](err); !ok && ctx.Err() != nil {
		return nil
	}
	return ends(status, err)
}

// aboutStart says why the framework did not start without saying what it said, which may name people.
func aboutStart(err error) error {
	if known, ok := errors.AsType[*ended](aboutDatabase(err)); ok {
		return known
	}
	kinds := strings.Join(logs.Kinds(err), ", ")
	if kinds == "" {
		kinds = "unknown reason"
	}
	return fmt.Errorf("the start on the homeserver did not succeed (%s): the lines before this one say more", kinds)
}

// aboutDatabase turns what the framework says to a database that a newer version has written into a sentence.
func aboutDatabase(err error) error {
	switch {
	case errors.Is(err, dbutil.ErrUnsupportedDatabaseVersion):
		return ends(statusDatabase, errors.New("the database was written by a newer version of this program: use that one, or a backup from before the upgrade"))
	case errors.Is(err, dbutil.ErrNotOwned):
		return ends(statusDatabase, errors.New("the database belongs to another bridge: give this one a database of its own in database.uri"))
	default:
		return err
	}
}
