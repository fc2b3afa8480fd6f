package bridge

import (
	"context"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

// admit decides on an invite of an event bot. It comes into a room only where a link waits for it; everything else is for the bridge bot.
func (b *Bridge) admit(ctx context.Context, invitation homeserver.Invitation) homeserver.Admission {
	declined := homeserver.Admission{Reason: replies.TalkToBridge(b.hs.Bot())}
	known, err := b.store.EventByBot(ctx, invitation.Bot)
	if err != nil {
		return declined
	}
	link, err := b.store.Link(ctx, known.Key, invitation.Room)
	switch {
	case err == nil && link.Reason == database.LinkReplaced:
		return declined
	case err == nil && link.State == database.LinkSuspended:
		return b.admitAgain(ctx, invitation)
	case err == nil:
		return homeserver.Admission{Accept: true}
	}
	awaiting, err := b.store.AwaitingSuccessor(ctx, invitation.Room)
	for _, link := range awaiting {
		if err == nil && link.Event == known.Key {
			return homeserver.Admission{Accept: true}
		}
	}
	return declined
}

// admitAgain decides on an invite of an event bot that was put out: it comes back only if somebody asks it in who may have linked the room. Who that is
// can be seen from inside the room only, so the bridge bot has to be there.
func (b *Bridge) admitAgain(ctx context.Context, invitation homeserver.Invitation) homeserver.Admission {
	state, err := b.hs.RoomState(ctx, b.hs.Bot(), invitation.Room, invitation.By)
	switch {
	case err != nil || state.Why() != authority.Readable:
		return homeserver.Admission{Reason: replies.BridgeFirst(b.hs.Bot())}
	case !state.Admin(invitation.By):
		return homeserver.Admission{Reason: replies.ByAdminOnly(state.Levels.AdminLevel())}
	}
	return homeserver.Admission{Accept: true}
}

// entered follows when one of our users has come into a room by an invite.
func (b *Bridge) entered(ctx context.Context, entered homeserver.Entered) {
	if entered.Bot == b.hs.Bot() {
		b.greet(ctx, entered)
		b.followControl(ctx, entered.Room)
		return
	}
	known, err := b.store.EventByBot(ctx, entered.Bot)
	if err != nil {
		b.log.Warn("bot of no event in a room", zap.Stringer("room_id", entered.Room), zap.Error(err))
		return
	}
	awaiting, err := b.store.AwaitingSuccessor(ctx, entered.Room)
	if err != nil {
		b.log.Error("links not read", zap.Error(err))
		return
	}
	for _, link := range awaiting {
		if link.Event == known.Key {
			b.follow(ctx, known, link.Room)
		}
	}
	b.inviter.RoomChanged(entered.Room)
	b.resume(ctx, known, entered.Room)
}

// greet says in a new direct talk what one can do here. In other rooms the bridge bot is silent until it is spoken to.
func (b *Bridge) greet(ctx context.Context, entered homeserver.Entered) {
	if !entered.Direct || !b.alone(ctx, entered.Room, entered.By) {
		return // a room made for an event has only its maker in it at first, too
	}
	b.say(ctx, homeserver.Message{Room: entered.Room, Markdown: replies.Welcome(b.prefix)})
}

// resume turns a link on that has waited for the bot or its power since it was made, and tells those who command if it works now. Links that were on
// before are the inviter's to turn on again.
func (b *Bridge) resume(ctx context.Context, known database.Event, room id.RoomID) {
	link, err := b.store.Link(ctx, known.Key, room)
	if err != nil || link.State != database.LinkPending {
		return
	}
	changed, err := b.activate(ctx, known, room)
	if err == nil && changed {
		link, err = b.store.Link(ctx, known.Key, room)
	}
	if err != nil {
		b.log.Info("link not resumed", zap.Stringer("room_id", room), zap.Error(err))
		return
	}
	if changed {
		b.tellEvent(ctx, known, replies.LinkNews(known, link))
	}
}

// memberChanged takes note of each change of membership. Events are hints: what counts is read before it is acted on.
func (b *Bridge) memberChanged(ctx context.Context, evt *event.Event) {
	whose := id.UserID(evt.GetStateKey())
	if !b.hs.IsOurs(whose) {
		b.inviter.MemberChanged(ctx, evt)
		return
	}
	b.inviter.RoomChanged(evt.RoomID) // one that was put out suspends its link, and says so
}

// powerChanged looks again at what depends on power in a room.
func (b *Bridge) powerChanged(ctx context.Context, evt *event.Event) {
	b.inviter.RoomChanged(evt.RoomID)
	links, err := b.store.LinksIn(ctx, evt.RoomID)
	if err != nil {
		b.log.Error("links not read", zap.Error(err))
		return
	}
	awaiting, err := b.store.AwaitingSuccessor(ctx, evt.RoomID)
	if err != nil {
		b.log.Error("links not read", zap.Error(err))
		return
	}
	for _, link := range append(links, awaiting...) {
		known, err := b.store.Event(ctx, link.Event)
		switch {
		case err != nil:
			b.log.Error("event not read", zap.Error(err))
		case link.Successor == evt.RoomID:
			b.follow(ctx, known, link.Room)
		default:
			b.resume(ctx, known, link.Room)
		}
	}
}
