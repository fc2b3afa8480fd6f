package bridge

import (
	"context"
	"strings"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
)

// remarkRest is how long plain words in a talk are left alone after they have been answered: who thinks aloud, or is a bot, is told once.
const remarkRest = 10 * time.Minute

// remarks remembers, in memory, when plain words were last answered in a talk.
type remarks struct {
	now   func() time.Time
	mu    sync.Mutex
	until map[id.RoomID]time.Time
}

func newRemarks(now func() time.Time) *remarks {
	return &remarks{now: now, until: make(map[id.RoomID]time.Time)}
}

// Take reports whether plain words in the talk are to be answered, and begins the rest after that.
func (r *remarks) Take(talk id.RoomID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for other, until := range r.until {
		if !now.Before(until) {
			delete(r.until, other)
		}
	}
	if _, rests := r.until[talk]; rests {
		return false
	}
	r.until[talk] = now.Add(remarkRest)
	return true
}

// remarked answers what somebody says in their talk with the bridge bot that is neither a command nor an answer: nobody else can be meant.
func (b *Bridge) remarked(ctx context.Context, c *call) {
	if c.heard.Late || !b.inTalk(ctx, c) {
		return
	}
	c.direct = true
	switch text := strings.TrimSpace(c.heard.Text); {
	case typed.Cancel(text):
		c.say(ctx, replies.NothingAsked)
	case typed.AsksHelp(text):
		b.help(ctx, c)
	case b.remarks.Take(c.room):
		c.say(ctx, replies.PlainWords)
	}
}

// inTalk reports whether a message was typed in the talk of its sender with the bridge bot, and nobody else is there. Who is in other rooms is not
// looked at for everything that is said in them.
func (b *Bridge) inTalk(ctx context.Context, c *call) bool {
	talk, err := b.store.IsDirect(ctx, c.room)
	if err != nil {
		b.log.Error("talk not looked up", zap.Error(err))
	}
	return talk && b.alone(ctx, c.room, c.sender)
}

// unknown answers a command that is none of ours, where it was meant for us: after the prefix, and where nobody else can be meant. A bare word that is
// typed among others belongs to another bot. Whether the sender is alone in a room that is no talk is looked at where the word is nearly one of ours.
func (b *Bridge) unknown(ctx context.Context, c *call, name string) {
	nearest := nearestCommand(name)
	if !c.prefixed && !b.inTalk(ctx, c) && (nearest == "" || !b.alone(ctx, c.room, c.sender)) {
		return
	}
	c.say(ctx, replies.UnknownCommand(name, nearest, b.prefix))
}
