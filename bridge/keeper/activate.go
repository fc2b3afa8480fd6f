package keeper

import (
	"context"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

// Activate turns a link on if the event's bot is in the room and may invite there, read now; else the reason of a link that was never on says what is
// missing. It reports whether that changed anything. A link that a tombstone suspended is not turned on by this.
func (k *Keeper) Activate(ctx context.Context, known database.Event, room id.RoomID) (changed bool, err error) {
	link, err := k.store.Link(ctx, known.Key, room)
	if err != nil || link.Reason == database.LinkReplaced {
		return false, err
	}
	state, err := k.hs.RoomState(ctx, known.Bot, room)
	if err != nil {
		return false, err
	}
	if state.Upgraded && state.Joined(known.Bot) {
		k.replaced(ctx, link, state.Successor)
		return false, nil
	}
	missing := botLacks(state, known.Bot)
	switch {
	case missing == "" && link.State != database.LinkActive:
		changed, err = k.store.SwitchLink(ctx, link, database.LinkActive, "")
	case link.State == database.LinkPending && link.Reason != missing:
		changed, err = k.store.SwitchLink(ctx, link, database.LinkPending, missing)
	}
	if changed {
		k.inviter.Wake()
	}
	return changed, err
}

// botLacks says for which reason an event's bot cannot invite into a room, empty if it can.
func botLacks(room authority.Room, bot id.UserID) database.LinkReason {
	switch {
	case !room.Joined(bot):
		return database.LinkNoBot
	case !room.CanInvite(bot):
		return database.LinkNoPower
	}
	return ""
}

// resume turns a link on that has waited for the bot or its power since it was made, and tells those who command if it works now. Links that were on
// before are the inviter's to turn on again.
func (k *Keeper) resume(ctx context.Context, known database.Event, room id.RoomID) {
	link, err := k.store.Link(ctx, known.Key, room)
	if err != nil || link.State != database.LinkPending {
		return
	}
	changed, err := k.Activate(ctx, known, room)
	if err == nil && changed {
		link, err = k.store.Link(ctx, known.Key, room)
	}
	if err != nil {
		k.log.Info("link not resumed", zap.Stringer("room_id", room), zap.Error(err))
		return
	}
	if changed {
		k.tell(ctx, known, replies.LinkNews(known, link))
	}
}
