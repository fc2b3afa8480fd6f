package bridge

import (
	"context"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/pretixconn"
)

// burning remembers, for a while, who was asked for a token in private after they had typed the command among others: should they type the token
// there after all, in whatever words, it is taken out.
type burning struct {
	now   func() time.Time
	mu    sync.Mutex
	until map[asked]time.Time
}

func newBurning(now func() time.Time) *burning {
	return &burning{now: now, until: make(map[asked]time.Time)}
}

// Watch begins to look for a token typed by a person in a room that is not theirs alone.
func (w *burning) Watch(who asked, alone bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	for key, until := range w.until {
		if now.After(until) {
			delete(w.until, key)
		}
	}
	if !alone {
		w.until[who] = now.Add(questionLife)
	}
}

// End ends the looking for a person's token: it has come.
func (w *burning) End(user id.UserID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key := range w.until {
		if key.User == user {
			delete(w.until, key)
		}
	}
}

func (w *burning) watched(who asked) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now().Before(w.until[who])
}

// secret looks whether a message holds a token, whoever wrote it, and deals with it if nobody else does. Then nothing else is made of the message.
func (b *Bridge) secret(ctx context.Context, c *call) bool {
	token := pretixconn.FindToken(c.heard.Text)
	if token == "" {
		return false
	}
	who := asked{Room: c.room, User: c.sender}
	open, _ := b.questions.Open(who)
	whole := len(strings.Fields(c.heard.Text)) == 1
	command := b.asksForToken(c.heard.Text)
	if b.alone(ctx, c.room, c.sender) {
		if !c.heard.Late && (command || open.login) {
			return false // taken in by the talk that it belongs to
		}
		b.strayToken(ctx, c, token, whole)
		return true
	}
	if whole || command || open.login || b.burning.watched(who) {
		b.burnt(ctx, c)
		return true
	}
	return false
}

// asksForToken reports whether a message is the command that takes a token.
func (b *Bridge) asksForToken(text string) bool {
	name, _, _, isCommand := typed.CommandLine(text, b.prefix)
	cmd, known := findCommand(name)
	return isCommand && known && cmd.Name == "authorize"
}

// strayToken takes in a token that nobody asked for, in private: it came after its question had been forgotten, or with other words. Sent alone it can
// only be meant to be used, and here nobody else has read it, so it is: it goes nowhere but to a Pretix server of the config.
func (b *Bridge) strayToken(ctx context.Context, c *call, token string, whole bool) {
	before := b.redactSecret(ctx, c)
	if !whole || c.heard.Late || !b.hs.MayCommand(c.sender) {
		c.say(ctx, before+replies.StrayToken(before == ""))
		return
	}
	c.direct = true
	b.connect(ctx, c, token, before)
}

// burnt takes a token out of a room where others could read it and says what to do now.
func (b *Bridge) burnt(ctx context.Context, c *call) {
	who := asked{Room: c.room, User: c.sender}
	if open, _ := b.questions.Open(who); open.login {
		b.questions.Close(who)
	}
	removed := b.redactSecret(ctx, c) == ""
	if private, err := b.hs.Private(ctx, c.heard.Evt.RoomID, c.sender); err != nil || private {
		c.say(ctx, replies.TokenPerhapsBurnt(removed)) // the homeserver has not said who is there
		return
	}
	c.say(ctx, replies.TokenBurnt(removed))
}
