package bridge

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// spawn hands on work that may take long, so that the room in which it was asked for is heard meanwhile. It ends with [Bridge.Run]; after that nothing
// is begun.
func (b *Bridge) spawn(work func(ctx context.Context)) {
	select {
	case b.tasks <- work:
	case <-b.ended:
	}
}

// runTasks does what was handed on, each on its own, and waits for all of it in the end.
func (b *Bridge) runTasks(ctx context.Context) error {
	var group errgroup.Group
	for {
		select {
		case work := <-b.tasks:
			group.Go(func() error {
				work(ctx)
				return nil
			})
		case <-ctx.Done():
			return group.Wait()
		}
	}
}
