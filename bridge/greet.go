package bridge

import (
	"context"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
)

// entered follows when one of our users has come into a room by an invite.
func (b *Bridge) entered(ctx context.Context, entered homeserver.Entered) {
	if entered.Bot == b.hs.Bot() {
		b.greet(ctx, entered)
	}
	b.keeper.Entered(ctx, entered)
}

// greet says in a new direct talk what one can do here. In other rooms the bridge bot is silent until it is spoken to.
func (b *Bridge) greet(ctx context.Context, entered homeserver.Entered) {
	if !entered.Direct || !b.alone(ctx, entered.Room, entered.By) {
		return // a room made for an event has only its maker in it at first, too
	}
	b.say(ctx, homeserver.Message{Room: entered.Room, Markdown: replies.Welcome(b.prefix)})
}
