package homeserver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// joinTries are the waits between tries to join a room into which one was invited. The invite is there already, but the rest
// of a far-away room may not be yet.
var joinTries = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second}

// member handles a change of membership: of one of our own users, and for the handler of anybody.
func (d *Dispatcher) member(ctx context.Context, evt *event.Event) {
	whose, membership := id.UserID(evt.GetStateKey()), evt.Content.AsMember().Membership
	switch {
	case !d.s.IsOurs(whose):
		d.forgetLeaver(ctx, evt, membership)
	case membership == event.MembershipInvite && !d.s.IsOurs(evt.Sender):
		d.invited(ctx, evt)
	case whose == d.s.Bot() && membership == event.MembershipJoin:
		d.warn(ctx, "room just joined not read", evt.RoomID, d.s.prepareRoom(ctx, evt.RoomID, false))
	case whose == d.s.Bot():
		d.warn(ctx, "room just left not forgotten", evt.RoomID, d.leftRoom(ctx, evt.RoomID))
	}
	call(ctx, d.handlers.Member, evt)
}

// forgetLeaver forgets what encryption kept of somebody who left an encrypted room.
func (d *Dispatcher) forgetLeaver(ctx context.Context, evt *event.Event, membership event.Membership) {
	if membership != event.MembershipLeave && membership != event.MembershipBan {
		return
	}
	encrypted, err := d.s.store.IsEncrypted(ctx, evt.RoomID)
	if err == nil && encrypted {
		err = d.s.ForgetStrangers(ctx)
	}
	d.warn(ctx, "leaver not forgotten", evt.RoomID, err)
}

// leftRoom forgets a room in which the bridge bot is no more: nothing of what happens there is told to it, so what it knows
// would only grow old.
func (d *Dispatcher) leftRoom(ctx context.Context, room id.RoomID) error {
	return errors.Join(d.s.ForgetRoom(ctx, room), d.s.directs.ForgetDirect(ctx, room))
}

func (d *Dispatcher) warn(ctx context.Context, what string, room id.RoomID, err error) {
	if err != nil && ctx.Err() == nil {
		d.log.Warn(what, zap.Stringer("room_id", room), zap.Error(err))
	}
}

// invited accepts or declines an invite of one of our users.
func (d *Dispatcher) invited(ctx context.Context, evt *event.Event) {
	invitation := Invitation{
		Bot: id.UserID(evt.GetStateKey()), Room: evt.RoomID, By: evt.Sender, Direct: evt.Content.AsMember().IsDirect,
	}
	admission := d.admit(ctx, invitation)
	if !admission.Accept {
		d.warn(ctx, "invite not declined", evt.RoomID, d.s.Leave(ctx, invitation.Bot, invitation.Room, admission.Reason))
		return
	}
	if err := d.accept(ctx, invitation); err != nil {
		d.warn(ctx, "invite not accepted", evt.RoomID, err)
		return
	}
	entered := Entered{Invitation: invitation}
	if invitation.Bot == d.s.Bot() {
		d.settle(ctx, &entered)
	}
	if d.handlers.Entered != nil {
		d.handlers.Entered(ctx, entered)
	}
}

// admit decides on an invite.
func (d *Dispatcher) admit(ctx context.Context, invitation Invitation) Admission {
	switch {
	case invitation.Bot == d.s.Bot():
		if !d.s.MayCommand(invitation.By) {
			return Admission{Reason: "Whoever runs this bot has not allowed you to use it."}
		}
		return Admission{Accept: true}
	case invitation.Direct:
		return Admission{Reason: fmt.Sprintf("I only send invitations. Please talk to %s instead.", d.s.Bot())}
	case d.handlers.Admit == nil:
		return Admission{Reason: fmt.Sprintf("I only come where somebody linked my event. Please ask %s.", d.s.Bot())}
	}
	return d.handlers.Admit(ctx, invitation)
}

// accept joins, with a few more tries if it does not work at once.
func (d *Dispatcher) accept(ctx context.Context, invitation Invitation) error {
	_, server, _ := invitation.By.Parse()
	for _, wait := range joinTries {
		err := d.s.Join(ctx, invitation.Bot, invitation.Room, server)
		if err == nil || !worthAnotherTry(err) {
			return err
		}
		if answer, ok := errors.AsType[*Error](err); ok {
			wait = max(wait, answer.RetryAfter)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
	return d.s.Join(ctx, invitation.Bot, invitation.Room, server)
}

func worthAnotherTry(err error) bool {
	answer, ok := errors.AsType[*Error](err)
	return errors.Is(err, ErrUnavailable) || ok && answer.RetryAfter > 0
}

// settle makes the bridge bot ready to speak where it has come in, and keeps a talk of two as such.
func (d *Dispatcher) settle(ctx context.Context, entered *Entered) {
	err := d.s.PrepareRoom(ctx, entered.Room)
	if err == nil {
		entered.Encrypted, err = d.s.Encrypted(ctx, d.s.Bot(), entered.Room)
	}
	d.warn(ctx, "room just joined not read", entered.Room, err)
	if !entered.Direct {
		return
	}
	private, err := d.s.Private(ctx, entered.Room, entered.By)
	if err == nil && private {
		err = d.s.directs.SetDirect(ctx, entered.By, entered.Room)
	}
	d.warn(ctx, "direct room not kept", entered.Room, err)
}
