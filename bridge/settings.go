package bridge

import (
	"context"
	"strings"

	"go.uber.org/zap"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// set changes a setting of an event: `[event] question <number>` or `[event] server <name>`.
func (b *Bridge) set(ctx context.Context, c *call) {
	eventText, name, value := typed.Setting(c.args)
	if value == "" {
		c.quietly(ctx, database.EventKey{}, replies.SetUsage(b.prefix))
		return
	}
	b.withEvent(ctx, c, eventText, func(ctx context.Context, c *call, key database.EventKey) {
		if !b.known(ctx, c, key) {
			return
		}
		if name == "question" {
			b.chooseQuestion(ctx, c, key, value)
			return
		}
		b.setServer(ctx, c, key, value)
	})
}

// setServer sets the server of bare names, or with "none" none. Orders whose tickets named nobody for want of it are read again.
func (b *Bridge) setServer(ctx context.Context, c *call, key database.EventKey, server string) {
	decision, ok := c.may(ctx, authority.SetSetting, key, "")
	if !ok {
		return
	}
	server = strings.ToLower(strings.TrimPrefix(server, ":"))
	if server == "none" || server == "off" {
		server = ""
	}
	if server != "" {
		var valid bool
		if server, valid = pretixconn.ServerName(server); !valid {
			c.tell(ctx, decision.Answer, replies.NoServerName)
			return
		}
	}
	if err := b.store.SetDefaultServer(ctx, key, server); err != nil {
		c.failed(ctx, "set server", err)
		return
	}
	b.readAnew(ctx, c.tell(ctx, decision.Answer, replies.ServerSet(server)), key)
}

// readAnew reads all orders of an event once more, because what their answers mean has changed. Whoever is entitled only now is held, as with a new
// link: a wrong choice costs nothing, and `!batchinvite` invites them. Before the first link, or without a question, there is nothing to read yet.
func (b *Bridge) readAnew(ctx context.Context, told *said, key database.EventKey) {
	before := told.message.Markdown
	b.spawn(func(ctx context.Context) {
		text, err := b.whatIsRead(ctx, told, key)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			b.log.Error("orders not read anew", zap.Stringer("event", key), zap.Error(err))
			text = replies.NotReadAnew(err)
		}
		told.edit(ctx, before+"\n\n"+text)
	})
}

func (b *Bridge) whatIsRead(ctx context.Context, told *said, key database.EventKey) (string, error) {
	known, err := b.store.Event(ctx, key)
	if err != nil {
		return "", err
	}
	links, err := b.store.LinksOf(ctx, key)
	switch {
	case err != nil:
		return "", err
	case known.QuestionID == 0:
		return replies.QuestionFirst(key), nil
	case len(links) == 0:
		return replies.NoRoomYet(key), nil
	}
	if err := b.scan(ctx, told, key); err != nil {
		return "", err
	}
	count, err := b.store.CountTickets(ctx, key)
	return replies.TicketsKnown(count), err
}
