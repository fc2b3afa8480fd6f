package keeper

import (
	"context"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
)

// Entered follows when one of our users has come into a room by an invite.
func (k *Keeper) Entered(ctx context.Context, entered homeserver.Entered) {
	if entered.Bot == k.hs.Bot() {
		k.followControl(ctx, entered.Room)
		return
	}
	known, err := k.store.EventByBot(ctx, entered.Bot)
	if err != nil {
		k.log.Warn("bot of no event in a room", zap.Stringer("room_id", entered.Room), zap.Error(err))
		return
	}
	awaiting, err := k.store.AwaitingSuccessor(ctx, entered.Room)
	if err != nil {
		k.log.Error("links not read", zap.Error(err))
		return
	}
	for _, link := range awaiting {
		if link.Event == known.Key {
			k.follow(ctx, known, link.Room)
		}
	}
	k.inviter.RoomChanged(entered.Room)
	k.resume(ctx, known, entered.Room)
}

// MemberChanged takes note of each change of membership. Events are hints: what counts is read before it is acted on.
func (k *Keeper) MemberChanged(ctx context.Context, evt *event.Event) {
	whose := id.UserID(evt.GetStateKey())
	if !k.hs.IsOurs(whose) {
		k.inviter.MemberChanged(ctx, evt)
		return
	}
	k.inviter.RoomChanged(evt.RoomID) // one that was put out suspends its link, and says so
}

// PowerChanged looks again at what depends on power in a room.
func (k *Keeper) PowerChanged(ctx context.Context, evt *event.Event) {
	k.inviter.RoomChanged(evt.RoomID)
	links, err := k.store.LinksIn(ctx, evt.RoomID)
	if err != nil {
		k.log.Error("links not read", zap.Error(err))
		return
	}
	awaiting, err := k.store.AwaitingSuccessor(ctx, evt.RoomID)
	if err != nil {
		k.log.Error("links not read", zap.Error(err))
		return
	}
	for _, link := range append(links, awaiting...) {
		known, err := k.store.Event(ctx, link.Event)
		switch {
		case err != nil:
			k.log.Error("event not read", zap.Error(err))
		case link.Successor == evt.RoomID:
			k.follow(ctx, known, link.Room)
		default:
			k.resume(ctx, known, link.Room)
		}
	}
}
