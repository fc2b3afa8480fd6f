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

// sweeper finds what webhooks have missed, or everything where there are none: for each organizer with linked events it regularly
// reads which orders have changed. Each organizer goes at its own pace, so that one whose Pretix is down delays nobody.
type sweeper struct {
	conn *Connector

	mu         sync.Mutex // guards what follows
	organizers map[database.OrganizerKey]*sweepState
	slots      map[string]chan struct{} // by instance
}

// sweepState is what is remembered of an organizer between its sweeps.
type sweepState struct {
	busy      bool
	failures  int
	notBefore time.Time

	handed *handed
	proven map[string]time.Time // when a login was last seen to see what it reads; of the sweep that is running
}

func newSweeper(c *Connector) *sweeper {
	return &sweeper{conn: c, organizers: make(map[database.OrganizerKey]*sweepState), slots: make(map[string]chan struct{})}
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
		state, slot := s.claim(organizer)
		if state == nil {
			continue
		}
		sweeps.Go(func() error {
			select {
			case slot <- struct{}{}:
				defer func() { <-slot }()
				err := s.conn.sweep(ctx, organizer, events, state)
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

// claim gives an organizer's state to a new sweep, if none is running and it is time for one.
func (s *sweeper) claim(key database.OrganizerKey) (*sweepState, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.state(key)
	if state.busy || s.conn.now().Before(state.notBefore) {
		return nil, nil
	}
	state.busy = true
	slot, ok := s.slots[key.Instance]
	if !ok {
		slot = make(chan struct{}, sweepsAtOnce)
		s.slots[key.Instance] = slot
	}
	return state, slot
}

// state is what is remembered of an organizer. The caller holds the lock.
func (s *sweeper) state(key database.OrganizerKey) *sweepState {
	state, ok := s.organizers[key]
	if !ok {
		state = &sweepState{handed: newHanded(), proven: make(map[string]time.Time)}
		s.organizers[key] = state
	}
	return state
}

// settled notes that an order has been dealt with as it was then, so that no sweep brings it for that. What had changed long ago no
// sweep meets.
func (s *sweeper) settled(ref orderRef, changed time.Time) {
	if s.conn.now().Sub(changed) > rememberedFor {
		return
	}
	s.mu.Lock()
	known := s.state(ref.event.OrganizerKey()).handed
	s.mu.Unlock()
	known.note(ref, changed)
}

// release ends an organizer's sweep and says when the next one may come.
func (s *sweeper) release(key database.OrganizerKey, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.organizers[key]
	state.busy = false
	if err == nil {
		state.failures, state.notBefore = 0, time.Time{}
		return
	}
	var asked time.Duration
	if failed, ok := errors.AsType[*api.Error](err); ok {
		asked = failed.RetryAfter
	}
	state.failures++
	wait := pause(state.failures, s.conn.cfg.SweepEvery, asked)
	state.notBefore = s.conn.now().Add(wait)
	s.conn.log.Warn("sweep not done", append(organizerFields(key),
		zap.Int("failures", state.failures), zap.Duration("next_in", wait), zap.Error(err))...)
}

// retry lets the next sweep of an organizer come at once: somebody has connected who may see more.
func (s *sweeper) retry(key database.OrganizerKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state, ok := s.organizers[key]; ok {
		state.failures, state.notBefore = 0, time.Time{}
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
