package inviter

import (
	"context"
	"errors"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

const (
	// lookAge is how old a look at one person may be when their turn has come.
	lookAge = 5 * time.Second
	// finishing is how long an invite that is under way when everything stops has to end and be recorded.
	finishing = 5 * time.Second
)

// seat is one person in one room.
type seat struct {
	room     id.RoomID
	attendee database.Attendee
}

// invite asks somebody into a room when it is the room's turn, unless that has become pointless while they waited for it. The turn
// ends with the homeserver's answer: the next one need not wait until this one is written down. Until then the seat is taken, so that
// another order naming the same person finds the row as it is.
func (in *Inviter) invite(
	ctx context.Context, c *call, p person, who id.UserID, invite database.Invite, looked time.Time,
) (result, error) {
	leave, err := in.seats.take(ctx, seat{invite.Room, invite.Attendee}, c.live)
	if err != nil {
		return result{}, err
	}
	defer leave()
	give, err := in.rooms.take(ctx, invite.Room, c.live)
	if err != nil {
		return result{}, err
	}
	give = sync.OnceFunc(give)
	defer give()
	end, cancel := outlast(ctx, finishing)
	defer cancel()
	o, invite, err := in.ask(ctx, end, c, p, who, invite, looked)
	if err != nil {
		return result{}, err
	}
	if o == nil {
		return unasked(invite), nil
	}
	if o.stop == "" { // a room with a fault is stopped before the next one's turn
		give()
	}
	if o.silent {
		in.servers.failed(who.Homeserver())
	}
	return in.conclude(end, invite, *o)
}

// ask does what belongs into the room's turn. Without an outcome there was nothing to ask any more. What lives until end may outlast
// ctx.
func (in *Inviter) ask(
	ctx, end context.Context, c *call, p person, who id.UserID, invite database.Invite, looked time.Time,
) (*outcome, database.Invite, error) {
	invite, wanted, err := in.stillWanted(ctx, c, invite)
	if err != nil || !wanted {
		return nil, invite, err
	}
	o, known, err := in.lookAgain(ctx, c, p, invite, looked)
	if err != nil || known {
		return &o, invite, err
	}
	if err = in.hs.Invite(end, c.event.Bot, invite.Room, who, c.reason); err != nil {
		o, err = in.refused(ctx, c, p, who, invite, err)
		return &o, invite, err
	}
	in.lists.changed(invite.Room, who, event.MembershipInvite)
	o = outcomeOf(aftermath{})
	return &o, invite, nil
}

// stillWanted reads the rows once more: another order naming the same person may have asked them, somebody may have stopped the
// batch, unlinked the room or found a fault in it.
func (in *Inviter) stillWanted(ctx context.Context, c *call, invite database.Invite) (database.Invite, bool, error) {
	link, err := in.store.Link(ctx, c.event.Key, invite.Room)
	if errors.Is(err, database.ErrNotFound) {
		invite.State = ""
		return invite, false, nil
	}
	if err != nil {
		return invite, false, err
	}
	now, err := in.store.Invite(ctx, c.event.Key, invite.Room, invite.Attendee)
	if errors.Is(err, database.ErrNotFound) {
		invite.State = ""
		return invite, false, nil
	}
	if err != nil {
		return invite, false, err
	}
	return now, link.State == database.LinkActive && ripe(now, in.now()), nil
}

// lookAgain looks at room and person once more if the last look is too old.
func (in *Inviter) lookAgain(ctx context.Context, c *call, p person, invite database.Invite, looked time.Time) (outcome, bool, error) {
	if in.now().Sub(looked) > lookAge {
		return in.look(ctx, c, p, invite)
	}
	return outcome{}, false, nil
}

// refused finds out what it means that an invite was not accepted: it looks at room and person anew before it judges.
func (in *Inviter) refused(
	ctx context.Context, c *call, p person, who id.UserID, invite database.Invite, refusal error,
) (outcome, error) {
	if err := ctx.Err(); err != nil {
		return outcome{}, err
	}
	a := aftermath{answer: answerOf(refusal), remote: who.Homeserver() != in.servers.own, past: pastOf(invite)}
	if a.limited() {
		in.limitTold.Do(func() {
			in.log.Warn("the homeserver limits how many people the bridge may invite, which makes batches slow: its registration should " +
				"say rate_limited: false, as registration.yaml does; load it anew and restart the homeserver")
		})
		return outcomeOf(a), nil
	}
	if errors.Is(refusal, homeserver.ErrUnavailable) {
		if err := in.outage(ctx); err != nil {
			return outcome{}, err
		}
	}
	in.standings.forget(invite.Room)
	var err error
	if a.room, err = in.readStanding(ctx, c.event.Bot, invite.Room); err != nil {
		return outcome{}, err
	}
	for _, spelling := range p.ids {
		is, err := in.hs.Membership(ctx, c.event.Bot, invite.Room, spelling)
		if err == nil {
			in.lists.changed(invite.Room, spelling, is)
			a.person = append(a.person, is)
		} else if ctx.Err() != nil {
			return outcome{}, ctx.Err()
		}
	}
	return outcomeOf(a), nil
}

// conclude writes down what became of an invite, or stops the room.
func (in *Inviter) conclude(ctx context.Context, invite database.Invite, o outcome) (result, error) {
	if o.stop != "" {
		r := unasked(invite)
		r.stopped = true
		return r, in.suspend(ctx, invite.Event, invite.Room, o.stop)
	}
	r := result{room: invite.Room, attendee: invite.Attendee, state: o.state, asked: o.sent}
	if o.state == database.InviteWaiting {
		r.until = in.now().Add(o.wait)
	}
	_, err := in.store.Outcome(ctx, invite.Event, invite.Room, invite.Attendee, database.Outcome{
		State: o.state, Reason: o.reason, WaitUntil: r.until, Asked: o.sent,
	})
	return r, err
}

// unasked is the result of leaving an invite as it is.
func unasked(invite database.Invite) result {
	return result{room: invite.Room, attendee: invite.Attendee, state: invite.State, until: invite.WaitUntil}
}

// outlast gives a context that lives on for a while when ctx ends, for what must not be cut short: an invite that has been sent
// should also be written down.
func outlast(ctx context.Context, longer time.Duration) (context.Context, context.CancelFunc) {
	end, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(longer, cancel) })
	return end, func() {
		stop()
		cancel()
	}
}
