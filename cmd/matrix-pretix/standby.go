package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"matrix-pretix/cmd/matrix-pretix/listener"
	"matrix-pretix/cmd/matrix-pretix/logs"
	"matrix-pretix/database"
)

// takeTurn waits until this is the one process that may work with the database, works, and lets go of the lock last.
func (p process) takeTurn(ctx context.Context, group *errgroup.Group, server *listener.Server) error {
	lock, err := database.AcquireLock(ctx, pool(p.config.Database), ourName(), p.waits)
	if err != nil && ctx.Err() != nil {
		return nil
	} else if err != nil {
		return ends(statusDatabase, err)
	}
	p.log.Info("this process has the lock on the database")

	queries := dbutil.ZeroLogger(logs.Framework(p.log).With().Str("db_section", "main").Logger())
	db, err := database.Open(pool(p.config.Database), queries)
	if err != nil {
		return ends(statusDatabase, errors.Join(err, lock.Release()))
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	group.Go(func() error { return watchLock(working, lock, server) })
	err = p.drive(working, server, db)
	if errors.Is(context.Cause(ctx), database.ErrLockLost) {
		return err
	}
	if ctx.Err() != nil {
		<-server.Drained() // a webhook in flight still needs the database
	}
	if err := errors.Join(db.Close(), lock.Release()); err != nil {
		p.log.Warn("database not left in order", zap.Error(err))
	}
	return err
}

// waits says why this process does not work yet.
func (p process) waits(holder string, away error) {
	if away != nil {
		p.log.Warn("waiting for the database", zap.Error(away))
		return
	}
	p.log.Info("standing by: another process is working with this database", zap.String("holder", holder))
}

// watchLock ends everything at once when the lock is lost, whatever the work is doing or hangs in. It returns when the work has ended.
func watchLock(working context.Context, lock *database.Lock, server *listener.Server) error {
	select {
	case <-working.Done():
		return nil
	case <-lock.Lost():
		server.Detach()
		return ends(statusLock, database.ErrLockLost)
	}
}

// ourName tells a process that waits which one it waits for.
func ourName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("matrix-pretix on %s, process %d", host, os.Getpid())
}
