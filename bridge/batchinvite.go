package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

// progressEvery is how often at most a message is edited: more often and the homeserver's limits for clients that show it are in danger.
const progressEvery = 2 * time.Second

// progressRests is how many looks a long batch is at most followed without an edit, for each costs the homeserver as much as an invite.
const progressRests = 2

// putOffPatience is how soon people who are put off must be looked at again for the showing to wait for it.
const putOffPatience = time.Minute

// errShownAnew ends a showing because the same person asked for the same rooms again.
var errShownAnew = errors.New("shown anew")

// shown names a batch that is being shown: what it invites into for whom.
type shown struct {
	event database.EventKey
	rooms string
	asker id.UserID
}

// batches knows which batches are being shown, so that a second `!batchinvite` takes the showing over instead of doubling it.
type batches struct {
	mu      sync.Mutex
	showing map[shown]*showing
}

type showing struct{ end context.CancelCauseFunc }

func newBatches() *batches { return &batches{showing: make(map[shown]*showing)} }

// Begin begins a showing, whose context ends with [errShownAnew] when the next of its kind begins. Whoever shows ends it with end.
func (s *batches) Begin(ctx context.Context, what shown) (_ context.Context, end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.showing[what]; old != nil {
		old.end(errShownAnew)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	own := &showing{end: cancel}
	s.showing[what] = own
	return ctx, func() {
		cancel(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.showing[what] == own {
			delete(s.showing, what)
		}
	}
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
		rooms := decision.AllowedRooms()
		follow := b.inviter.Follow(key, rooms)
		progress, err := b.releaseBatch(ctx, key, rooms, follow)
		if err != nil {
			follow.End()
			c.failed(ctx, "release invites", err)
			return
		}
		progress.Skipped = decision.Skipped()
		told := c.tell(ctx, decision.Answer, replies.Batch(progress))
		if progress.Done {
			follow.End()
			return
		}
		what := shown{event: key, rooms: fmt.Sprint(slices.Sorted(slices.Values(rooms))), asker: c.sender}
		b.spawn(func(ctx context.Context) {
			defer follow.End()
			defer b.keeper.Begin(ctx, told.message.Room, told.id)()
			b.showBatch(ctx, told, what, follow, progress)
		})
	})
}

// releaseBatch sets everybody going who is held in the rooms, and says how that stands. Nobody there is to be told why that is so.
func (b *Bridge) releaseBatch(ctx context.Context, key database.EventKey, rooms []id.RoomID, follow *inviter.Follow) (replies.BatchProgress, error) {
	progress := replies.BatchProgress{Rooms: len(rooms)}
	orders := 0
	for _, room := range rooms {
		done, err := b.store.Release(ctx, key, room)
		if err != nil {
			return progress, err
		}
		progress.Released, orders = progress.Released+done.Invites, orders+done.Orders
	}
	b.inviter.Wake()
	b.log.Info("batch released", zap.Stringer("event", key), zap.Int("invites", progress.Released), zap.Int("orders", orders))
	var err error
	if progress.Progress, err = follow.Progress(ctx); err != nil {
		return progress, err
	}
	progress.Done = progress.Released+progress.Left+progress.PutOff == 0
	progress.Hindrance, err = b.hindrance(ctx, key)
	progress.Now = b.now()
	return progress, err
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
	c.refuse(ctx, decision)
	return decision, false
}

// over reports whether there is nothing more to show: everybody has been looked at, or who has not will not be soon.
func over(p replies.BatchProgress) bool {
	return p.Left == 0 && (p.PutOff == 0 || p.Next.Sub(p.Now) > putOffPatience)
}

// showBatch edits the batch's message until nobody is left to be asked in its rooms. It only looks: what is done is done by the inviter, from rows.
func (b *Bridge) showBatch(running context.Context, told *said, what shown, follow *inviter.Follow, progress replies.BatchProgress) {
	ctx, end := b.batches.Begin(running, what)
	defer end()
	tick := time.NewTicker(progressEvery)
	defer tick.Stop()
	last, edits, rest := "", 0, 0
	for ; !progress.Done; rest-- {
		select {
		case <-ctx.Done():
			if running.Err() == nil {
				told.edit(running, replies.BatchShownAnew)
			}
			return
		case <-tick.C:
		}
		if err := b.look(ctx, what.event, follow, &progress); err != nil {
			if ctx.Err() == nil {
				b.log.Error("batch not followed", zap.Error(err))
				return
			}
			continue
		}
		if text := replies.Batch(progress); text != last && (progress.Done || rest <= 0) {
			told.edit(ctx, text)
			last, rest = text, min(edits, progressRests)+1
			edits++
		}
	}
}

// look brings the progress up to date.
func (b *Bridge) look(ctx context.Context, key database.EventKey, follow *inviter.Follow, progress *replies.BatchProgress) (err error) {
	if progress.Progress, err = follow.Progress(ctx); err != nil {
		return err
	}
	progress.Now = b.now()
	progress.Done = over(*progress)
	if progress.PutOff > 0 {
		progress.Hindrance, err = b.hindrance(ctx, key)
	}
	return err
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
		c.tell(ctx, decision.Answer, replies.Stopped(stopped))
	})
}
