package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
)

// person is somebody with a Matrix account and a client that does not encrypt.
type person struct {
	f     *fixture
	ID    id.UserID
	token string
	sent  int
}

// person registers somebody. Their messages are not limited, because tests type fast.
func (f *fixture) person(name string) *person {
	f.t.Helper()
	user, err := f.lab.Synapse.Register(f.t.Context(), parts.Unique(name), parts.UserOptions{Unlimited: true})
	if err != nil {
		f.t.Fatalf("register %s: %v", name, err)
	}
	return &person{f: f, ID: id.UserID(user.UserID), token: user.AccessToken}
}

// try asks the homeserver as this person.
func (p *person) try(method, path string, body, into any) error {
	return p.f.lab.Synapse.Call(p.f.t.Context(), p.token, method, "/_matrix/client/v3"+path, body, into)
}

func (p *person) call(method, path string, body, into any) {
	p.f.t.Helper()
	if err := p.try(method, path, body, into); err != nil {
		p.f.t.Fatalf("%s as somebody: %v", method, err)
	}
}

type fields = map[string]any

// room makes a private room with these people invited.
func (p *person) room(more fields, invite ...id.UserID) id.RoomID {
	p.f.t.Helper()
	body := fields{"preset": "private_chat", "invite": invite}
	for name, value := range more {
		body[name] = value
	}
	if len(invite) == 0 {
		delete(body, "invite")
	}
	var made struct {
		RoomID id.RoomID `json:"room_id"`
	}
	p.call("POST", "/createRoom", body, &made)
	return made.RoomID
}

func esc(text string) string { return url.PathEscape(text) }

// member is what somebody is to a room, as this person sees it.
func (p *person) member(room id.RoomID, who id.UserID) string {
	var content struct {
		Membership string `json:"membership"`
	}
	if p.try("GET", "/rooms/"+esc(string(room))+"/state/m.room.member/"+esc(string(who)), nil, &content) != nil {
		return ""
	}
	return content.Membership
}

// awaitMember waits until somebody is that to a room.
func (p *person) awaitMember(room id.RoomID, who id.UserID, membership string) {
	p.f.t.Helper()
	p.f.eventually("a member is "+membership, func() bool { return p.member(room, who) == membership })
}

// invited lists whom a room has invited or joined, our bots and the asker left out.
func (p *person) invited(room id.RoomID) []id.UserID {
	p.f.t.Helper()
	var answer struct {
		Chunk []struct {
			StateKey id.UserID `json:"state_key"`
			Content  struct {
				Membership string `json:"membership"`
			} `json:"content"`
		} `json:"chunk"`
	}
	p.call("GET", "/rooms/"+esc(string(room))+"/members", nil, &answer)
	var who []id.UserID
	for _, member := range answer.Chunk {
		in := member.Content.Membership == "invite" || member.Content.Membership == "join"
		if in && !p.f.cfg.IsBot(member.StateKey) && member.StateKey != p.ID {
			who = append(who, member.StateKey)
		}
	}
	slices.Sort(who)
	return who
}

// say sends a text and returns its event ID.
func (p *person) say(room id.RoomID, text string) id.EventID {
	p.f.t.Helper()
	p.sent++
	var sent struct {
		EventID id.EventID `json:"event_id"`
	}
	path := fmt.Sprintf("/rooms/%s/send/m.room.message/%d-%d", esc(string(room)), time.Now().UnixNano(), p.sent)
	p.call("PUT", path, fields{"msgtype": "m.text", "body": text}, &sent)
	return sent.EventID
}

// message is what a bot said, with its newest wording.
type message struct {
	ID     id.EventID
	Sender id.UserID
	Body   string
}

