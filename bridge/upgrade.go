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

// toldReplaced and toldOver are what [database.Link] keeps of what was said about a replaced room, besides the answers of [authority.FollowUpgrade].
const (
	toldReplaced = "replaced"
	toldOver     = "over"
)

// tombstoned takes note that a room was replaced. An empty tombstone takes one back.
func (b *Bridge) tombstoned(ctx context.Context, evt *event.Event) {
	tombstone := evt.Content.AsTombstone()
	if tombstone.Body == "" && tombstone.ReplacementRoom == "" {
		return
	}
	b.tellControlReplaced(ctx, evt.RoomID, tombstone.ReplacementRoom)
	links, err := b.store.LinksIn(ctx, evt.RoomID)
	if err != nil {
		b.log.Error("links not read", zap.Error(err))
		return
	}
	for _, link := range links {
		b.replaced(ctx, link, tombstone.ReplacementRoom)
	}
}

// replaced suspends the link of a room that was replaced, by whatever way that was noticed. Anybody can call a room a successor, so the link follows
// only once all that [authority.FollowUpgrade] asks for is true.
func (b *Bridge) replaced(ctx context.Context, link database.Link, successor id.RoomID) {
	news, err := b.store.SuspendReplaced(ctx, link.Event, link.Room, successor)
	if err != nil {
		b.log.Error("replaced room not suspended", zap.Stringer("room_id", link.Room), zap.Error(err))
		return
	}
	if news {
		b.withKnown(ctx, link.Event, func(known database.Event) { b.follow(ctx, known, link.Room) })
	}
}

// findReplaced looks for tombstones in the linked rooms, and reports whether it has seen all: the homeserver tells of each once, and that word is lost
// if the program is killed just then. Afterwards they are noticed whenever somebody is to be invited.
func (b *Bridge) findReplaced(ctx context.Context, events []database.Event) bool {
	for _, known := range events {
		links, err := b.store.LinksOf(ctx, known.Key)
		if err != nil {
			b.log.Error("links not read", zap.Error(err))
			return false
		}
		for _, link := range links {
			if link.Reason == database.LinkReplaced {
				continue
			}
			successor, replaced, err := b.hs.Tombstone(ctx, known.Bot, link.Room)
			if passes(err) {
				b.log.Info("linked room not read", zap.Stringer("room_id", link.Room), zap.Error(err))
				return false
			}
			if err == nil && replaced {
				b.replaced(ctx, link, successor)
			}
		}
	}
	return true
}

// follow does what there is to do about a linked room that was replaced: it says so, moves the link to the successor if that is proven by now, and
// gives the successor up if it is proven wrong or the time is over. What was said stands in the link, so that it is said once.
func (b *Bridge) follow(ctx context.Context, known database.Event, room id.RoomID) {
	b.following.Lock()
	defer b.following.Unlock()
	link, err := b.store.Link(ctx, known.Key, room)
	if err != nil || link.Reason != database.LinkReplaced {
		return
	}
	if link.FollowTold == "" {
		b.tellFollow(ctx, known, &link, toldReplaced, replies.Replaced(known, link.Room, link.Successor))
	}
	switch {
	case link.Successor == "":
	case !b.now().Before(link.FollowUntil):
		b.tellFollow(ctx, known, &link, toldOver, replies.FollowOver(known, link))
		b.giveUp(ctx, known, link)
	default:
		b.followUpgrade(ctx, known, link)
	}
}

// followUpgrade reads both rooms and does as they say. Where the bot is not in both it does nothing: it follows when it is invited.
func (b *Bridge) followUpgrade(ctx context.Context, known database.Event, link database.Link) {
	successor, err := b.hs.RoomState(ctx, known.Bot, link.Successor)
	if err != nil {
		return
	}
	maker := successor.Levels.Creator()
	old, err := b.hs.RoomState(ctx, known.Bot, link.Room, maker)
	if err != nil {
		return
	}
	follow := authority.FollowUpgrade(old, successor, known.Bot)
	b.log.Info("room replaced", zap.Stringer("event", known.Key), zap.Stringer("room_id", link.Room), zap.String("follow", string(follow)))
	switch follow {
	case authority.Follows:
		b.move(ctx, known, link, old.Joined(b.hs.Bot()))
	case authority.NotSuccessor, authority.NotByAdmin:
		if b.tellFollow(ctx, known, &link, string(follow), replies.NotFollowed(known, link, follow)) {
			b.giveUp(ctx, known, link)
		}
	case authority.AwaitsBotRole:
		b.tellFollow(ctx, known, &link, string(follow), replies.FollowAwaitsRole(known, link, successor.Levels.InviteLevel()))
	}
}

