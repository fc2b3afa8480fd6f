package bridge

import (
	"context"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

// typed is where the command, or the last answer, was typed, and whether anybody else was there.
func (c *call) typed() authority.Place {
	return authority.Place{Room: c.here().Room, Direct: c.direct}
}

// decide puts the whole question to the one decision, with everything that it depends on read afresh.
func (c *call) decide(ctx context.Context, action authority.Action, key database.EventKey, room id.RoomID) (authority.Decision, error) {
	request, err := c.b.request(ctx, c.sender, c.typed(), action, key, room)
	if err != nil {
		return authority.Decision{}, err
	}
	return authority.Decide(request), nil
}

// may is decide for commands that do nothing when refused.
func (c *call) may(ctx context.Context, action authority.Action, key database.EventKey, room id.RoomID) (authority.Decision, bool) {
	decision, err := c.decide(ctx, action, key, room)
	if err != nil {
		c.failed(ctx, string(action), err)
		return decision, false
	}
	if !decision.Allowed {
		c.refuse(ctx, decision)
	}
	return decision, decision.Allowed
}

// mayForget is may for one connection.
func (c *call) mayForget(ctx context.Context, loginID string) (authority.Decision, bool) {
	request, err := c.b.request(ctx, c.sender, c.typed(), authority.Logout, database.EventKey{}, "")
	if err != nil {
		c.failed(ctx, string(authority.Logout), err)
		return authority.Decision{}, false
	}
	request.Login = loginID
	decision := authority.Decide(request)
	if !decision.Allowed {
		c.refuse(ctx, decision)
	}
	return decision, decision.Allowed
}

// refuse says what is missing and who can give it, where the answer belongs: it names rooms and people, which is nothing for a room in which attendees
// listen.
func (c *call) refuse(ctx context.Context, decision authority.Decision) {
	c.tell(ctx, decision.Answer, replies.Refused(decision))
}
