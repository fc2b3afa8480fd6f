// Package hstest holds what tests of the bridge need on the other side of the homeserver: people with a client that encrypts.
package hstest

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/crypto/cryptohelper"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// patience is how long a test waits for what should happen within a second.
const patience = 60 * time.Second

// Person is somebody on the homeserver with a client that encrypts where a room is encrypted, as people's clients do.
type Person struct {
	*mautrix.Client
	t testing.TB

	mu      sync.Mutex
	seen    []*event.Event
	arrived chan struct{} // closed and replaced with each event
}

// NewPerson logs somebody in by the token of a new device, and syncs until the test ends. Their keys lie in a file of their own.
func NewPerson(t testing.TB, address string, user id.UserID, token string, device id.DeviceID) *Person {
	t.Helper()
	client, err := mautrix.NewClient(address, user, token)
	if err != nil {
		t.Fatalf("make a client: %v", err)
	}
	client.DeviceID = device
	p := &Person{Client: client, t: t, arrived: make(chan struct{})}
	helper, err := cryptohelper.NewCryptoHelper(client, []byte("pickle"), filepath.Join(t.TempDir(), "keys.db"))
	if err != nil {
		t.Fatalf("make a client that encrypts: %v", err)
	}
	if err := helper.Init(t.Context()); err != nil {
		t.Fatalf("start encryption of %s: %v", user, err)
	}
	client.Crypto = helper
	client.Syncer.(mautrix.ExtensibleSyncer).OnEvent(p.note)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := client.SyncWithContext(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("sync of %s: %v", user, err)
		}
	}()
	t.Cleanup(func() {
		stop()
		<-done
		if err := helper.Close(); err != nil {
			t.Errorf("close the keys of %s: %v", user, err)
		}
	})
	return p
}

func (p *Person) note(_ context.Context, evt *event.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, evt)
	close(p.arrived)
	p.arrived = make(chan struct{})
}

// WaitFor returns the first event, past or to come, that fits. Messages in encrypted rooms are seen twice: as they came and,
// where that worked, in clear.
func (p *Person) WaitFor(what string, fits func(*event.Event) bool) *event.Event {
	p.t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for next := 0; ; {
		p.mu.Lock()
		seen, arrived := p.seen[next:], p.arrived
		p.mu.Unlock()
		for _, evt := range seen {
			if fits(evt) {
				return evt
			}
		}
		next += len(seen)
		select {
		case <-arrived:
		case <-limit.C:
			p.t.Fatalf("%s waited %s for %s in vain", p.UserID, patience, what)
		}
	}
}

// Seen lists the events so far that fit.
func (p *Person) Seen(fits func(*event.Event) bool) []*event.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	var seen []*event.Event
	for _, evt := range p.seen {
		if fits(evt) {
			seen = append(seen, evt)
		}
	}
	return seen
}

// WaitForText waits for a message of somebody in a room that says just that, and returns it in clear.
func (p *Person) WaitForText(room id.RoomID, from id.UserID, text string) *event.Event {
	p.t.Helper()
	return p.WaitFor(`"`+text+`" from `+from.String(), func(evt *event.Event) bool {
		return evt.RoomID == room && evt.Sender == from && evt.Type == event.EventMessage && evt.Content.AsMessage().Body == text
	})
}

// Send says something in a room, encrypted where that is on, as far as this client has heard.
func (p *Person) Send(room id.RoomID, text string) id.EventID {
	p.t.Helper()
	return p.SendContent(room, &event.MessageEventContent{MsgType: event.MsgText, Body: text})
}

// SendContent sends any message.
func (p *Person) SendContent(room id.RoomID, content *event.MessageEventContent) id.EventID {
	p.t.Helper()
	answer, err := p.SendMessageEvent(p.t.Context(), room, event.EventMessage, content)
	if err != nil {
		p.t.Fatalf("%s sends: %v", p.UserID, err)
	}
	return answer.EventID
}

// MakeRoom makes a room and waits until this client knows of it. An encrypted one is encrypted from its start.
func (p *Person) MakeRoom(request *mautrix.ReqCreateRoom, encrypted bool) id.RoomID {
	p.t.Helper()
	if encrypted {
		none := ""
		request.InitialState = append(request.InitialState, &event.Event{
			Type: event.StateEncryption, StateKey: &none,
			Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}},
		})
	}
	answer, err := p.CreateRoom(p.t.Context(), request)
	if err != nil {
		p.t.Fatalf("%s makes a room: %v", p.UserID, err)
	}
	p.WaitForMember(answer.RoomID, p.UserID, event.MembershipJoin)
	if encrypted {
		p.WaitForEncryption(answer.RoomID)
	}
	return answer.RoomID
}

// Encrypt switches encryption on in a room.
func (p *Person) Encrypt(room id.RoomID) {
	p.t.Helper()
	content := &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}
	if _, err := p.SendStateEvent(p.t.Context(), room, event.StateEncryption, "", content); err != nil {
		p.t.Fatalf("%s encrypts a room: %v", p.UserID, err)
	}
	p.WaitForEncryption(room)
}

// WaitForEncryption waits until this client knows that a room is encrypted.
func (p *Person) WaitForEncryption(room id.RoomID) {
	p.t.Helper()
	p.WaitFor("encryption", func(evt *event.Event) bool { return evt.RoomID == room && evt.Type == event.StateEncryption })
}

// Ask invites somebody into a room.
func (p *Person) Ask(room id.RoomID, who id.UserID) {
	p.t.Helper()
	if _, err := p.InviteUser(p.t.Context(), room, &mautrix.ReqInviteUser{UserID: who}); err != nil {
		p.t.Fatalf("%s invites: %v", p.UserID, err)
	}
}

// Enter joins a room and waits until this client knows of it.
func (p *Person) Enter(room id.RoomID) {
	p.t.Helper()
	if _, err := p.JoinRoomByID(p.t.Context(), room); err != nil {
		p.t.Fatalf("%s joins: %v", p.UserID, err)
	}
	p.WaitForMember(room, p.UserID, event.MembershipJoin)
}

// WaitForMember waits until this client has heard that somebody's membership became that.
func (p *Person) WaitForMember(room id.RoomID, who id.UserID, membership event.Membership) *event.Event {
	p.t.Helper()
	return p.WaitFor(who.String()+" to "+string(membership), func(evt *event.Event) bool {
		return evt.RoomID == room && evt.Type == event.StateMember && evt.GetStateKey() == who.String() &&
			evt.Content.AsMember().Membership == membership
	})
}

// Raw reads an event as the homeserver has it, encrypted if it came so.
func (p *Person) Raw(room id.RoomID, what id.EventID) *event.Event {
	p.t.Helper()
	evt, err := p.GetEvent(p.t.Context(), room, what)
	if err != nil {
		p.t.Fatalf("%s reads an event: %v", p.UserID, err)
	}
	return evt
}
