package keeper

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

// Tombstoned takes note that a room was replaced. An empty tombstone takes one back.
func (k *Keeper) Tombstoned(ctx context.Context, evt *event.Event) {
	tombstone := evt.Content.AsTombstone()
	if tombstone.Body == "" && tombstone.ReplacementRoom == "" {
		return
	}
	k.tellControlReplaced(ctx, evt.RoomID, tombstone.ReplacementRoom)
	links, err := k.store.LinksIn(ctx, evt.RoomID)
	if err != nil {
		k.log.Error("links not read", zap.Error(err))
		return
	}
	for _, link := range links {
		k.replaced(ctx, link, tombstone.ReplacementRoom)
	}
}

// replaced suspends the link of a room that was replaced, by whatever way that was noticed. Anybody can call a room a successor, so the link follows
// only once all that [authority.FollowUpgrade] asks for is true.
func (k *Keeper) replaced(ctx context.Context, link database.Link, successor id.RoomID) {
	news, err := k.store.SuspendReplaced(ctx, link.Event, link.Room, successor)
	if err != nil {
		k.log.Error("replaced room not suspended", zap.Stringer("room_id", link.Room), zap.Error(err))
		return
	}
	if news {
		k.Follow(ctx, link)
	}
}

// findReplaced looks for tombstones in the linked rooms, and reports whether it has seen all: the homeserver tells of each once, and that word is lost
// if the program is killed just then. Afterwards they are noticed whenever somebody is to be invited.
func (k *Keeper) findReplaced(ctx context.Context, events []database.Event) bool {
	for _, known := range events {
		links, err := k.store.LinksOf(ctx, known.Key)
		if err != nil {
			k.log.Error("links not read", zap.Error(err))
			return false
		}
		for _, link := range links {
			if link.Reason == database.LinkReplaced {
				continue
			}
			successor, replaced, err := k.hs.Tombstone(ctx, known.Bot, link.Room)
			if homeserver.Passes(err) {
				k.log.Info("linked room not read", zap.Stringer("room_id", link.Room), zap.Error(err))
				return false
			}
			if err == nil && replaced {
				k.replaced(ctx, link, successor)
			}
		}
	}
	return true
}

// Follow does what there is to do about a linked room that was replaced, whoever noticed it.
func (k *Keeper) Follow(ctx context.Context, link database.Link) {
	known, err := k.store.Event(ctx, link.Event)
	if err != nil {
		k.log.Error("event not read", zap.Stringer("event", link.Event), zap.Error(err))
		return
	}
	k.follow(ctx, known, link.Room)
}

// follow says that a linked room was replaced, moves the link to the successor if that is proven by now, and gives the successor up if it is proven
// wrong or the time is over. What was said stands in the link, so that it is said once.
func (k *Keeper) follow(ctx context.Context, known database.Event, room id.RoomID) {
	k.following.Lock()
	defer k.following.Unlock()
	link, err := k.store.Link(ctx, known.Key, room)
	if err != nil || link.Reason != database.LinkReplaced {
		return
	}
	if link.FollowTold == "" {
		k.tellFollow(ctx, known, &link, toldReplaced, replies.Replaced(known, link.Room, link.Successor))
	}
	switch {
	case link.Successor == "":
	case !k.now().Before(link.FollowUntil):
		k.tellFollow(ctx, known, &link, toldOver, replies.FollowOver(known, link))
		k.giveUp(ctx, known, link)
	default:
		k.followUpgrade(ctx, known, link)
	}
}

// followUpgrade reads both rooms and does as they say. Where the bot is not in both it does nothing: it follows when it is invited.
func (k *Keeper) followUpgrade(ctx context.Context, known database.Event, link database.Link) {
	successor, err := k.hs.RoomState(ctx, known.Bot, link.Successor)
	if err != nil {
		return
	}
	maker := successor.Levels.Creator()
	old, err := k.hs.RoomState(ctx, known.Bot, link.Room, maker)
	if err != nil {
		return
	}
	follow := authority.FollowUpgrade(old, successor, known.Bot)
	k.log.Info("room replaced", zap.Stringer("event", known.Key), zap.Stringer("room_id", link.Room), zap.String("follow", string(follow)))
	switch follow {
	case authority.Follows:
		k.move(ctx, known, link, old.Joined(k.hs.Bot()))
	case authority.NotSuccessor, authority.NotByAdmin:
		if k.tellFollow(ctx, known, &link, string(follow), replies.NotFollowed(known, link, follow)) {
			k.giveUp(ctx, known, link)
		}
	case authority.AwaitsBotRole:
		k.tellFollow(ctx, known, &link, string(follow), replies.FollowAwaitsRole(known, link, successor.Levels.InviteLevel()))
	}
}

// tellFollow says something about following a replaced room unless it was what was said last, and reports whether those who command know it. That the
// successor is no good is the last word about it.
func (k *Keeper) tellFollow(ctx context.Context, known database.Event, link *database.Link, what, text string) bool {
	if followSaid(link.FollowTold, what) {
		return true
	}
	if !k.tell(ctx, known, text) {
		return false
	}
	if err := k.store.SetFollowTold(ctx, *link, what); err != nil {
		k.log.Error("what was said is not noted", zap.Stringer("room_id", link.Room), zap.Error(err))
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

// giveUp ends waiting for a successor. If the bot is there for nothing else, it leaves; where that does not work now, the upkeep comes back to it.
func (k *Keeper) giveUp(ctx context.Context, known database.Event, link database.Link) {
	if !k.tied(ctx, known.Bot, link.Successor, link.Room) {
		if err := k.hs.Leave(ctx, known.Bot, link.Successor, ""); homeserver.Passes(err) {
			k.log.Info("event bot has not left", zap.Stringer("room_id", link.Successor), zap.Error(err))
			return
		}
	}
	if err := k.store.EndFollow(ctx, link); err != nil {
		k.log.Error("successor not forgotten", zap.Stringer("room_id", link.Room), zap.Error(err))
	}
}

// move takes the link along, and the bots out of the old room. Where the bridge bot was to be spoken to there, it comes too.
func (k *Keeper) move(ctx context.Context, known database.Event, link database.Link, bothBots bool) {
	if err := k.store.MoveLink(ctx, link.Event, link.Room, link.Successor); err != nil {
		k.log.Error("link not moved", zap.Stringer("room_id", link.Room), zap.Error(err))
		return
	}
	k.inviter.RoomChanged(link.Successor)
	k.inviter.Wake()
	if bothBots {
		err := k.hs.Invite(ctx, known.Bot, link.Successor, k.hs.Bot(), replies.BridgeComes)
		if err == nil {
			err = k.hs.Join(ctx, k.hs.Bot(), link.Successor)
		}
		if err != nil {
			k.log.Info("bridge bot has not come along", zap.Stringer("room_id", link.Successor), zap.Error(err))
		}
	}
	k.Depart(ctx, known.Bot, link.Room)
	k.tell(ctx, known, replies.Followed(known, link))
}
