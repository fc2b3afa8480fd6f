package inviter

import (
	"context"
	"errors"
	"slices"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter/judge"
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
// invites, into all rooms at the same time: one in which an invite hangs delays no other.
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
	asked, err := together(ctx, open, roomsAtOnce, func(ctx context.Context, invite database.Invite) (result, error) {
		if who == "" {
			return in.conclude(ctx, invite, o)
		}
		return in.invite(ctx, c, p, who, invite, looked)
	})
	return append(results, asked...), err
}

// look finds out what needs no asking: a room that cannot be invited into, somebody who is there already or must not be asked.
func (in *Inviter) look(ctx context.Context, c *call, p person, invite database.Invite) (judge.Outcome, bool, error) {
	for _, who := range p.ids {
		if in.hs.IsOurs(who) {
			return judge.Failure(database.ReasonOurs), true, nil
		}
	}
	stands, err := in.standing(ctx, c.event.Bot, invite.Room)
	if err != nil {
		return judge.Outcome{}, false, err
	}
	if stands.Stop != "" {
		return judge.Outcome{Stop: stands.Stop}, true, nil
	}
	if stands.Unsure {
		return judge.PastOf(invite).Unanswered(), true, nil
	}
	return in.presence(ctx, c, p, invite)
}

// presence looks up how the person stands in the room: in the room's list where there is one, else by asking about this person.
func (in *Inviter) presence(ctx context.Context, c *call, p person, invite database.Invite) (judge.Outcome, bool, error) {
	memberships := make([]event.Membership, 0, len(p.ids))
	for _, who := range p.ids {
		is, err := in.membership(ctx, c.event.Bot, invite.Room, who)
		if err != nil {
			return in.unread(ctx, invite, err)
		}
		memberships = append(memberships, is)
	}
	v, known := judge.Stands(memberships, invite.Again)
	return judge.Outcome{Verdict: v}, known, nil
}

func (in *Inviter) membership(ctx context.Context, bot id.UserID, room id.RoomID, who id.UserID) (event.Membership, error) {
	is, pinned, err := in.lists.membership(ctx, bot, room, who)
	if pinned || err != nil {
		return is, err
	}
	return in.hs.Membership(ctx, bot, room, who)
}

// unread says what follows when the homeserver does not tell who is in a room.
func (in *Inviter) unread(ctx context.Context, invite database.Invite, err error) (judge.Outcome, bool, error) {
	if ended := ctx.Err(); ended != nil {
		return judge.Outcome{}, false, ended
	}
	if fault := faultOf(err); fault != nil {
		return judge.Outcome{}, false, fault
	}
	if errors.Is(err, homeserver.ErrUnavailable) {
		if err := in.outage(ctx); err != nil {
			return judge.Outcome{}, false, err
		}
	}
	if stands := judge.RefusedStanding(judge.AnswerOf(err)); stands.Stop != "" {
		in.standings.forget(invite.Room)
		return judge.Outcome{Stop: stands.Stop}, true, nil
	}
	if a := judge.AnswerOf(err); a.Status == 429 {
		return judge.PastOf(invite).Limited(a.RetryAfter), true, nil
	}
	return judge.PastOf(invite).Unanswered(), true, nil
}

// find looks for the person under each spelling. Without one, the outcome says why.
func (in *Inviter) find(ctx context.Context, c *call, p person, open []database.Invite) (id.UserID, judge.Outcome, error) {
	past := judge.PastOf(slices.MaxFunc(open, func(a, b database.Invite) int { return a.Attempts - b.Attempts }))
	for _, who := range p.ids {
		there, o, err := in.exists(ctx, who, c.live, past)
		if err != nil {
			return "", judge.Outcome{}, err
		}
		if o.State != "" {
			return "", o, nil
		}
		if there {
			return who, judge.Outcome{}, nil
		}
	}
	return "", past.Unknown(in.now(), in.when(ctx, c, open[0])), nil
}

// exists looks somebody up: those of our own homeserver all together, by their keys, the others and whoever has none when it is their
// server's turn. An outcome with a state says that it cannot be known now.
func (in *Inviter) exists(ctx context.Context, who id.UserID, live bool, past judge.Past) (bool, judge.Outcome, error) {
	if in.servers.Own(who.Homeserver()) && in.hs.HasKeys(ctx, who) {
		return true, judge.Outcome{}, nil
	}
	turn, again, err := in.servers.Enter(ctx, who.Homeserver(), live)
	if err != nil {
		return false, judge.Outcome{}, err
	}
	if turn == nil {
		return false, in.setAside(who, again), nil
	}
	existence, err := in.hs.Exists(ctx, who)
	switch {
	case err == nil:
		turn.Answered()
		return existence != homeserver.Unknown, judge.Outcome{}, nil
	case ctx.Err() != nil:
		turn.Dropped()
		return false, judge.Outcome{}, ctx.Err()
	case !errors.Is(err, homeserver.ErrUnavailable):
		turn.Answered()
		if a := judge.AnswerOf(err); a.Status == 429 {
			return false, past.Limited(a.RetryAfter), nil
		}
		return true, judge.Outcome{}, nil // it does not tell: an invite will
	}
	if err := in.outage(ctx); err != nil {
		turn.Dropped()
		return false, judge.Outcome{}, err
	}
	if in.servers.Own(who.Homeserver()) {
		turn.Dropped()
		return false, past.Unanswered(), nil
	}
	turn.Failed()
	return false, past.Unreachable(), nil
}

// setAside is for somebody whose server has no turn for them now: it does not answer and is left alone, or one of its people finds out
// whether it is back, or it is too slow for all of them at once.
func (in *Inviter) setAside(who id.UserID, again time.Time) judge.Outcome {
	reason := database.ReasonLimited
	if in.servers.Silent(who.Homeserver()) {
		reason = database.ReasonUnreachable
	}
	return judge.Wait(reason, max(again.Sub(in.now()), time.Second))
}
