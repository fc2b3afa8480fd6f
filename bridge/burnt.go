package bridge

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"
)

// tokenShape is what a Pretix API token looks like: 64 small letters and digits. Shorter ones are taken for tokens too where one was asked for.
var tokenShape = regexp.MustCompile(`\b[a-zA-Z0-9]{32,128}\b`)

// burning remembers, for a while, who was asked for a token: should they type it in the room where they began instead of in private, or with others
// listening, it is taken out and called burnt, and never tried.
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

func (w *burning) watched(who asked) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now().Before(w.until[who])
}

// burn looks whether a message holds a token where others can read it: as an argument of the command that asks for one, or from somebody who was
// asked for one. Then nothing else is made of the message.
func (b *Bridge) burn(ctx context.Context, c *call) bool {
	name, args, _, isCommand := commandLine(c.heard.Text, b.prefix)
	cmd, known := findCommand(name)
	argument := isCommand && known && cmd.name == "authorize" && len(args) > 0 && tokenShape.MatchString(strings.Join(args, " "))
	answer := b.burning.watched(asked{Room: c.room, User: c.sender}) && tokenShape.MatchString(c.heard.Text)
	if !argument && !answer || b.alone(ctx, c.room, c.sender) {
		return false
	}
	b.burnt(ctx, c)
	return true
}

// burnt takes a token out of a room where others could read it and says what to do now.
func (b *Bridge) burnt(ctx context.Context, c *call) {
	b.questions.Take(asked{Room: c.room, User: c.sender})
	removed := b.redactSecret(ctx, c) == ""
	c.say(ctx, sayBurnt(removed))
}
