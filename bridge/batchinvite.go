package bridge

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/database"
)

// progressEvery is how often at most a message is edited: more often and the homeserver's limits for clients that show it are in danger.
const progressEvery = 2 * time.Second

// batches knows which event's batch is being shown, so that a second `!batchinvite` takes the showing over instead of doubling it.
type batches struct {
	mu      sync.Mutex
	showing map[database.EventKey]context.CancelFunc
}

func newBatches() *batches { return &batches{showing: make(map[database.EventKey]context.CancelFunc)} }

// Begin ends the showing that there was and begins a new one.
func (s *batches) Begin(ctx context.Context, key database.EventKey) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if end := s.showing[key]; end != nil {
		end()
	}
	ctx, s.showing[key] = context.WithCancel(ctx)
	return ctx
}

// batchinvite asks everybody who holds a ticket: in the whole event, or for a linked room's moderator in that room.
func (b *Bridge) batchinvite(ctx context.Context, c *call) {
	b.withEventAndRoom(ctx, c, func(ctx context.Context, c *call, key database.EventKey, named id.RoomID) {
		if !b.linked(ctx, c, key) {
			return
		}
		decision, ok := b.mayInRooms(ctx, c, authority.BatchInvite, key, named)
		if !ok {
			return
		}
		var released database.Released
		for _, room := range decision.AllowedRooms() {
			done, err := b.store.Release(ctx, key, room)
			if err != nil {
				c.failed(ctx, "release invites", err)
				return
			}
			released.Invites, released.Orders = released.Invites+done.Invites, released.Orders+done.Orders
		}
		follow := b.inviter.Follow(key)
		b.inviter.Wake()
		b.log.Info("batch released", zap.Stringer("event", key), zap.Int("invites", released.Invites), zap.Int("orders", released.Orders))
		told := c.tell(ctx, decision.Answer, sayBatch(batchProgress{Released: released.Invites, Skipped: decision.Skipped()}))
		b.spawn(func(ctx context.Context) {
			defer follow.End()
			b.showBatch(b.batches.Begin(ctx, key), told, follow, batchProgress{Released: released.Invites, Skipped: decision.Skipped()})
		})
	})
}

// mayInRooms decides a command that works on a room, named or the one typed in if that is linked, or on all rooms of the event. In a linked room
// whose moderator commands no more than that room, the room is what is meant.
func (b *Bridge) mayInRooms(ctx context.Context, c *call, action authority.Action, key database.EventKey, named id.RoomID) (authority.Decision, bool) {
	if named != "" {
		return c.may(ctx, action, key, named)
	}
	decision, err := c.decide(ctx, action, key, "")
	if err != nil {
		c.failed(ctx, string(action), err)
		return decision, false
	}
	if decision.Allowed {
		return decision, true
	}
	if links, err := b.store.LinksIn(ctx, c.room); err == nil && len(links) > 0 {
		return c.may(ctx, action, key, c.room)
	}
	c.say(ctx, sayRefused(decision))
	return decision, false
}

// tallied counts invites as a person thinks of them.
type tallied struct {
	Invited, Joined, Queued, Waiting, Failed, Gone, Held int
	NextTry                                              time.Time
}

func (t *tallied) add(count database.InviteCount) {
	switch count.State {
	case database.InviteInvited:
		t.Invited += count.Count
	case database.InviteJoined:
		t.Joined += count.Count
	case database.InviteDue:
		t.Queued += count.Count
	case database.InviteWaiting:
		t.Waiting += count.Count
		if t.NextTry.IsZero() || count.NextTry.Before(t.NextTry) {
			t.NextTry = count.NextTry
		}
	case database.InviteFailed:
		t.Failed += count.Count
	case database.InviteGone:
		t.Gone += count.Count
	case database.InviteHeld:
		t.Held += count.Count
	}
}

// batchProgress is how far a batch has come.
type batchProgress struct {
	inviter.Progress
	Released int // people who are to be asked
	Done     bool
	Skipped  []authority.Target
}

// showBatch edits the batch's message until no order of the event is in hand any more. It only looks: what is done is done by the inviter, from rows.
func (b *Bridge) showBatch(ctx context.Context, told *said, follow *inviter.Follow, progress batchProgress) {
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	last := ""
	for !progress.Done {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var err error
		if progress.Progress, err = follow.Progress(ctx); err != nil {
			if ctx.Err() == nil {
				b.log.Error("batch not followed", zap.Error(err))
			}
			return
		}
		progress.Done = progress.Left == 0
		if text := sayBatch(progress); text != last {
			told.edit(ctx, text)
			last = text
		}
	}
}

// stop holds back who is still to be asked.
func (b *Bridge) stop(ctx context.Context, c *call) {
	b.withEventAndRoom(ctx, c, func(ctx context.Context, c *call, key database.EventKey, named id.RoomID) {
		if !b.linked(ctx, c, key) {
			return
		}
		decision, ok := b.mayInRooms(ctx, c, authority.Stop, key, named)
		if !ok {
			return
		}
		stopped := 0
		for _, room := range decision.AllowedRooms() {
			n, err := b.store.StopQueued(ctx, key, room)
			if err != nil {
				c.failed(ctx, "stop invites", err)
				return
			}
			stopped += n
			b.inviter.RoomChanged(room)
		}
		c.tell(ctx, decision.Answer, sayStopped(stopped))
	})
}
