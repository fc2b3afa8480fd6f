package inviter

import (
	"context"
	"errors"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter/judge"
	"matrix-pretix/database"
)

const (
	// lookAge is how old a look at one person may be when their turn has come.
	lookAge = 5 * time.Second
	// rowAge is how old a row may be that nothing is known to have changed: about as long as an invite takes.
	rowAge = 100 * time.Millisecond
	// finishing is how long an invite that is under way when everything stops has to end and be recorded.
	finishing = 5 * time.Second
)

// seat is one person in one room.
type seat struct {
	room     id.RoomID
	attendee database.Attendee
}

// attempt is one invite on its way: whom, and what was found when that was last looked at.
type attempt struct {
	c         *call
	p         person
	who       id.UserID
	invite    database.Invite
	read      time.Time // when the row was read
	changes   uint64    // and how much had changed by then
	looked    time.Time // when the person and the room were looked at
	elsewhere bool      // and another event's invite was known

	wanted bool
	known  *judge.Outcome // what needs no asking
}

// invite asks somebody into a room when it is the room's turn, unless that has become pointless while they waited for it. The turn ends
// with the homeserver's answer: the next one need not wait until this one is written down. Until then the seat is taken, so that another
// order naming the same person finds the row as it is.
func (in *Inviter) invite(
	ctx context.Context, c *call, p person, who id.UserID, invite database.Invite, looked time.Time,
) (result, error) {
	leave, err := in.seats.Take(ctx, seat{invite.Room, invite.Attendee}, c.live)
	if err != nil {
		return result{}, err
	}
	defer leave()
	a := &attempt{c: c, p: p, who: who, invite: invite, looked: looked}
	give, err := in.turn(ctx, a)
	if err != nil {
		return result{}, err
	}
	defer give()
	end, cancel := outlast(ctx, finishing)
	defer cancel()
	o, err := in.ask(ctx, end, a)
	if err != nil {
		return result{}, err
	}
	if o == nil {
		return unasked(a.invite), nil
	}
	if o.Stop == "" { // a room with a fault is stopped before the next one's turn
		give()
	}
	return in.conclude(end, a.invite, *o)
}

// turn waits for the room's turn, and gets ready shortly before it, while the one before is being asked; who need not be asked takes no
// turn. When it has come the rows are looked at once more, for they may have changed. The returned function ends the turn, and may be
// called again.
func (in *Inviter) turn(ctx context.Context, a *attempt) (give func(), err error) {
	leave, err := in.rooms.Approach(ctx, a.invite.Room, a.c.live)
	if err != nil {
		return nil, err
	}
	give = sync.OnceFunc(leave)
	if err = in.check(ctx, a); err == nil && a.asks() {
		var end func()
		if end, err = in.rooms.Take(ctx, a.invite.Room, a.c.live); err == nil {
			give = sync.OnceFunc(func() {
				end()
				leave()
			})
			err = in.check(ctx, a)
		}
	}
	if err != nil {
		give()
		return nil, err
	}
	return give, nil
}

// asks says that the invite is to be sent, by what is known so far.
func (a *attempt) asks() bool { return a.wanted && a.known == nil }

// check finds out whether the invite is still to be sent. The rows are read each time, unless that was a moment ago and nothing has
// changed since: the order may say something new, somebody may have stopped the batch, unlinked the room or found a fault in it, another
// order or event may have asked the same person.
func (in *Inviter) check(ctx context.Context, a *attempt) error {
	changes := in.store.Changes()
	if changes == a.changes && in.now().Sub(a.read) < rowAge {
		return nil
	}
	a.changes, a.read = changes, in.now()
	row, err := in.store.Prospect(ctx, a.invite.Event, a.invite.Room, a.invite.Attendee)
	if errors.Is(err, database.ErrNotFound) {
		a.invite.State, a.wanted = "", false
		return nil
	}
	if err != nil {
		return err
	}
	a.invite, a.wanted = row.Invite, row.Open && ripe(row.Invite, in.now())
	if !a.wanted {
		return nil
	}
	if again := in.servers.RestsUntil(a.who.Homeserver()); !again.IsZero() {
		a.known = new(in.setAside(a.who, again))
		return nil
	}
	if in.now().Sub(a.looked) <= lookAge && row.Elsewhere == a.elsewhere {
		return nil
	}
	o, known, err := in.look(ctx, a.c, a.p, a.invite)
	if err == nil && known {
		a.known = &o
	}
	a.looked, a.elsewhere = in.now(), row.Elsewhere
	return err
}

// ask does what belongs into the room's turn. Without an outcome there was nothing to ask any more. What lives until end may outlast
// ctx.
func (in *Inviter) ask(ctx, end context.Context, a *attempt) (*judge.Outcome, error) {
	if !a.asks() {
		return a.known, nil
	}
	errand, again := in.servers.Send(a.who.Homeserver())
	if errand == nil {
		return new(in.setAside(a.who, again)), nil
	}
	err := in.hs.Invite(end, a.c.event.Bot, a.invite.Room, a.who, a.c.reason)
	errand.Ended(judge.AnswerOf(err))
	if err != nil {
		o, err := in.refused(ctx, a.c, a.p, a.who, a.invite, err)
		return &o, err
	}
	in.lists.changed(a.invite.Room, a.who, event.MembershipInvite)
	return new(judge.Invite(judge.Aftermath{})), nil
}

// refused finds out what it means that an invite was not accepted: it looks at room and person anew before it judges.
func (in *Inviter) refused(
	ctx context.Context, c *call, p person, who id.UserID, invite database.Invite, refusal error,
) (judge.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return judge.Outcome{}, err
	}
	a := judge.Aftermath{Answer: judge.AnswerOf(refusal), Remote: !in.servers.Own(who.Homeserver()), Past: judge.PastOf(invite)}
	if a.Limited() {
		in.limitTold.Do(func() {
			in.log.Warn("the homeserver limits how many people the bridge may invite, which makes batches slow: its registration should " +
				"say rate_limited: false, as registration.yaml does; load it anew and restart the homeserver")
		})
		return judge.Invite(a), nil
	}
	if errors.Is(refusal, homeserver.ErrUnavailable) {
		if err := in.outage(ctx); err != nil {
			return judge.Outcome{}, err
		}
	}
	in.standings.forget(invite.Room)
	var err error
	if a.Room, err = in.readStanding(ctx, c.event.Bot, invite.Room); err != nil {
		return judge.Outcome{}, err
	}
	for _, spelling := range p.ids {
		is, err := in.hs.Membership(ctx, c.event.Bot, invite.Room, spelling)
		if err == nil {
			in.lists.changed(invite.Room, spelling, is)
			a.Person = append(a.Person, is)
		} else if ctx.Err() != nil {
			return judge.Outcome{}, ctx.Err()
		}
	}
	return judge.Invite(a), nil
}

// conclude writes down what became of an invite, or stops the room.
func (in *Inviter) conclude(ctx context.Context, invite database.Invite, o judge.Outcome) (result, error) {
	if o.Stop != "" {
		r := unasked(invite)
		r.stopped = true
		return r, in.suspend(ctx, invite.Event, invite.Room, o.Stop)
	}
	r := result{room: invite.Room, attendee: invite.Attendee, state: o.State, asked: o.Sent}
	if o.State == database.InviteWaiting {
		r.until = in.now().Add(o.Wait)
	}
	_, err := in.store.Outcome(ctx, invite.Event, invite.Room, invite.Attendee, database.Outcome{
		State: o.State, Reason: o.Reason, WaitUntil: r.until, Asked: o.Sent,
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
