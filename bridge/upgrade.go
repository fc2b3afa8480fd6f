package bridge

import (
	"context"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
)

// followTime is how long a link may follow its room to the one that replaces it.
const followTime = 7 * 24 * time.Hour

// tombstoned suspends the links of a room that was replaced. Anybody can call a room a successor, so they follow only once all that
// [authority.FollowUpgrade] asks for is true.
func (b *Bridge) tombstoned(ctx context.Context, evt *event.Event) {
	links, err := b.store.LinksIn(ctx, evt.RoomID)
	if err != nil {
		b.log.Error("links not read", errorField(err))
		return
	}
	successor := evt.Content.AsTombstone().ReplacementRoom
	for _, link := range links {
		if link.Successor == successor && link.Reason == database.LinkReplaced {
			continue
		}
		known, err := b.store.Event(ctx, link.Event)
		if err == nil {
			err = b.suspendReplaced(ctx, link, successor)
		}
		if err != nil {
			b.log.Error("replaced room not suspended", roomField(evt.RoomID), errorField(err))
			continue
		}
		b.tellEvent(ctx, known, sayReplaced(known, link.Room, successor))
		if successor != "" {
			b.followUpgrade(ctx, known, link)
		}
	}
}

func (b *Bridge) suspendReplaced(ctx context.Context, link database.Link, successor id.RoomID) error {
	if err := b.store.SetLinkState(ctx, link.Event, link.Room, database.LinkSuspended, database.LinkReplaced); err != nil {
		return err
	}
	until := b.now().Add(followTime)
	if successor == "" {
		until = time.Time{}
	}
	return b.store.SetSuccessor(ctx, link.Event, link.Room, successor, until)
}

// followUpgrade moves a link to the room that replaces its own, if that is proven by now. Where the bot has come into a room that proves to be no
// successor, it leaves again.
func (b *Bridge) followUpgrade(ctx context.Context, known database.Event, link database.Link) {
	link, err := b.store.Link(ctx, link.Event, link.Room)
	if err != nil || link.Successor == "" || b.now().After(link.FollowUntil) {
		return
	}
	old, errOld := b.hs.RoomState(ctx, known.Bot, link.Room)
	successor, errNew := b.hs.RoomState(ctx, known.Bot, link.Successor)
	if errOld != nil || errNew != nil {
		return // the bot is not in both: it follows when it is invited
	}
	maker := successor.Levels.Creator()
	if membership, err := b.hs.Membership(ctx, known.Bot, link.Room, maker); err == nil {
		old.Members[maker] = membership
	}
	follow := authority.FollowUpgrade(old, successor, known.Bot)
	b.log.Info("room replaced", zap.Stringer("event", known.Key), roomField(link.Room), zap.String("follow", string(follow)))
	switch follow {
	case authority.Follows:
		b.move(ctx, known, link)
	case authority.NotSuccessor, authority.NotByAdmin:
		if err := b.hs.Leave(ctx, known.Bot, link.Successor, ""); err != nil {
			b.log.Info("event bot has not left", roomField(link.Successor), errorField(err))
		}
		if err := b.store.SetSuccessor(ctx, link.Event, link.Room, "", time.Time{}); err != nil {
			b.log.Error("successor not forgotten", errorField(err))
		}
		b.tellEvent(ctx, known, sayNotFollowed(known, link, follow))
	case authority.AwaitsBotRole:
		b.tellEvent(ctx, known, sayFollowAwaitsRole(known, link, successor.Levels.InviteLevel()))
	}
}

func (b *Bridge) move(ctx context.Context, known database.Event, link database.Link) {
	if err := b.store.MoveLink(ctx, link.Event, link.Room, link.Successor); err != nil {
		b.log.Error("link not moved", roomField(link.Room), errorField(err))
		return
	}
	b.inviter.RoomChanged(link.Successor)
	b.inviter.Wake()
	b.tellEvent(ctx, known, sayFollowed(known, link))
}
