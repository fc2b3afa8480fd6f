package stage

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// patience is how long an answer may take on a busy machine.
const patience = 30 * time.Second

// Ask says something and returns what a bot answers, in whichever room it does. Messages that say only that something goes on are
// waited through. An answer without the expected words is an error.
func (p *Person) Ask(ctx context.Context, room, text string, words ...string) (Happening, error) {
	from := p.Now()
	if err := p.Say(ctx, room, text); err != nil {
		return Happening{}, err
	}
	return p.Hear(ctx, from, patience, words...)
}

// Hear waits for a bot's message from a mark on, as [Person.Ask] does.
func (p *Person) Hear(ctx context.Context, from int, limit time.Duration, words ...string) (Happening, error) {
	answer, _, err := p.Await(ctx, from, limit, Answer)
	if err != nil {
		return answer, fmt.Errorf("wait for an answer: %w; the last that a bot said is %s", err, p.Last(from))
	}
	for _, word := range words {
		if !strings.Contains(answer.Text, word) {
			return answer, fmt.Errorf("the answer does not say %q but %q", word, answer.Text)
		}
	}
	return answer, nil
}

// Answer reports whether a happening is a bot's last word on something.
func Answer(h Happening) bool {
	return h.Notice && h.Text != "" && !strings.HasPrefix(h.Text, "⏳") && !strings.HasPrefix(h.Text, "📨")
}

// AwaitMember waits until the room's state says that somebody is that to it.
func (p *Person) AwaitMember(ctx context.Context, room, who, membership string) error {
	for from := 0; ; {
		if p.Membership(ctx, room, who) == membership {
			return nil
		}
		_, next, err := p.Await(ctx, from, patience, func(h Happening) bool {
			return h.Room == room && h.Who == who && h.Membership == membership
		})
		if err != nil {
			return fmt.Errorf("wait until %s is %s: %w", who, membership, err)
		}
		from = next
	}
}
