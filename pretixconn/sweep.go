package pretixconn

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// sweepsAtOnce is how many organizers of one instance are swept at the same time; one that hangs holds up no other instance.
const sweepsAtOnce = 4

// longestPause is how long a pause that Pretix asks for may be for a sweep to wait it out. With a longer one it makes room for others.
const longestPause = 15 * time.Second

// sweeper finds what webhooks have missed, or everything where there are none: for each organizer with linked events it regularly
// reads which orders have changed. Each organizer goes at its own pace, so that one whose Pretix is down delays nobody.
type sweeper struct {
	conn   *Connector
	handed *handed

	mu         sync.Mutex // guards what follows
	organizers map[database.OrganizerKey]*turn
	slots      map[string]chan struct{} // by instance
}

// turn is when an organizer may be swept.
type turn struct {
	busy      bool // with a sweep
	failures  int
	notBefore time.Time

	sweep *sweep // belongs to whoever is busy with it
}

func newSweeper(c *Connector) *sweeper {
	return &sweeper{
		conn: c, handed: newHanded(func() time.Time { return c.now() }),
		organizers: make(map[database.OrganizerKey]*turn), slots: make(map[string]chan struct{}),
	}
}

// run sweeps at once and then at every interval, until the context ends and all sweeps have stopped.
func (s *sweeper) run(ctx context.Context) error {
	var sweeps errgroup.Group
	defer func() { _ = sweeps.Wait() }() // they return no error: each is logged where it happened
	ticker := time.NewTicker(max(s.conn.cfg.SweepEvery, time.Second))
	defer ticker.Stop()
	for {
		if err := s.begin(ctx, &sweeps); err != nil && ctx.Err() == nil {
			s.conn.log.Error("sweeps not begun", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// begin starts the sweeps that are due.
func (s *sweeper) begin(ctx context.Context, sweeps *errgroup.Group) error {
	followed, err := s.conn.followed(ctx)
	if err != nil {
		return err
	}
	for organizer, events := range followed {
		sweep, slot := s.claim(organizer)
		if sweep == nil {
			continue
		}
		sweeps.Go(func() error {
			select {
			case slot <- struct{}{}:
				defer func() { <-slot }()
				err := sweep.run(api.WithoutLongPauses(ctx, longestPause), events)
				if ctx.Err() == nil { // else whatever did not succeed was cut off by us
					s.release(organizer, err)
				}
			case <-ctx.Done():
			}
			return nil
		})
	}
	return nil
}

// claim gives an organizer's sweep to whoever is going to run it, if it does not run already and it is time for it.
func (s *sweeper) claim(key database.OrganizerKey) (*sweep, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	its, ok := s.organizers[key]
	if !ok {
		its = &turn{sweep: newSweep(s.conn, key, s.handed)}
		s.organizers[key] = its
	}
	if its.busy || s.conn.now().Before(its.notBefore) {
		return nil, nil
	}
	its.busy = true
	slot, ok := s.slots[key.Instance]
	if !ok {
		slot = make(chan struct{}, sweepsAtOnce)
		s.slots[key.Instance] = slot
	}
	return its.sweep, slot
}

// settled notes that an order has been dealt with as it was then, so that no sweep brings it for that. What had changed long ago no
// sweep meets.
func (s *sweeper) settled(order database.OrderKey, changed time.Time) {
	if s.conn.now().Sub(changed) <= rememberedFor {
		s.handed.note(order, changed)
	}
}

// release ends an organizer's sweep and says when the next one may come.
func (s *sweeper) release(key database.OrganizerKey, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	its := s.organizers[key]
	its.busy = false
	if err == nil {
		its.failures, its.notBefore = 0, time.Time{}
		return
	}
	var asked time.Duration
	if failed, ok := errors.AsType[*api.Error](err); ok {
		asked = failed.RetryAfter
	}
	its.failures++
	wait := pause(its.failures, s.conn.cfg.SweepEvery, asked)
	its.notBefore = s.conn.now().Add(wait)
	s.conn.log.Warn("sweep not done", append(key.Fields(),
		zap.Int("failures", its.failures), zap.Duration("next_in", wait), zap.Error(err))...)
}

// retry lets the next sweep of an organizer come at once: somebody has connected who may see more.
func (s *sweeper) retry(key database.OrganizerKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if its, ok := s.organizers[key]; ok {
		its.failures, its.notBefore = 0, time.Time{}
	}
}

// followed lists the events whose orders are swept, with the time from which on: those that are linked to a room, as soon as their
// orders have been read as a whole once. Before that there is no telling an order that was paid just now from an old one.
func (c *Connector) followed(ctx context.Context) (map[database.OrganizerKey]floors, error) {
	events, err := c.store.LinkedEvents(ctx)
	if err != nil {
		return nil, err
	}
	followed := make(map[database.OrganizerKey]floors)
	for _, event := range events {
		from, ok := floor(event)
		if !ok {
			continue
		}
		organizer := event.Key.OrganizerKey()
		if followed[organizer] == nil {
			followed[organizer] = make(floors)
		}
		followed[organizer][event.Key] = from
	}
	return followed, nil
}