// messages lists what was said in a room, oldest first, edits applied.
func (p *person) messages(room id.RoomID) []message {
	p.f.t.Helper()
	var answer struct {
		Chunk []struct {
			EventID id.EventID `json:"event_id"`
			Type    string     `json:"type"`
			Sender  id.UserID  `json:"sender"`
			Content struct {
				Body       string `json:"body"`
				NewContent struct {
					Body string `json:"body"`
				} `json:"m.new_content"`
				RelatesTo struct {
					Type    string     `json:"rel_type"`
					EventID id.EventID `json:"event_id"`
				} `json:"m.relates_to"`
			} `json:"content"`
		} `json:"chunk"`
	}
	p.call("GET", "/rooms/"+esc(string(room))+"/messages?dir=b&limit=200", nil, &answer)
	slices.Reverse(answer.Chunk)
	var said []message
	for _, evt := range answer.Chunk {
		if evt.Type != "m.room.message" {
			continue
		}
		if evt.Content.RelatesTo.Type == "m.replace" {
			for i := range said {
				if said[i].ID == evt.Content.RelatesTo.EventID {
					said[i].Body = evt.Content.NewContent.Body
				}
			}
			continue
		}
		said = append(said, message{ID: evt.EventID, Sender: evt.Sender, Body: evt.Content.Body})
	}
	return said
}

// ever is where [person.hears] begins when what was said at any time counts.
const ever id.EventID = ""

// hears waits until a bot has said something in a room, after a message of one's own, that contains all the words.
func (p *person) hears(room id.RoomID, after id.EventID, words ...string) string {
	p.f.t.Helper()
	var last string
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		said := p.messages(room)
		from := slices.IndexFunc(said, func(m message) bool { return m.ID == after })
		if from < 0 && after != ever {
			p.f.t.Fatalf("the message after which to listen is none of the last %d", len(said))
		}
		for _, m := range said[from+1:] {
			if !p.f.cfg.IsBot(m.Sender) {
				continue
			}
			last = m.Body
			if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(m.Body, word) }) {
				return m.Body
			}
		}
		<-time.After(100 * time.Millisecond)
	}
	p.f.t.Fatalf("nobody said %q; the last that a bot said is %q", words, last)
	return ""
}

// ask says something and waits for the answer in the same room.
func (p *person) ask(room id.RoomID, text string, words ...string) string {
	p.f.t.Helper()
	return p.hears(room, p.say(room, text), words...)
}

// direct opens a talk with the bridge bot.
func (p *person) direct() id.RoomID {
	p.f.t.Helper()
	room := p.room(fields{"preset": "trusted_private_chat", "is_direct": true}, p.f.bot())
	p.awaitMember(room, p.f.bot(), "join")
	p.hears(room, ever, "!authorize")
	return room
}

// connects connects a Pretix account by a token of one of the organizer's teams.
func (p *person) connects(direct id.RoomID, token string) {
	p.f.t.Helper()
	p.ask(direct, "!authorize", "API token")
	p.ask(direct, token, "Connected")
}

// eventRoom makes a room with the bridge bot in it.
func (p *person) eventRoom(more fields) id.RoomID {
	p.f.t.Helper()
	room := p.room(more, p.f.bot())
	p.awaitMember(room, p.f.bot(), "join")
	return room
}

// links links a room to the event in a talk with the bridge bot, and returns the checklist.
func (p *person) links(direct, room id.RoomID, words ...string) string {
	p.f.t.Helper()
	command := "!setroom " + p.f.org.Slug + "/conf " + string(room)
	if len(words) > 0 {
		command += " " + strings.Join(words, " ")
	}
	return p.ask(direct, command, "asks for the Matrix ID", "may invite")
}

// kicks puts somebody out of a room.
func (p *person) kicks(room id.RoomID, who id.UserID) {
	p.f.t.Helper()
	p.call("POST", "/rooms/"+esc(string(room))+"/kick", fields{"user_id": who}, nil)
}

// leaves goes out of a room, or declines to come in.
func (p *person) leaves(room id.RoomID) {
	p.f.t.Helper()
	p.call("POST", "/rooms/"+esc(string(room))+"/leave", fields{}, nil)
}

// asks invites somebody into a room.
func (p *person) asks(room id.RoomID, who id.UserID) {
	p.f.t.Helper()
	p.call("POST", "/rooms/"+esc(string(room))+"/invite", fields{"user_id": who}, nil)
}
