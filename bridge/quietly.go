package bridge

import (
	"context"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
)

// quietly answers where nobody has been found who could decide on the answer's place: what is wrong with a command tells of events, rooms and accounts,
// which is nothing for a room in which attendees listen. The event is the one that the answer is about, if it is about one.
func (c *call) quietly(ctx context.Context, key database.EventKey, text string) {
	c.tell(ctx, c.quietPlace(ctx, key), text)
}

// quietPlace is where that is said, and where a choice is offered: here, unless tickets open the room. Then it is the event's control room, as with
// every other answer, and else a private talk.
func (c *call) quietPlace(ctx context.Context, key database.EventKey) authority.Answer {
	private := authority.Answer{Kind: authority.InDirect}
	links, err := c.b.store.LinksIn(ctx, c.here().Room)
	switch {
	case err != nil:
		return private
	case len(links) == 0:
		return c.here()
	case key == database.EventKey{}:
		return private
	}
	decision, err := c.decide(ctx, authority.ShowLinks, key, c.here().Room)
	if err != nil || decision.Answer.Kind == authority.Here {
		return private
	}
	return decision.Answer
}
