package inviter

import (
	"context"
	"errors"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// result is what became of one invite.
type result struct {
	room     id.RoomID
	attendee database.Attendee
	state    database.InviteState
	until    time.Time
	asked    bool // the invite was sent now
	stopped  bool // its room is stopped, and it is left as it is
}

// askPerson deals with everything that is to be asked of one person: what needs no asking first, then whether they exist, then the
// invites.
func (in *Inviter) askPerson(ctx context.Context, c *call, p person) ([]result, error) {
	var results []result
	var open []database.Invite
	for _, invite := range p.invites {
		o, known, err := in.look(ctx, c, p, invite)
		if err != nil {
			return nil, err
		}
		if !known {
			open = append(open, invite)
			continue
		}
		r, err := in.conclude(ctx, invite, o)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	if len(open) == 0 {
		return results, nil
	}
	who, o, err := in.find(ctx, c, p, open)
	if err != nil {
		return nil, err
	}
	looked := in.now()
	for _, invite := range open {
		var r result
		if who == "" {
			r, err = in.conclude(ctx, invite, o)
		} else {
			r, err = in.invite(ctx, c, p, who, invite, looked)
		}
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// look finds out what needs no asking: a room that cannot be invited into, somebody who is there already or must not be asked.
func (in *Inviter) look(ctx context.Context, c *call, p person, invite database.Invite) (outcome, bool, error) {
	for _, who := range p.ids {
		if in.hs.IsOurs(who) {
			return failure(database.ReasonOurs), true, nil
		}
	}
	stands, err := in.standing(ctx, c.event.Bot, invite.Room)
	if err != nil {
		return outcome{}, false, err
	}
	if stands.stop != "" {
		return outcome{stop: stands.stop}, true, nil
	}
	if stands.unsure {
		return pastOf(invite).later(database.ReasonHomeserver, trialWaits), true, nil
	}
	return in.presence(ctx, c, p, invite)
}

// presence looks up how the person stands in the room: in the room's list where there is one, else by asking about this person.
func (in *Inviter) presence(ctx context.Context, c *call, p person, invite database.Invite) (outcome, bool, error) {
	memberships := make([]event.Membership, 0, len(p.ids))
	for _, who := range p.ids {
		is, err := in.membership(ctx, c.event.Bot, invite.Room, who)
		if err != nil {
			return in.unread(ctx, invite, err)
		}
		memberships = append(memberships, is)
	}
	v, known := stands(memberships, invite.Again)
	return outcome{verdict: v}, known, nil
}

func (in *Inviter) membership(ctx context.Context, bot id.UserID, room id.RoomID, who id.UserID) (event.Membership, error) {
	is, pinned, err := in.lists.membership(ctx, bot, room, who)
	if pinned || err != nil {
		return is, err
	}
	return in.hs.Membership(ctx, bot, room, who)
}

// unread says what follows when the homeserver does not tell who is in a room.
func (in *Inviter) unread(ctx context.Context, invite database.Invite, err error) (outcome, bool, error) {
	if ended := ctx.Err(); ended != nil {
		return outcome{}, false, ended
	}
	if fault := faultOf(err); fault != nil {
		return outcome{}, false, fault
	}
	if errors.Is(err, homeserver.ErrUnavailable) {
		if err := in.outage(ctx); err != nil {
			return outcome{}, false, err
		}
	}
	if stands := refusedStanding(answerOf(err)); stands.stop != "" {
		in.standings.forget(invite.Room)
		return outcome{stop: stands.stop}, true, nil
	}
	if a := answerOf(err); a.status == 429 {
		return pastOf(invite).limited(a.retryAfter), true, nil
	}
	return pastOf(invite).later(database.ReasonHomeserver, trialWaits), true, nil
}

// find looks for the person under each spelling. Without one, the outcome says why.
func (in *Inviter) find(ctx context.Context, c *call, p person, open []database.Invite) (id.UserID, outcome, error) {
	past := pastOf(slices.MaxFunc(open, func(a, b database.Invite) int { return a.Attempts - b.Attempts }))
	for _, who := range p.ids {
		there, o, err := in.exists(ctx, who, c.live, past)
		if err != nil {
			return "", outcome{}, err
		}
		if o.state != "" {
			return "", o, nil
		}
		if there {
			return who, outcome{}, nil
		}
	}
	wait := unknownPersonWait(past.tries(database.ReasonNotFound), in.now(), in.when(ctx, c, open[0]))
	return "", waitFor(database.ReasonNotFound, wait), nil
}

// exists looks somebody up when it is their server's turn. An outcome with a state says that it cannot be known now.
func (in *Inviter) exists(ctx context.Context, who id.UserID, live bool, past past) (bool, outcome, error) {
	turn, again, err := in.servers.enter(ctx, who.Homeserver(), live)
	if err != nil {
		return false, outcome{}, err
	}
	if turn == nil {
		return false, in.setAside(who, again), nil
	}
	existence, err := in.hs.Exists(ctx, who)
	switch {
	case err == nil:
		turn.answered()
		return existence != homeserver.Unknown, outcome{}, nil
	case ctx.Err() != nil:
		turn.dropped()
		return false, outcome{}, ctx.Err()
	case !errors.Is(err, homeserver.ErrUnavailable):
		turn.answered()
		if a := answerOf(err); a.status == 429 {
			return false, past.limited(a.retryAfter), nil
		}
		return true, outcome{}, nil // it does not tell: an invite will
	}
	if err := in.outage(ctx); err != nil {
		turn.dropped()
		return false, outcome{}, err
	}
	if who.Homeserver() == in.servers.own {
		turn.dropped()
		return false, past.later(database.ReasonHomeserver, trialWaits), nil
	}
	turn.failed()
	return false, past.later(database.ReasonUnreachable, serverWaits), nil
}

// setAside is for somebody whose server has no turn for them now: it does not answer and is left alone, or one of its people finds out
// whether it is back, or it is too slow for all of them at once.
func (in *Inviter) setAside(who id.UserID, again time.Time) outcome {
	reason := database.ReasonLimited
	if in.servers.silent(who.Homeserver()) {
		reason = database.ReasonUnreachable
	}
	return waitFor(reason, max(again.Sub(in.now()), time.Second))
}
