package main

import (
	"context"
	"errors"
	"time"

	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"matrix-pretix/cmd/matrix-pretix/listener"
	"matrix-pretix/cmd/matrix-pretix/logs"
	"matrix-pretix/cmd/matrix-pretix/preflight"
	"matrix-pretix/database"
)

// The time for each step of a stop. With what the listener takes to finish its requests they stay below stopTimeout: startGrace
// runs beside that, stopGrace after it.
const (
	startGrace = 3 * time.Second
	stopGrace  = 5 * time.Second
)

// drive does everything that needs the lock, in order: tables, gate, homeserver, start.
func (p process) drive(ctx context.Context, server *listener.Server, db *dbutil.Database) error {
	seal, digest := p.config.Network.Keys()
	keys, err := database.NewKeys(seal, digest)
	if err != nil {
		return ends(statusConfig, err)
	}
	e, err := p.build(materials{config: p.config, db: db, keys: keys, log: p.log, mautrix: logs.Framework(p.log)})
	if err != nil {
		return ends(statusConfig, err)
	}
	if err := e.Upgrade(ctx); err != nil {
		status, err := aboutDatabase(err)
		return unlessStopped(ctx, status, err)
	}
	server.Attach(p.config.AppService.HSToken, e.Matrix(), e.Public())
	defer server.Detach()
	if err := preflight.Check(ctx, p.config, server, p.log.Named("preflight")); err != nil {
		return unlessStopped(ctx, statusRefused, err)
	}
	recovery := newRecoveryKey(p.config, db, keys, p.log.Named("recovery"))
	if err := recovery.prepare(ctx); err != nil {
		return unlessStopped(ctx, statusStart, err)
	}
	return startAndRun(ctx, e, recovery, server, p.log)
}

// startAndRun returns when the work has ended. A start that hangs is left behind: the process ends anyway.
func startAndRun(ctx context.Context, e engine, recovery *recoveryKey, server *listener.Server, log *zap.Logger) error {
	started := make(chan error, 1)
	group, running := errgroup.WithContext(ctx)
	stop := context.AfterFunc(running, func() {
		if ctx.Err() == nil { // nobody works any more, so what is taken now would be lost; a server that is asked to stop takes nothing anyway
			server.Detach()
		}
	})
	defer stop()
	server.Starting()
	go func() { started <- e.Start(running) }()
	group.Go(func() error { return e.Run(running) })
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
		server.Accept()
		recovery.keep(context.WithoutCancel(running))
		log.Info("the bridge is running")
		return nil
	})
	err := group.Wait()
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), database.ErrLockLost) {
		<-server.Drained() // a webhook in flight still needs the database
	}
	if up {
		e.Stop(stopGrace)
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
