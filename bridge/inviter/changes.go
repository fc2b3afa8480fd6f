package inviter

import (
	"context"
	"errors"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/inviter/judge"
	"matrix-pretix/database"
)

// MemberChanged takes in that somebody was invited, joined, left or was put out: by us, by themselves or by somebody else. It is for
// each member event of every room. Of people who are no attendees nothing is kept.
func (in *Inviter) MemberChanged(ctx context.Context, evt *event.Event) {
	if evt.StateKey == nil || evt.Type != event.StateMember {
		return
	}
	if err := evt.Content.ParseRaw(evt.Type); err != nil && !errors.Is(err, event.ErrContentAlreadyParsed) {
		return
	}
	who, is := id.UserID(*evt.StateKey), evt.Content.AsMember().Membership
	in.lists.changed(evt.RoomID, who, is)
	if in.hs.IsOurs(who) {
		in.RoomChanged(evt.RoomID)
		return
	}
	attendee := in.keys.Attendee(who)
	was, err := in.before(ctx, evt, attendee)
	if err != nil {
		in.log.Error("member not looked up", zap.Stringer("room_id", evt.RoomID), zap.Error(err))
		return
	}
	v, matters := judge.Turned(was, is, evt.Sender == who, in.hs.IsOurs(evt.Sender))
	if !matters {
		return
	}
	if _, err := in.store.MemberChanged(ctx, evt.RoomID, attendee, v.State, v.Reason); err != nil {
		in.log.Error("member not recorded", zap.Stringer("room_id", evt.RoomID), zap.Error(err))
	}
}

// before is how somebody who leaves stood in the room: as the event says, else as our own row does.
func (in *Inviter) before(ctx context.Context, evt *event.Event, attendee database.Attendee) (event.Membership, error) {
	if evt.Content.AsMember().Membership != event.MembershipLeave {
		return "", nil
	}
	if prev := evt.Unsigned.PrevContent; prev != nil {
		if err := prev.ParseRaw(evt.Type); err == nil || errors.Is(err, event.ErrContentAlreadyParsed) {
			return prev.AsMember().Membership, nil
		}
	}
	links, err := in.store.LinksIn(ctx, evt.RoomID)
	if err != nil {
		return "", err
	}
	for _, link := range links {
		invite, err := in.store.Invite(ctx, link.Event, evt.RoomID, attendee)
		if errors.Is(err, database.ErrNotFound) {
			continue
		}
		if err != nil {
			return "", err
		}
		if invite.State == database.InviteInvited {
			return event.MembershipInvite, nil
		}
	}
	return "", nil
}