// tellFollow says something about following a replaced room unless it was what was said last, and reports whether those who command know it. That the
// successor is no good is the last word about it.
func (b *Bridge) tellFollow(ctx context.Context, known database.Event, link *database.Link, what, text string) bool {
	if followSaid(link.FollowTold, what) {
		return true
	}
	if !b.tellEvent(ctx, known, text) {
		return false
	}
	if err := b.store.SetFollowTold(ctx, *link, what); err != nil {
		b.log.Error("what was said is not noted", zap.Stringer("room_id", link.Room), zap.Error(err))
	}
	link.FollowTold = what
	return true
}

// followSaid reports whether there is no need to say something after what was said last.
func followSaid(last, what string) bool {
	switch last {
	case toldOver, string(authority.NotSuccessor), string(authority.NotByAdmin):
		return true
	}
	return last == what
}

// giveUp ends waiting for a successor. If the bot is there for nothing else, it leaves; where that does not work now, [Bridge.upkeep] comes back to it.
func (b *Bridge) giveUp(ctx context.Context, known database.Event, link database.Link) {
	if !b.tied(ctx, known.Bot, link.Successor, link.Room) {
		if err := b.hs.Leave(ctx, known.Bot, link.Successor, ""); passes(err) {
			b.log.Info("event bot has not left", zap.Stringer("room_id", link.Successor), zap.Error(err))
			return
		}
	}
	if err := b.store.EndFollow(ctx, link); err != nil {
		b.log.Error("successor not forgotten", zap.Stringer("room_id", link.Room), zap.Error(err))
	}
}

// move takes the link along, and the bots out of the old room. Where the bridge bot was to be spoken to there, it comes too.
func (b *Bridge) move(ctx context.Context, known database.Event, link database.Link, bothBots bool) {
	if err := b.store.MoveLink(ctx, link.Event, link.Room, link.Successor); err != nil {
		b.log.Error("link not moved", zap.Stringer("room_id", link.Room), zap.Error(err))
		return
	}
	b.inviter.RoomChanged(link.Successor)
	b.inviter.Wake()
	if bothBots {
		err := b.hs.Invite(ctx, known.Bot, link.Successor, b.hs.Bot(), replies.BridgeComes)
		if err == nil {
			err = b.hs.Join(ctx, b.hs.Bot(), link.Successor)
		}
		if err != nil {
			b.log.Info("bridge bot has not come along", zap.Stringer("room_id", link.Successor), zap.Error(err))
		}
	}
	b.depart(ctx, known.Bot, link.Room)
	b.tellEvent(ctx, known, replies.Followed(known, link))
}

// tellControlReplaced tells those who made a room a control room that it was replaced: nobody reads, and the bot may not speak, where it was.
func (b *Bridge) tellControlReplaced(ctx context.Context, room, successor id.RoomID) {
	controls, err := b.store.ControlsIn(ctx, room)
	if err != nil {
		b.log.Error("control rooms not read", zap.Error(err))
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
			b.log.Info("no talk with who made a control room", zap.Stringer("room_id", room), zap.Error(err))
			continue
		}
		b.say(ctx, homeserver.Message{Room: talk, Markdown: replies.ControlReplaced(room, successor, b.hs.Bot())})
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
		b.log.Info("replaced control room not read", zap.Stringer("room_id", old.ID), zap.Error(err))
		return
	}
	follow := authority.FollowControl(old, successor, b.hs.Bot())
	b.log.Info("control room replaced", zap.Stringer("room_id", old.ID), zap.String("follow", string(follow)))
	if follow != authority.Follows || !old.Upgraded {
		return
	}
	if err := b.store.MoveControls(ctx, old.ID, room); err != nil {
		b.log.Error("control room not moved", zap.Stringer("room_id", old.ID), zap.Error(err))
		return
	}
	b.say(ctx, homeserver.Message{Room: room, Markdown: replies.ControlFollowed(controls)})
	b.leaveUntied(ctx, old.ID)
}
