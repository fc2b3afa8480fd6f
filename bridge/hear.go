package bridge

import (
	"context"
	"strings"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// reactionElsewhere says without words that the answer to a command is in the control room or in private.
const reactionElsewhere = "📨"

// commandPatience is how long somebody who typed a command waits for what it asks of Pretix.
const commandPatience = 30 * time.Second

// askingPretix lets what is asked of Pretix under the context come back in time for somebody who waits.
func askingPretix(ctx context.Context) context.Context {
	return api.WithPatience(ctx, time.Now().Add(commandPatience))
}

// hear takes each text message of a person: a command is run, an awaited answer is handed on, all else is for us in a private talk only. Whom the config does not let
// command learns that when they call us by name, and not in answer to words that other bots know, too.
func (b *Bridge) hear(ctx context.Context, heard homeserver.Heard) {
	ctx = askingPretix(ctx)
	c := &call{b: b, heard: heard, room: heard.Evt.RoomID, sender: heard.Evt.Sender}
	if b.secret(ctx, c) {
		return
	}
	name, words, prefixed, isCommand := typed.CommandLine(heard.Text, b.prefix)
	switch {
	case !b.hs.MayCommand(c.sender):
		if prefixed && !heard.Late {
			c.may(ctx, authority.Help, database.EventKey{}, "") // which is refused, in the words for it
		}
	case isCommand:
		c.words, c.args, c.prefixed = words, typed.Texts(words), prefixed
		b.obey(ctx, c, name)
	default:
		b.answered(ctx, c)
	}
}

// obey runs a command.
func (b *Bridge) obey(ctx context.Context, c *call, name string) {
	cmd, known := findCommand(name)
	if !known {
		b.unknown(ctx, c, name)
		return
	}
	if cmd.quiet && !c.prefixed {
		links, err := b.store.LinksIn(ctx, c.room)
		if err != nil {
			b.log.Error("links not read", zap.Error(err))
		}
		if err != nil || len(links) > 0 {
			return
		}
	}
	if c.heard.Late {
		c.quietly(ctx, database.EventKey{}, replies.Late(cmd.Name))
		return
	}
	c.direct = b.alone(ctx, c.room, c.sender)
	b.log.Info("command", zap.String("command", cmd.Name), zap.Stringer("room_id", c.room), zap.Bool("direct", c.direct))
	cmd.run(b, ctx, c)
}

// deaf tells a room once that a message could not be read, in words that somebody on a phone understands. [homeserver.Handlers] calls it once a key.
// Where attendees talk to each other it was hardly meant for us.
func (b *Bridge) deaf(ctx context.Context, evt homeserver.Heard) {
	links, err := b.store.LinksIn(ctx, evt.Evt.RoomID)
	if err != nil {
		b.log.Error("links not read", zap.Error(err))
	}
	if err != nil || len(links) > 0 {
		return
	}
	b.say(ctx, homeserver.Message{Room: evt.Evt.RoomID, Markdown: replies.Undecryptable, ReplyTo: evt.Evt})
}

func (b *Bridge) help(ctx context.Context, c *call) {
	decision, ok := c.may(ctx, authority.Help, database.EventKey{}, "")
	if !ok {
		return
	}
	if len(c.args) > 0 {
		name := strings.TrimPrefix(strings.ToLower(c.args[0]), "!")
		cmd, known := findCommand(name)
		if !known {
			c.say(ctx, replies.UnknownCommand(name, nearestCommand(name), b.prefix))
			return
		}
		c.tell(ctx, decision.Answer, replies.HelpAbout(cmd.Command))
		return
	}
	c.tell(ctx, decision.Answer, replies.Help(b.prefix))
}

func (b *Bridge) tellVersion(ctx context.Context, c *call) {
	if decision, ok := c.may(ctx, authority.Version, database.EventKey{}, ""); ok {
		c.tell(ctx, decision.Answer, replies.Version(b.version))
	}
}
