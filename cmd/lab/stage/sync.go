package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Happening is something that a person saw in a room: a message, or that somebody's membership has changed.
type Happening struct {
	Room   string
	Sender string
	// Text is what was said or, for an edit, what the message says now; "" if it is about a membership.
	Text string
	// Notice marks what a bot says.
	Notice bool
	// Who is whose membership it is.
	Who        string
	Membership string
	// At is when the person learned of it.
	At time.Time
}

// syncAnswer is what is read of the homeserver's answer.
type syncAnswer struct {
	NextBatch string `json:"next_batch"`
	Rooms     struct {
		Join map[string]struct {
			Timeline struct {
				Events []syncEvent `json:"events"`
			} `json:"timeline"`
		} `json:"join"`
	} `json:"rooms"`
}

type syncEvent struct {
	Type     string `json:"type"`
	Sender   string `json:"sender"`
	StateKey string `json:"state_key"`
	Content  struct {
		Membership string `json:"membership"`
		MsgType    string `json:"msgtype"`
		Body       string `json:"body"`
		NewContent *struct {
			Body string `json:"body"`
		} `json:"m.new_content"`
	} `json:"content"`
}

// syncFilter leaves out everything that is not looked at.
const syncFilter = `{"presence":{"types":[]},"account_data":{"types":[]},"room":{"account_data":{"types":[]},"ephemeral":{"types":[]},` +
	`"state":{"types":[]},"timeline":{"limit":1000,"types":["m.room.message","m.room.member"]}}}`

// look learns what has happened since the last look, and waits that long for something to happen.
func (p *Person) look(ctx context.Context, wait time.Duration) error {
	query := url.Values{
		"filter": {syncFilter}, "set_presence": {"offline"}, "timeout": {strconv.FormatInt(wait.Milliseconds(), 10)},
	}
	if p.since != "" {
		query.Set("since", p.since)
	}
	var answer syncAnswer
	if err := p.Call(ctx, "GET", "/sync?"+query.Encode(), nil, &answer); err != nil {
		return fmt.Errorf("look what is new: %w", err)
	}
	p.since = answer.NextBatch
	p.seen = append(p.seen, answer.happenings(time.Now())...)
	return nil
}

func (a syncAnswer) happenings(at time.Time) []Happening {
	var seen []Happening
	for room, joined := range a.Rooms.Join {
		for _, evt := range joined.Timeline.Events {
			h := Happening{Room: room, Sender: evt.Sender, At: at}
			switch {
			case evt.Type == "m.room.member":
				h.Who, h.Membership = evt.StateKey, evt.Content.Membership
			case evt.Type == "m.room.message" && evt.Content.NewContent != nil:
				h.Text, h.Notice = evt.Content.NewContent.Body, evt.Content.MsgType == "m.notice"
			case evt.Type == "m.room.message" && evt.Content.Body != "": // else it was redacted
				h.Text, h.Notice = evt.Content.Body, evt.Content.MsgType == "m.notice"
			default:
				continue
			}
			seen = append(seen, h)
		}
	}
	return seen
}

// Now is a mark: what is seen later than it has a place from it on.
func (p *Person) Now() int { return len(p.seen) }

// Await waits for the first happening from a mark on that matches, and returns the mark after it.
func (p *Person) Await(ctx context.Context, from int, limit time.Duration, matches func(Happening) bool) (Happening, int, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for at := from; ; {
		for ; at < len(p.seen); at++ {
			if matches(p.seen[at]) {
				return p.seen[at], at + 1, nil
			}
		}
		if err := p.look(limited, min(limit, 20*time.Second)); err != nil {
			if ctx.Err() == nil && limited.Err() != nil {
				err = fmt.Errorf("nothing of that kind in %s", limit)
			}
			return Happening{}, at, err
		}
	}
}

// Last is the newest message of a bot from a mark on, for an error's text.
func (p *Person) Last(from int) string {
	for at := len(p.seen) - 1; at >= from; at-- {
		if p.seen[at].Notice {
			text, err := json.Marshal(p.seen[at].Text)
			if err == nil {
				return string(text)
			}
		}
	}
	return "nothing"
}
