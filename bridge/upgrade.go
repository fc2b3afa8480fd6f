package bridge

import (
	"context"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
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
	b.tellControlReplaced(ctx, evt.RoomID, successor)
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
		b.move(ctx, known, link, old.Joined(b.hs.Bot()))
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

// move takes the link along, and the bots out of the old room. Where the bridge bot was to be spoken to there, it comes too.
func (b *Bridge) move(ctx context.Context, known database.Event, link database.Link, bothBots bool) {
	if err := b.store.MoveLink(ctx, link.Event, link.Room, link.Successor); err != nil {
		b.log.Error("link not moved", roomField(link.Room), errorField(err))
		return
	}
	b.inviter.RoomChanged(link.Successor)
	b.inviter.Wake()
	if bothBots {
		err := b.hs.Invite(ctx, known.Bot, link.Successor, b.hs.Bot(), "Takes commands")
		if err == nil {
			err = b.hs.Join(ctx, b.hs.Bot(), link.Successor)
		}
		if err != nil {
			b.log.Info("bridge bot has not come along", roomField(link.Successor), errorField(err))
		}
	}
	b.depart(ctx, known.Bot, link.Room)
	b.tellEvent(ctx, known, sayFollowed(known, link))
}

// tellControlReplaced tells those who made a room a control room that it was replaced: nobody reads, and the bot may not speak, where it was.
func (b *Bridge) tellControlReplaced(ctx context.Context, room, successor id.RoomID) {
	controls, err := b.store.ControlsIn(ctx, room)
	if err != nil {
		b.log.Error("control rooms not read", errorField(err))
		return
	}
	told := make(map[id.UserID]bool)
	for _, control := range controls {
		if told[control.AddedBy] {
			continue
		}
		told[control.AddedBy] = true
		talk, err := b.hs.Direct(ctx, control.AddedBy)
		if err != nil {
			b.log.Info("no talk with who made a control room", roomField(room), errorField(err))
			continue
		}
		b.say(ctx, homeserver.Message{Room: talk, Markdown: sayControlReplaced(room, successor, b.hs.Bot())})
	}
}

// followControl lets a room that the bridge bot has come into be the control room that its predecessor was, if it is proven to replace it.
func (b *Bridge) followControl(ctx context.Context, room id.RoomID) {
	successor, err := b.hs.RoomState(ctx, b.hs.Bot(), room)
	if err != nil || successor.Levels.Predecessor() == "" {
		return
	}
	controls, err := b.store.ControlsIn(ctx, successor.Levels.Predecessor())
	if err != nil || len(controls) == 0 {
		return
	}
	old, err := b.hs.RoomState(ctx, b.hs.Bot(), successor.Levels.Predecessor(), successor.Levels.Creator())
	if err != nil {
		b.log.Info("replaced control room not read", roomField(old.ID), errorField(err))
		return
	}
	follow := authority.FollowControl(old, successor, b.hs.Bot())
	b.log.Info("control room replaced", roomField(old.ID), zap.String("follow", string(follow)))
	if follow != authority.Follows || !old.Upgraded {
		return
	}
	if err := b.store.MoveControls(ctx, old.ID, room); err != nil {
		b.log.Error("control room not moved", roomField(old.ID), errorField(err))
		return
	}
	b.say(ctx, homeserver.Message{Room: room, Markdown: sayControlFollowed(controls)})
	b.leaveUntied(ctx, old.ID)
}
