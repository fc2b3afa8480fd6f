package bridge

import (
	"context"

	"go.uber.org/zap"

	"matrix-pretix/database"
)

// tidy follows when an event has lost a link: it is forgotten if it is neither linked nor commanded any more, and with an organizer's last link the
// webhook ends, which brings in orders that open no room. It reports whether somebody must delete the webhook in Pretix by hand.
func (b *Bridge) tidy(ctx context.Context, key database.EventKey) (manual bool) {
	b.forget(ctx, key)
	linked, err := b.store.OrganizerLinked(ctx, key.OrganizerKey())
	if err != nil || linked {
		b.warn("links not read", key, err)
		return false
	}
	manual, err = b.pretix.DropWebhook(ctx, key.OrganizerKey())
	b.warn("webhook not dropped", key, err)
	if linked, _ := b.store.OrganizerLinked(ctx, key.OrganizerKey()); linked { // meanwhile, by somebody who was told that it works
		_, err := b.pretix.EnsureWebhook(ctx, key.OrganizerKey())
		b.warn("webhook not registered again", key, err)
		return false
	}
	return manual || err != nil
}

// forget forgets an event that has no room any more.
func (b *Bridge) forget(ctx context.Context, key database.EventKey) {
	_, err := b.store.ForgetEvent(ctx, key)
	b.warn("event not forgotten", key, err)
}

func (b *Bridge) warn(what string, key database.EventKey, err error) {
	if err != nil {
		b.log.Warn(what, zap.Stringer("event", key), zap.Error(err))
	}
}
