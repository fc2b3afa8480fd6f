package keeper

import (
	"context"

	"go.uber.org/zap"

	"matrix-pretix/database"
)

// Tidy follows when an event has lost a link: it is forgotten if it is neither linked nor commanded any more, and with an organizer's last link the
// webhook ends, which brings in orders that open no room. It reports whether somebody must delete the webhook in Pretix by hand.
func (k *Keeper) Tidy(ctx context.Context, key database.EventKey) (manual bool) {
	k.Forget(ctx, key)
	linked, err := k.store.OrganizerLinked(ctx, key.OrganizerKey())
	if err != nil || linked {
		k.warn("links not read", key, err)
		return false
	}
	manual, err = k.pretix.DropWebhook(ctx, key.OrganizerKey())
	k.warn("webhook not dropped", key, err)
	if linked, _ := k.store.OrganizerLinked(ctx, key.OrganizerKey()); linked { // meanwhile, by somebody who was told that it works
		_, err := k.pretix.EnsureWebhook(ctx, key.OrganizerKey())
		k.warn("webhook not registered again", key, err)
		return false
	}
	return manual || err != nil
}

// Forget forgets an event that has no room any more.
func (k *Keeper) Forget(ctx context.Context, key database.EventKey) {
	_, err := k.store.ForgetEvent(ctx, key)
	k.warn("event not forgotten", key, err)
}

func (k *Keeper) warn(what string, key database.EventKey, err error) {
	if err != nil {
		k.log.Warn(what, zap.Stringer("event", key), zap.Error(err))
	}
}
