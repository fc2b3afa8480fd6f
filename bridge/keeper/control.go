package keeper

import (
	"context"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
)

// tellControlReplaced tells those who made a room a control room that it was replaced: nobody reads, and the bot may not speak, where it was.
func (k *Keeper) tellControlReplaced(ctx context.Context, room, successor id.RoomID) {
	controls, err := k.store.ControlsIn(ctx, room)
	if err != nil {
		k.log.Error("control rooms not read", zap.Error(err))
		return
	}
	told := make(map[id.UserID]bool)
	for _, control := range controls {
		if told[control.AddedBy] {
			continue
		}
		told[control.AddedBy] = true
		talk, err := k.hs.Direct(ctx, control.AddedBy)
		if err != nil {
			k.log.Info("no talk with who made a control room", zap.Stringer("room_id", room), zap.Error(err))
			continue
		}
		k.say(ctx, talk, replies.ControlReplaced(room, successor, k.hs.Bot()))
	}
}

// followControl lets a room that the bridge bot has come into be the control room that its predecessor was, if it is proven to replace it.
func (k *Keeper) followControl(ctx context.Context, room id.RoomID) {
	successor, err := k.hs.RoomState(ctx, k.hs.Bot(), room)
	if err != nil || successor.Levels.Predecessor() == "" {
		return
	}
	controls, err := k.store.ControlsIn(ctx, successor.Levels.Predecessor())
	if err != nil || len(controls) == 0 {
		return
	}
	old, err := k.hs.RoomState(ctx, k.hs.Bot(), successor.Levels.Predecessor(), successor.Levels.Creator())
	if err != nil {
		k.log.Info("replaced control room not read", zap.Stringer("room_id", old.ID), zap.Error(err))
		return
	}
	follow := authority.FollowControl(old, successor, k.hs.Bot())
	k.log.Info("control room replaced", zap.Stringer("room_id", old.ID), zap.String("follow", string(follow)))
	if follow != authority.Follows || !old.Upgraded {
		return
	}
	if err := k.store.MoveControls(ctx, old.ID, room); err != nil {
		k.log.Error("control room not moved", zap.Stringer("room_id", old.ID), zap.Error(err))
		return
	}
	k.say(ctx, room, replies.ControlFollowed(controls))
	k.LeaveUntied(ctx, old.ID)
}
