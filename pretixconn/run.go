package pretixconn

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Run sweeps, keeps sight fresh and webhooks at work until the context ends; then it returns nil, with nothing of it running any more. The tables must
// exist by then.
func (c *Connector) Run(ctx context.Context) error {
	if err := c.loadLogins(ctx); err != nil {
		return err
	}
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.Go(func() error { return c.sweeps.run(ctx) })
	tasks.Go(func() error {
		c.tellUnreadable(ctx)
		return c.keepSight(ctx)
	})
	tasks.Go(func() error { return c.webhooks.run(ctx) })
	return tasks.Wait()
}

// loadLogins sees to it that the first sweep knows all logins, whether or not the framework has come to load them yet.
func (c *Connector) loadLogins(ctx context.Context) error {
	owners, err := c.bridge.DB.UserLogin.GetAllUserIDsWithLogins(ctx)
	if err != nil {
		return fmt.Errorf("list who has connected: %w", err)
	}
	for _, owner := range owners {
		if _, err = c.bridge.GetUserByMXID(ctx, owner); err != nil {
			return fmt.Errorf("load logins: %w", err)
		}
	}
	return nil
}
