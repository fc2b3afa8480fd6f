package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"

	"matrix-pretix/cmd/matrix-pretix/listener"
	"matrix-pretix/cmd/matrix-pretix/logs"
	"matrix-pretix/database"
)

var errLockLost = errors.New("the lock on the database is lost: the connection to it broke, and another process may be working now")

// takeTurn waits until this is the one process that may work with the database, works, and lets go of the lock last. Losing the
// lock stops everything at once.
func (p process) takeTurn(ctx context.Context, server *listener.Server) error {
	queries := dbutil.ZeroLogger(logs.Framework(p.log).With().Str("db_section", "main").Logger())
	db, err := database.Open(pool(p.config.Database), queries)
	if err != nil {
		return ends(statusDatabase, err)
	}
	defer db.Close()
	lock, err := database.AcquireLock(ctx, pool(p.config.Database), ourName(), func(holder string) {
		p.log.Info("standing by: another process is working with this database", zap.String("holder", holder))
	})
	if err != nil && ctx.Err() != nil {
		return nil
	} else if err != nil {
		return ends(statusDatabase, err)
	}
	p.log.Info("this process has the lock on the database")

	working, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go func() {
		select {
		case <-lock.Lost():
			server.Detach()
			stop(errLockLost)
		case <-working.Done():
		}
	}()
	err = p.work(working, server, db)
	if ctx.Err() != nil {
		<-server.Drained() // a webhook in flight still needs the database
	}
	if errors.Is(context.Cause(working), errLockLost) {
		return ends(statusLock, errLockLost)
	}
	if err := lock.Release(); err != nil {
		p.log.Warn("lock not released", zap.Error(err))
	}
	return err
}

// ourName tells a process that waits which one it waits for.
func ourName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("matrix-pretix on %s, process %d", host, os.Getpid())
}
