package homeserver

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/format"
	"maunium.net/go/mautrix/id"
)

// Message is something to be said in a room.
type Message struct {
	Room id.RoomID

	// As is who speaks: see [Server.Speaker]. Empty: the bridge bot.
	As id.UserID

	// Markdown is the text. What comes from elsewhere goes into it through [Escape] only.
	Markdown string

	// ReplyTo is the message that is answered, in the thread in which it stands.
	ReplyTo *event.Event
	// Thread is the root of the thread in which to say it, where that is not known by what is answered.
	Thread id.EventID

	// EditOf is an earlier message, said by the same user, in whose place this one stands. It keeps its reply and its thread.
	EditOf id.EventID

	// Mentions are those whose clients shall notify them. Nobody else is notified, whatever the text holds.
	Mentions []id.UserID
}

// contentMost is how long the JSON of a message may be. An event may have 64 KiB; a third more is what encryption adds, and there is something around
// the content.
const contentMost = 44 << 10

// Fits reports whether a text can be said, and a message be edited to it, in any room.
func Fits(markdown string) bool {
	content, err := json.Marshal(Message{Markdown: markdown, EditOf: "$edited"}.content())
	return err == nil && len(content) <= contentMost
}

// content renders the message: a notice, so that other bots leave it alone, with Matrix HTML and a plain body.
func (m Message) content() *event.MessageEventContent {
	content := format.RenderMarkdown(m.Markdown, true, false)
	content.MsgType = event.MsgNotice
	content.Mentions = &event.Mentions{UserIDs: m.Mentions}
	if m.EditOf != "" {
		content.SetEdit(m.EditOf)
		return &content
	}
	if thread := cmp.Or(m.Thread, threadOf(m.ReplyTo)); thread != "" {
		content.RelatesTo = (&event.RelatesTo{}).SetThread(thread, thread)
	}
	if m.ReplyTo != nil {
		content.GetRelatesTo().SetReplyTo(m.ReplyTo.ID)
	}
	return &content
}

// threadOf is the root of the thread in which a message stands, empty if in none. It is legible also where the message is not.
func threadOf(evt *event.Event) id.EventID {
	if evt == nil {
		return ""
	}
	if content, ok := evt.Content.Parsed.(event.Relatable); ok {
		return content.OptionalGetRelatesTo().GetThreadParent()
	}
	return ""
}

// Say says something and gives the event's ID, by which it can be edited. In an encrypted room it is encrypted for those who
// are in the room now, and only the bridge bot says it.
func (s *Server) Say(ctx context.Context, m Message) (id.EventID, error) {
	speaker := cmp.Or(m.As, s.Bot())
	content := &event.Content{Parsed: m.content()}
	locks := s.room(m.Room)
	locks.speaking.Lock()
	defer locks.speaking.Unlock()
	encrypted, err := s.Encrypted(ctx, speaker, m.Room)
	if err != nil {
		return "", err
	}
	kind := event.EventMessage
	if encrypted {
		if speaker != s.Bot() {
			return "", ErrMustNotSpeak
		}
		if err := s.encrypt(ctx, m.Room, content); err != nil {
			return "", err
		}
		kind = event.EventEncrypted
	}
	return s.send(ctx, speaker, m.Room, kind, content)
}

// Speaker is who of us speaks in a room: the bridge bot where it is there, and else, in a room that is not encrypted, an event bot that is.
func (s *Server) Speaker(ctx context.Context, room id.RoomID) id.UserID {
	if s.store.IsInRoom(ctx, room, s.Bot()) {
		return s.Bot()
	}
	members, err := s.store.GetRoomMembers(ctx, room, event.MembershipJoin)
	if err != nil {
		s.log.Warn("bots in a room not listed", zap.Stringer("room_id", room), zap.Error(err))
	}
	for _, bot := range slices.Sorted(maps.Keys(members)) {
		if !s.IsOurs(bot) {
			continue
		}
		if encrypted, err := s.Encrypted(ctx, bot, room); err == nil && !encrypted {
			return bot
		}
	}
	return s.Bot()
}

// React puts an emoji below a message, by whoever of us speaks in the room. Reactions are never encrypted, in any client.
func (s *Server) React(ctx context.Context, room id.RoomID, to id.EventID, key string) error {
	reaction := &event.ReactionEventContent{RelatesTo: event.RelatesTo{Type: event.RelAnnotation, EventID: to, Key: key}}
	_, err := s.send(ctx, s.Speaker(ctx, room), room, event.EventReaction, reaction)
	return err
}

// Redact lets the bridge bot take a message or reaction back: its own, or with the power for it another's.
func (s *Server) Redact(ctx context.Context, room id.RoomID, what id.EventID) error {
	return s.do(ctx, s.Bot(), request{
		op: "redact a message", method: http.MethodPut, path: []any{"v3", "rooms", room, "redact", what, rand.Text()}, body: struct{}{},
	}, nil)
}

func (s *Server) send(ctx context.Context, as id.UserID, room id.RoomID, kind event.Type, content any) (id.EventID, error) {
	var answer struct {
		EventID id.EventID `json:"event_id"`
	}
	err := s.do(ctx, as, request{
		op: "send " + kind.Type, method: http.MethodPut, path: []any{"v3", "rooms", room, "send", kind.Type, rand.Text()}, body: content,
	}, &answer)
	return answer.EventID, err
}
