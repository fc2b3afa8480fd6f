package keeper

import (
	"context"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

// Admit decides on an invite of an event bot. It comes into a room only where a link waits for it; everything else is for the bridge bot.
func (k *Keeper) Admit(ctx context.Context, invitation homeserver.Invitation) homeserver.Admission {
	declined := homeserver.Admission{Reason: replies.TalkToBridge(k.hs.Bot())}
	known, err := k.store.EventByBot(ctx, invitation.Bot)
	if err != nil {
		return declined
	}
	link, err := k.store.Link(ctx, known.Key, invitation.Room)
	switch {
	case err == nil && link.Reason == database.LinkReplaced:
		return declined
	case err == nil && link.State == database.LinkSuspended:
		return k.admitAgain(ctx, invitation)
	case err == nil:
		return homeserver.Admission{Accept: true}
	}
	awaiting, err := k.store.AwaitingSuccessor(ctx, invitation.Room)
	for _, link := range awaiting {
		if err == nil && link.Event == known.Key {
			return homeserver.Admission{Accept: true}
		}
	}
	return declined
}

// admitAgain decides on an invite of an event bot that was put out: it comes back only if somebody asks it in who may have linked the room. Who that is
// can be seen from inside the room only, so the bridge bot has to be there.
func (k *Keeper) admitAgain(ctx context.Context, invitation homeserver.Invitation) homeserver.Admission {
	state, err := k.hs.RoomState(ctx, k.hs.Bot(), invitation.Room, invitation.By)
	switch {
	case err != nil || state.Why() != authority.Readable:
		return homeserver.Admission{Reason: replies.BridgeFirst(k.hs.Bot())}
	case !state.Admin(invitation.By):
		return homeserver.Admission{Reason: replies.ByAdminOnly(state.Levels.AdminLevel())}
	}
	return homeserver.Admission{Accept: true}
}
