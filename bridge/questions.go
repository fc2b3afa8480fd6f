package bridge

import (
	"context"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
)

// questionLife is how long the bridge bot waits for an answer. A forgotten question must not swallow what somebody types the next day.
const questionLife = 15 * time.Minute

// asked names a conversation: one person in one room.
type asked struct {
	Room id.RoomID
	User id.UserID
}

// question is something that the bridge bot asked and what to do with the answer. It lives in memory only: after a restart the person types the
// command again, which is cheaper than keeping half-finished talk on disk.
type question struct {
	// takes tells an answer from other talk. Without it everything that is said in private is an answer, and nothing that is said among others.
	takes func(text string) bool
	// expected says to somebody in private what would be an answer.
	expected string
	// login says that a Pretix account is being connected: an answer may be a credential.
	login bool
	// about is the thing in question where nobody has asked for the question by a command.
	about  string
	answer func(ctx context.Context, c *call, text string)

	expires time.Time
}

// yesOrNo is a question to which nothing else is an answer.
func yesOrNo(answer func(ctx context.Context, c *call, text string)) question {
	return question{takes: func(text string) bool { return typed.Yes(text) || typed.No(text) }, expected: replies.ExpectsYes, answer: answer}
}

// oneOf is a question that is answered by the number of an option or by one of its names. What is handed on is the option's place in the list.
func oneOf(options [][]string, answer func(ctx context.Context, c *call, chosen int)) question {
	return question{
		takes: func(text string) bool { return typed.Option(text, options) >= 0 }, expected: replies.ExpectsNumber,
		answer: func(ctx context.Context, c *call, text string) { answer(ctx, c, typed.Option(text, options)) },
	}
}

// questions holds the open question of each conversation.
type questions struct {
	now  func() time.Time
	mu   sync.Mutex
	open map[asked]question
}

func newQuestions(now func() time.Time) *questions {
	return &questions{now: now, open: make(map[asked]question)}
}

// Ask opens a question in the place of an older one: a person typed something newer.
func (q *questions) Ask(who asked, what question) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.put(who, what)
}

// Offer opens a question that comes by itself, and reports whether it did: what the person was asked for by a command is left open.
func (q *questions) Offer(who asked, what question) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if old, open := q.find(who); open && (old.about == "" || old.about != what.about) {
		return false
	}
	q.put(who, what)
	return true
}

// put also drops what is too old to be answered, so that the map stays small.
func (q *questions) put(who asked, what question) {
	now := q.now()
	for key, old := range q.open {
		if now.After(old.expires) {
			delete(q.open, key)
		}
	}
	what.expires = now.Add(questionLife)
	q.open[who] = what
}

// Open gives the open question of a conversation. It stays open.
func (q *questions) Open(who asked) (question, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.find(who)
}

func (q *questions) find(who asked) (question, bool) {
	open, ok := q.open[who]
	if !ok || q.now().After(open.expires) {
		return question{}, false
	}
	return open, true
}

// Close ends the question of a conversation: each is answered once.
func (q *questions) Close(who asked) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.open, who)
}

// answered hands on what somebody says who was asked something. The question stays open over commands and over talk that is no answer; in private it
// is said what would be one.
func (b *Bridge) answered(ctx context.Context, c *call) {
	who := asked{Room: c.room, User: c.sender}
	open, ok := b.questions.Open(who)
	if !ok {
		b.remarked(ctx, c)
		return
	}
	text := strings.TrimSpace(c.heard.Text)
	c.direct = b.alone(ctx, c.room, c.sender)
	switch {
	case typed.Cancel(text):
		b.questions.Close(who)
		c.say(ctx, replies.Cancelled)
	case open.takes != nil && open.takes(text):
		b.questions.Close(who)
		open.answer(ctx, c, text)
	case c.direct && typed.AsksHelp(text):
		b.help(ctx, c)
	case open.takes == nil && c.direct:
		b.questions.Close(who)
		open.answer(ctx, c, text)
	case c.direct:
		c.say(ctx, open.expected)
	}
}
