package bridge

import (
	"context"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
)

// call is one command in hand: who typed what where, and where it is answered.
type call struct {
	b      *Bridge
	heard  homeserver.Heard
	room   id.RoomID
	sender id.UserID
	args   []string
	words  []typed.Word // the same with their quotes

	prefixed bool
	direct   bool // the sender is alone with the bridge bot where the command, or the last answer, was typed

	// near are the events of the room that the command names, as far as the sender may know them.
	near []database.EventKey

	// place is where the answer goes once it is known. A talk that has moved stays where it went.
	place *authority.Answer
}

// follow is the same command after the person has answered a question: it goes on where the answer was typed, among those who are there now.
func (c *call) follow(answer *call) *call {
	next := *c
	next.heard, next.direct, next.place = answer.heard, answer.direct, nil
	return &next
}

// here is where the command, or the last answer, was typed.
func (c *call) here() authority.Answer {
	return authority.Answer{Kind: authority.Here, Room: c.heard.Evt.RoomID}
}

// say answers with one short text where the command was typed, even if attendees listen there: no figures, no codes.
func (c *call) say(ctx context.Context, text string) {
	if c.place != nil && c.place.Room != c.here().Room {
		c.tell(ctx, *c.place, text)
		return
	}
	c.b.say(ctx, homeserver.Message{Room: c.here().Room, Markdown: text, ReplyTo: c.heard.Evt, Thread: c.heard.Thread})
}

// tell answers in full where the decision says that the answer belongs. Where that is elsewhere, the command gets a reaction, so that whoever typed
// it sees that it was heard.
func (c *call) tell(ctx context.Context, where authority.Answer, text string) *said {
	if c.place != nil {
		where = *c.place
	}
	room, err := c.answerRoom(ctx, where)
	if err != nil {
		c.b.log.Warn("answer has no place", zap.Error(err))
		c.b.say(ctx, homeserver.Message{Room: c.here().Room, Markdown: replies.NoDirect(c.b.hs.Bot()), ReplyTo: c.heard.Evt})
		return &said{b: c.b}
	}
	message := homeserver.Message{Room: room, Markdown: text}
	if room == c.heard.Evt.RoomID {
		message.ReplyTo, message.Thread = c.heard.Evt, c.heard.Thread
	} else {
		c.react(ctx, reactionElsewhere)
	}
	c.place = &authority.Answer{Kind: authority.Here, Room: room}
	return c.b.say(ctx, message)
}

// answerRoom is the room of an answer; a DM is made where there is none yet.
func (c *call) answerRoom(ctx context.Context, where authority.Answer) (id.RoomID, error) {
	if where.Kind == authority.InDirect {
		return c.b.hs.Direct(ctx, c.sender)
	}
	return where.Room, nil
}

// ask tells and then waits for the same person's answer in the same place.
func (c *call) ask(ctx context.Context, where authority.Answer, text string, what question) {
	told := c.tell(ctx, where, text)
	if told.message.Room == "" {
		return
	}
	c.b.questions.Ask(asked{Room: told.message.Room, User: c.sender}, c.followedBy(what))
}

// followedBy is a question after whose answer the command goes on. Whoever goes on decides again whether it may: minutes have passed.
func (c *call) followedBy(what question) question {
	answer := what.answer
	what.answer = func(ctx context.Context, reply *call, text string) { answer(ctx, c.follow(reply), text) }
	return what
}

// react acknowledges the command without a word.
func (c *call) react(ctx context.Context, key string) {
	if err := c.b.hs.React(ctx, c.heard.Evt.RoomID, c.heard.Evt.ID, key); err != nil {
		c.b.log.Debug("reaction not sent", zap.Error(err))
	}
}

// failed answers when something of ours or of a server's went wrong: the person learns that nothing was done and what to do, the log learns why.
func (c *call) failed(ctx context.Context, doing string, err error) {
	c.b.log.Error("command failed", zap.String("doing", doing), zap.Error(err))
	c.quietly(ctx, database.EventKey{}, replies.Failed(err))
}

// said is a message of ours that may be edited in place while something long runs.
type said struct {
	b       *Bridge
	message homeserver.Message
	id      id.EventID
}

// say sends a message, by whichever of our bots speaks in the room. That it could not be sent is logged and nothing else: there is nobody to tell.
func (b *Bridge) say(ctx context.Context, message homeserver.Message) *said {
	message.As, message.Markdown = b.hs.Speaker(ctx, message.Room), replies.Fit(message.Markdown)
	sent, err := b.hs.Say(ctx, message)
	if err != nil {
		b.log.Warn("message not sent", zap.Stringer("room_id", message.Room), zap.Error(err))
		return &said{b: b}
	}
	return &said{b: b, message: message, id: sent}
}

// sayThere says something in a room, and reports whether it stands there now.
func (b *Bridge) sayThere(ctx context.Context, room id.RoomID, text string) (said bool) {
	return b.say(ctx, homeserver.Message{Room: room, Markdown: text}).id != ""
}

// edit replaces what the message says.
func (s *said) edit(ctx context.Context, text string) {
	if s.id == "" {
		return
	}
	message := s.message
	message.Markdown, message.EditOf = replies.Fit(text), s.id
	if _, err := s.b.hs.Say(ctx, message); err != nil {
		s.b.log.Warn("message not edited", zap.Stringer("room_id", message.Room), zap.Error(err))
	}
}
