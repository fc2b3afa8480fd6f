package bridge

import (
	"context"
	"slices"
	"strings"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// call is one command in hand: who typed what where, and where it is answered.
type call struct {
	b      *Bridge
	heard  homeserver.Heard
	room   id.RoomID
	sender id.UserID
	args   []string

	prefixed bool
	direct   bool // the sender is alone here with the bridge bot

	// near are the events of the room that the command names, as far as the sender may know them.
	near []database.EventKey

	// place is where the answer goes once it is known. A talk that has moved stays where it went.
	place *authority.Answer
}

// follow is the same command after the person has answered a question: it goes on where the answer was typed.
func (c *call) follow(answer *call) *call {
	next := *c
	next.heard = answer.heard
	next.place = &authority.Answer{Kind: authority.Here, Room: answer.room}
	return &next
}

// say answers with one short text where the command was typed, even if attendees listen there: no figures, no codes.
func (c *call) say(ctx context.Context, text string) {
	if c.place != nil && c.place.Room != c.room {
		c.tell(ctx, *c.place, text)
		return
	}
	c.b.say(ctx, homeserver.Message{Room: c.heard.Evt.RoomID, Markdown: text, ReplyTo: c.heard.Evt, Thread: c.heard.Thread})
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
		c.b.say(ctx, homeserver.Message{Room: c.room, Markdown: sayNoDirect(c.b.hs.Bot()), ReplyTo: c.heard.Evt})
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
func (c *call) ask(ctx context.Context, where authority.Answer, text string, answer func(ctx context.Context, c *call, text string)) {
	told := c.tell(ctx, where, text)
	if told.message.Room == "" {
		return
	}
	c.b.questions.Ask(asked{Room: told.message.Room, User: c.sender}, func(ctx context.Context, reply *call, text string) {
		answer(ctx, c.follow(reply), text)
	})
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
	c.say(ctx, sayFailed(err))
}

// said is a message of ours that may be edited in place while something long runs.
type said struct {
	b       *Bridge
	message homeserver.Message
	id      id.EventID
}

// say sends a message. That it could not be sent is logged and nothing else: there is nobody to tell.
func (b *Bridge) say(ctx context.Context, message homeserver.Message) *said {
	sent, err := b.hs.Say(ctx, message)
	if err != nil {
		b.log.Warn("message not sent", zap.Stringer("room_id", message.Room), zap.Error(err))
		return &said{b: b}
	}
	return &said{b: b, message: message, id: sent}
}

// edit replaces what the message says.
func (s *said) edit(ctx context.Context, text string) {
	if s.id == "" {
		return
	}
	message := s.message
	message.Markdown, message.EditOf = text, s.id
	if _, err := s.b.hs.Say(ctx, message); err != nil {
		s.b.log.Warn("message not edited", zap.Stringer("room_id", message.Room), zap.Error(err))
	}
}

// decide puts the whole question to the one decision, with everything that it depends on read afresh.
func (c *call) decide(ctx context.Context, action authority.Action, key database.EventKey, room id.RoomID) (authority.Decision, error) {
	request, err := c.b.request(ctx, c, action, key, room)
	if err != nil {
		return authority.Decision{}, err
	}
	return authority.Decide(request), nil
}

// may is decide for commands that do nothing when refused: it answers with what is missing and who can give it.
func (c *call) may(ctx context.Context, action authority.Action, key database.EventKey, room id.RoomID) (authority.Decision, bool) {
	decision, err := c.decide(ctx, action, key, room)
	if err != nil {
		c.failed(ctx, string(action), err)
		return decision, false
	}
	if !decision.Allowed {
		c.say(ctx, sayRefused(decision))
		return decision, false
	}
	return decision, true
}

// request gathers what a decision depends on.
func (b *Bridge) request(ctx context.Context, c *call, action authority.Action, key database.EventKey, room id.RoomID) (authority.Request, error) {
	request := authority.Request{
		Action: action, Sender: c.sender, Permitted: b.hs.MayCommand(c.sender), Event: key, Room: room,
		Typed: authority.Place{Room: c.room, Direct: c.direct}, Bots: authority.Bots{Bridge: b.hs.Bot()},
	}
	if err := b.pretix.Prove(ctx, c.sender, key); err != nil {
		b.log.Warn("right to an event not proven", zap.Error(err))
		request.Unproven = true
	}
	logins, err := b.pretix.LoginsOf(ctx, c.sender)
	if err != nil {
		return request, err
	}
	for _, login := range logins {
		request.Logins = append(request.Logins, authority.Login{ID: login.ID, Owner: login.Owner, Live: login.Live, Events: login.Events})
	}
	if err := b.addRooms(ctx, &request); err != nil {
		return request, err
	}
	for _, roomID := range request.Reads() {
		read, err := b.readRoom(ctx, roomID, request)
		if err != nil {
			return request, err
		}
		request.Rooms = append(request.Rooms, read)
	}
	return request, nil
}

// addRooms adds the event's links and control rooms, or without an event those of the room.
func (b *Bridge) addRooms(ctx context.Context, request *authority.Request) error {
	keys := []database.EventKey{request.Event}
	if request.Event == (database.EventKey{}) {
		var err error
		if keys, err = b.eventsIn(ctx, request.Room); err != nil {
			return err
		}
	}
	for _, key := range keys {
		links, err := b.store.LinksOf(ctx, key)
		if err != nil {
			return err
		}
		for _, link := range links {
			request.Links = append(request.Links, authority.LinkedRoom{Event: key, Room: link.Room, Suspended: link.State == database.LinkSuspended})
		}
		controls, err := b.store.ControlsOf(ctx, key)
		if err != nil {
			return err
		}
		for _, control := range controls {
			request.Controls = append(request.Controls, authority.ControlRoom{Event: key, Room: control.Room})
		}
		if request.Bots.Event == "" {
			if request.Bots.Event, err = b.botOf(ctx, key); err != nil {
				return err
			}
		}
	}
	return nil
}

// readRoom reads one room afresh, by the bridge bot if it is there and else by the event's bot. What neither can read stays marked as unreadable,
// and so proves nothing; that is no error here.
func (b *Bridge) readRoom(ctx context.Context, room id.RoomID, request authority.Request) (authority.Room, error) {
	read, err := b.hs.RoomState(ctx, request.Bots.Bridge, room, request.Sender, request.Bots.Event)
	if read.Why() != authority.Readable && request.Bots.Event != "" {
		if second, err := b.hs.RoomState(ctx, request.Bots.Event, room, request.Sender); err == nil {
			read = second
		}
	}
	if err != nil && read.Why() != authority.Readable {
		b.log.Info("room not readable", zap.Stringer("room_id", room), zap.Error(err))
	}
	links, err := b.store.LinksIn(ctx, room)
	read.OpensToTickets = len(links) > 0
	return read, err
}

// eventsIn lists the events that a room has to do with, by link or as control room.
func (b *Bridge) eventsIn(ctx context.Context, room id.RoomID) ([]database.EventKey, error) {
	links, err := b.store.LinksIn(ctx, room)
	if err != nil {
		return nil, err
	}
	controls, err := b.store.ControlsIn(ctx, room)
	if err != nil {
		return nil, err
	}
	var keys []database.EventKey
	for _, link := range links {
		keys = append(keys, link.Event)
	}
	for _, control := range controls {
		keys = append(keys, control.Event)
	}
	slices.SortFunc(keys, func(a, b database.EventKey) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(keys), nil
}

// alone reports whether nobody can listen in a room but a person and our bots, read now. What cannot be read is not private.
func (b *Bridge) alone(ctx context.Context, room id.RoomID, person id.UserID) bool {
	private, err := b.hs.Private(ctx, room, person)
	return err == nil && private
}
