package pretixconn

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

const (
	// webhooksEvery is how often the webhooks of all organizers are looked after: somebody may have disabled one in Pretix.
	webhooksEvery = 24 * time.Hour
	// webhooksAgain is how soon those are tried again that Pretix gave no answer about.
	webhooksAgain = 10 * time.Minute
	// webhookTimeout bounds the wait for Pretix, so that an organizer whose Pretix hangs keeps neither the others waiting nor a command.
	webhookTimeout = time.Minute
)

// webhookKeeper sees to it that the webhook of each organizer with linked events is at work: from the start on, which may have brought
// another public address, whenever somebody connects, who may do what nobody could, and once a day.
type webhookKeeper struct {
	conn *Connector
	wake chan struct{}

	mu     sync.Mutex                              // guards what follows
	wanted map[database.OrganizerKey]bool          // to be looked after
	locks  map[database.OrganizerKey]chan struct{} // held while an organizer's webhooks are read and changed
}

func newWebhookKeeper(c *Connector) *webhookKeeper {
	return &webhookKeeper{
		conn: c, wake: make(chan struct{}, 1),
		wanted: make(map[database.OrganizerKey]bool), locks: make(map[database.OrganizerKey]chan struct{}),
	}
}

// lock keeps two who find no webhook from making two. It waits as long as the context lasts.
func (k *webhookKeeper) lock(ctx context.Context, organizer database.OrganizerKey) (unlock func(), _ error) {
	k.mu.Lock()
	held, ok := k.locks[organizer]
	if !ok {
		held = make(chan struct{}, 1)
		k.locks[organizer] = held
	}
	k.mu.Unlock()
	select {
	case held <- struct{}{}:
		return func() { <-held }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// check has an organizer's webhook looked after. It returns at once.
func (k *webhookKeeper) check(organizer database.OrganizerKey) {
	k.mu.Lock()
	k.wanted[organizer] = true
	k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// run looks after the webhooks until the context ends.
func (k *webhookKeeper) run(ctx context.Context) error {
	if k.conn.cfg.PublicAddress == "" {
		return nil
	}
	daily, again := time.NewTicker(webhooksEvery), time.NewTicker(webhooksAgain)
	defer daily.Stop()
	defer again.Stop()
	all := true
	for {
		if err := k.ensure(ctx, all); err != nil && ctx.Err() == nil {
			k.conn.log.Error("webhooks not looked after", zap.Error(err))
		}
		all = false
		select {
		case <-ctx.Done():
			return nil
		case <-k.wake:
		case <-again.C:
		case <-daily.C:
			all = true
		}
	}
}

// ensure sees to the webhooks that are wanted, or to all. Those that Pretix gives no answer about stay wanted.
func (k *webhookKeeper) ensure(ctx context.Context, all bool) error {
	events, err := k.conn.store.LinkedEvents(ctx)
	if err != nil {
		return err
	}
	linked := make(map[database.OrganizerKey]bool)
	for _, event := range events {
		linked[event.Key.OrganizerKey()] = true
	}
	ctx = api.WithPriority(ctx, api.Batch)
	for organizer := range k.take(linked, all) {
		if err := k.ensureOne(ctx, organizer); err != nil && ctx.Err() == nil {
			k.conn.log.Warn("webhook not looked after", append(organizer.Fields(), zap.Error(err))...)
			k.mu.Lock()
			k.wanted[organizer] = true
			k.mu.Unlock()
		}
	}
	return nil
}

// ensureOne leaves alone what nobody could look at: who connects brings the organizer here again.
func (k *webhookKeeper) ensureOne(ctx context.Context, organizer database.OrganizerKey) error {
	if len(k.conn.clientsAt(organizer)) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	_, err := k.conn.EnsureWebhook(ctx, organizer)
	return err
}

// take gives the organizers that are to be looked after, and wants none any more. Without linked events a webhook is not missed.
func (k *webhookKeeper) take(linked map[database.OrganizerKey]bool, all bool) map[database.OrganizerKey]bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	taken := make(map[database.OrganizerKey]bool)
	for organizer := range linked {
		if all || k.wanted[organizer] {
			taken[organizer] = true
		}
	}
	clear(k.wanted)
	return taken
}
