package homeserver

import (
	"context"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/appservice"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// lateAfter is how old a message may be to be done and not only answered.
const lateAfter = 5 * time.Minute

// tidyEvery is how often what encryption kept of strangers is looked for.
const tidyEvery = time.Hour

// Dispatcher hears for the bridge, in the place of the framework's own event handling, which would write down whoever it sees.
type Dispatcher struct {
	s        *Server
	handlers Handlers
	log      *zap.Logger
	queues   *queues
	deaf     *deafness
}

// NewDispatcher makes a dispatcher and puts it in the framework's place. It must be called before the bridge is started.
func (s *Server) NewDispatcher(handlers Handlers) *Dispatcher {
	d := &Dispatcher{
		s: s, handlers: handlers, log: s.log.Named("dispatcher"), deaf: newDeafness(s.now),
	}
	d.queues = newQueues(d.handle, d.log)
	s.store.changed = func(room id.RoomID) { s.room(room).changes.Add(1) }
	processor := appservice.NewEventProcessor(s.mx.AS)
	processor.ExecMode = appservice.Sync
	for _, kind := range []event.Type{
		event.EventMessage, event.EventEncrypted, event.StateMember,
		event.StatePowerLevels, event.StateCreate, event.StateTombstone, event.StateEncryption,
	} {
		processor.On(kind, d.receive)
	}
	s.mx.EventProcessor = processor
	return d
}

// Run works until ctx ends and everything in hand has been put down. What is still queued then is dropped: the homeserver was
// told already that it has arrived, so nobody may rely on hearing of anything.
func (d *Dispatcher) Run(ctx context.Context) error {
	tidied := make(chan struct{})
	go func() {
		defer close(tidied)
		d.tidy(ctx)
	}()
	err := d.queues.run(ctx)
	<-tidied
	return err
}

// tidy forgets strangers, and makes up for what could not be erased. At the start the framework may still be changing its tables.
func (d *Dispatcher) tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for first := true; ; first = false {
		err := d.s.ForgetStrangers(ctx)
		if err == nil && !first {
			err = d.s.Erase(ctx)
		}
		if err != nil && ctx.Err() == nil {
			d.log.Warn("strangers not forgotten", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// receive takes an event from the framework and returns at once: it holds up everything else that arrives.
func (d *Dispatcher) receive(ctx context.Context, evt *event.Event) {
	switch evt.Type {
	case event.StateMember:
		d.renewKeys(ctx, evt)
		d.queues.put(ctx, queueKey{evt.RoomID, stateLane}, received{evt: evt})
	case event.EventMessage, event.EventEncrypted:
		if d.s.IsOurs(evt.Sender) {
			return
		}
		late := d.s.now().UnixMilli()-evt.Timestamp > lateAfter.Milliseconds()
		d.queues.put(ctx, queueKey{evt.RoomID, messageLane}, received{evt: evt, late: late})
	default:
		if evt.GetStateKey() == "" {
			d.queues.put(ctx, queueKey{evt.RoomID, stateLane}, received{evt: evt})
		}
	}
}

// renewKeys makes the next message in an encrypted room use a new key when somebody came or went: a newcomer has not got the
// old one, and who has gone must not have the new. It does not wait for its turn: what is said next must know of it already.
func (d *Dispatcher) renewKeys(ctx context.Context, evt *event.Event) {
	if d.s.mx.Crypto == nil || d.s.IsOurs(id.UserID(evt.GetStateKey())) {
		return
	}
	if !needsNewKey(previousMembership(evt), evt.Content.AsMember().Membership) {
		return
	}
	if encrypted, err := d.s.store.IsEncrypted(ctx, evt.RoomID); err != nil || encrypted {
		d.s.mx.Crypto.ResetSession(nobody.WithContext(ctx), evt.RoomID)
	}
}

// needsNewKey reports whether a change of membership changes who may read: somebody came, or somebody who was there is not any
// more. A new name does not, nor does an invite. If it is not known what was before, it may have.
func needsNewKey(before, now event.Membership) bool {
	if before == now {
		return false
	}
	return now == event.MembershipJoin || before == event.MembershipJoin || before == ""
}

// previousMembership is what the event replaced, empty if unknown.
func previousMembership(evt *event.Event) event.Membership {
	if evt.Unsigned.PrevContent == nil {
		return ""
	}
	membership, _ := evt.Unsigned.PrevContent.Raw["membership"].(string)
	return event.Membership(membership)
}

// handle does what an event asks for. It runs in the queue of its room.
func (d *Dispatcher) handle(ctx context.Context, r received) {
	evt := r.evt
	switch evt.Type {
	case event.EventMessage:
		d.hear(ctx, evt, r.late, false)
	case event.EventEncrypted:
		if decrypted := d.decrypt(ctx, r); decrypted != nil && decrypted.Type.Type == event.EventMessage.Type {
			d.hear(ctx, decrypted, r.late, true)
		}
	case event.StateMember:
		d.member(ctx, evt)
	case event.StateEncryption:
		if err := d.s.PrepareRoom(ctx, evt.RoomID); err != nil && ctx.Err() == nil {
			d.log.Warn("members of a room newly encrypted not read", zap.Stringer("room_id", evt.RoomID), zap.Error(err))
		}
		call(ctx, d.handlers.Encryption, evt)
	case event.StatePowerLevels:
		call(ctx, d.handlers.Power, evt)
	case event.StateCreate:
		call(ctx, d.handlers.Create, evt)
	case event.StateTombstone:
		call(ctx, d.handlers.Tombstone, evt)
	}
}

func call(ctx context.Context, handler func(context.Context, *event.Event), evt *event.Event) {
	if handler != nil {
		handler(ctx, evt)
	}
}

// hear hands a message on if a person typed it as something new.
func (d *Dispatcher) hear(ctx context.Context, evt *event.Event, late, encrypted bool) {
	content, ok := evt.Content.Parsed.(*event.MessageEventContent)
	if !ok || d.handlers.Command == nil || content.MsgType != event.MsgText {
		return
	}
	if content.NewContent != nil || content.RelatesTo.GetReplaceID() != "" {
		return // an edit: what it edits has been heard
	}
	content.RemoveReplyFallback()
	d.handlers.Command(ctx, Heard{Evt: evt, Text: content.Body, Thread: threadOf(evt), Encrypted: encrypted, Late: late})
}
