package main

import (
	"strings"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver/hstest"
	"matrix-pretix/cmd/lab/parts"
)

// secretive is somebody whose client encrypts wherever a room is encrypted, as Element does from the start.
type secretive struct {
	*hstest.Person
	f *fixture
}

func (f *fixture) secretive(name string) *secretive {
	f.t.Helper()
	user, err := f.lab.Synapse.Register(f.t.Context(), parts.Unique(name), parts.UserOptions{Unlimited: true})
	if err != nil {
		f.t.Fatalf("register %s: %v", name, err)
	}
	p := hstest.NewPerson(f.t, f.lab.Synapse.URL, id.UserID(user.UserID), user.AccessToken, id.DeviceID(user.DeviceID))
	return &secretive{Person: p, f: f}
}

// encryptedRoom makes an encrypted room with the bridge bot in it.
func (p *secretive) encryptedRoom(more mautrix.ReqCreateRoom) id.RoomID {
	p.f.t.Helper()
	more.Invite = append(more.Invite, p.f.bot())
	if more.Preset == "" {
		more.Preset = "private_chat"
	}
	room := p.MakeRoom(&more, true)
	p.WaitForMember(room, p.f.bot(), event.MembershipJoin)
	return room
}

// encryptedDirect opens a talk with the bridge bot as Element does: encrypted.
func (p *secretive) encryptedDirect() id.RoomID {
	p.f.t.Helper()
	room := p.encryptedRoom(mautrix.ReqCreateRoom{Preset: "trusted_private_chat", IsDirect: true})
	p.heard(room, 0, "!authorize")
	return room
}

// heard waits until the bridge bot has said something in a room, after so many events that this client has seen, that contains all the
// words.
func (p *secretive) heard(room id.RoomID, after int, words ...string) *event.Event {
	p.f.t.Helper()
	return p.WaitFor(strings.Join(words, " … "), func(evt *event.Event) bool {
		if after--; after >= 0 || evt.RoomID != room || evt.Sender != p.f.bot() || evt.Type != event.EventMessage {
			return false
		}
		content := evt.Content.AsMessage()
		text := content.Body
		if content.NewContent != nil {
			text = content.NewContent.Body
		}
		for _, word := range words {
			if !strings.Contains(text, word) {
				return false
			}
		}
		return true
	})
}

func (p *secretive) seen() int { return len(p.Seen(func(*event.Event) bool { return true })) }

// asks says something in a room and waits for what the bridge bot says to it there, or in another room.
func (p *secretive) asks(room id.RoomID, text string, answered id.RoomID, words ...string) (asked id.EventID, answer *event.Event) {
	p.f.t.Helper()
	before := p.seen()
	asked = p.Send(room, text)
	return asked, p.heard(answered, before, words...)
}

// isRedacted reports whether an event was taken out of a room, and by whom.
func (p *secretive) isRedacted(room id.RoomID, what id.EventID) (id.UserID, bool) {
	p.f.t.Helper()
	because := p.Raw(room, what).Unsigned.RedactedBecause
	if because == nil {
		return "", false
	}
	return because.Sender, true
}

// awaitRedacted waits until the bridge bot has taken a message out.
func (p *secretive) awaitRedacted(room id.RoomID, what id.EventID) {
	p.f.t.Helper()
	p.f.eventually("the message is redacted by the bridge bot", func() bool {
		by, redacted := p.isRedacted(room, what)
		return redacted && by == p.f.bot()
	})
}

// spoken is what one of our users has sent into a room, as the homeserver keeps it.
type spoken struct{ encrypted, clear, others int }

// ours counts what our bots have sent into a room, by sender.
func (p *secretive) ours(room id.RoomID) map[id.UserID]spoken {
	p.f.t.Helper()
	said := make(map[id.UserID]spoken)
	from := ""
	for {
		page, err := p.Messages(p.f.t.Context(), room, from, "", mautrix.DirectionBackward, nil, 200)
		if err != nil {
			p.f.t.Fatalf("read a room's messages: %v", err)
		}
		for _, evt := range page.Chunk {
			if !p.f.cfg.IsBot(evt.Sender) {
				continue
			}
			s := said[evt.Sender]
			switch evt.Type.Type {
			case event.EventEncrypted.Type:
				s.encrypted++
			case event.StateMember.Type, event.EventReaction.Type, event.EventRedaction.Type:
				s.others++ // none of them is ever encrypted, in any client
			default:
				s.clear++
			}
			said[evt.Sender] = s
		}
		if page.End == "" || len(page.Chunk) == 0 {
			return said
		}
		from = page.End
	}
}

// onlyEncrypted looks that nothing of ours is in clear in a room and that the event bot has said nothing at all.
func (p *secretive) onlyEncrypted(room id.RoomID, answered bool) {
	p.f.t.Helper()
	said := p.ours(room)
	for who, s := range said {
		if s.clear > 0 {
			p.f.t.Errorf("%s sent %d events in clear into an encrypted room", who, s.clear)
		}
	}
	if got := said[p.f.bot()].encrypted > 0; got != answered {
		p.f.t.Errorf("the bridge bot spoke in the room: %v, want %v", got, answered)
	}
	if s := said[p.f.eventBot(p.f.conf)]; s.encrypted > 0 {
		p.f.t.Errorf("the event bot said %d things in an encrypted room, want nothing", s.encrypted)
	}
}
