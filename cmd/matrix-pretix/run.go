package main

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/cmd/matrix-pretix/listener"
	"matrix-pretix/cmd/matrix-pretix/logs"
)

// stopTimeout is how long everything together may take to end. What starts this program kills it after ten seconds or more.
const stopTimeout = 9 * time.Second

// run is the whole program between the config and the exit: it listens, waits for its turn at the database, makes sure that the
// homeserver agrees, and works until ctx ends or something has to stop it. Its error has an exit status.
//
// Whatever logger it is given, no person and no secret is written by it.
func run(ctx context.Context, c *config.Config, log *zap.Logger) error {
	return process{config: c, log: logs.Guard(log, rules(c)), build: buildBridge}.run(ctx)
}

// process is one run of the program.
type process struct {
	config *config.Config
	log    *zap.Logger
	build  func(materials) (engine, error)
}

func (p process) run(ctx context.Context) error {
	if err := supported(p.config, withCgo); err != nil {
		return ends(statusConfig, err)
	}
	server, err := listener.Listen(p.config.AppService.Hostname, p.config.AppService.Port, p.log.Named("listener"))
	if err != nil {
		return ends(statusListen, err)
	}
	p.log.Info("listening", zap.String("address", server.Address()))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ends(statusListen, server.Run(ctx)) })
	group.Go(func() error { return p.takeTurn(ctx, group, server) })
	return waitFor(ctx, group, stopTimeout)
}

// waitFor waits until all has ended, but no longer than the limit after ctx has: a program that was asked to stop must not hang.
func waitFor(ctx context.Context, group *errgroup.Group, limit time.Duration) error {
	done := make(chan error, 1)
	go func() { done <- group.Wait() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		err := ends(statusHung, errors.New("not everything has ended in time after the stop"))
		if cause, ok := errors.AsType[*ended](context.Cause(ctx)); ok {
			err = errors.Join(cause, err) // it was not asked to stop but had to
		}
		return err
	}
}
