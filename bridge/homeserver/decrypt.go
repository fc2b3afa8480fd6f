package homeserver

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

const (
	firstWait  = 5 * time.Second  // keys travel apart from messages and may come a little later
	secondWait = 20 * time.Second // for the answer when we have asked for the key
	shortWait  = time.Second      // for somebody whose last key did not come either
)

// decrypt gives the event in clear, or nil if that was impossible; then it has told the handler.
func (d *Dispatcher) decrypt(ctx context.Context, r received) *event.Event {
	evt := r.evt
	content, ok := evt.Content.Parsed.(*event.EncryptedEventContent)
	if !ok {
		return nil
	}
	if d.s.mx.Crypto == nil {
		if d.s.MayCommand(evt.Sender) {
			d.undecryptable(ctx, r, content.SessionID)
		}
		return nil
	}
	if !d.s.MayCommand(evt.Sender) {
		return d.decryptStranger(nobody.WithContext(ctx), evt, content)
	}
	decrypted, err := d.decryptWaiting(nobody.WithContext(ctx), evt, content)
	switch {
	case err == nil:
		d.deaf.heard(evt.Sender)
		return decrypted
	case ctx.Err() != nil, errors.Is(err, matrix.DuplicateMessageIndex):
		return nil // stopping; or the same words again, as somebody would send who recorded them
	}
	d.log.Info("message not decrypted", zap.Stringer("room_id", evt.RoomID))
	d.undecryptable(ctx, r, content.SessionID)
	return nil
}

// decryptStranger decrypts what somebody wrote who may not command, if the key comes with it or a moment later. It is neither asked for nor told that
// it is missing, and whoever sends without keys is not waited for again.
func (d *Dispatcher) decryptStranger(ctx context.Context, evt *event.Event, content *event.EncryptedEventContent) *event.Event {
	crypto := d.s.mx.Crypto
	decrypted, err := crypto.Decrypt(ctx, evt)
	if errors.Is(err, matrix.NoSessionFound) && !d.deaf.to(evt.Sender) {
		crypto.WaitForSession(ctx, evt.RoomID, content.SenderKey, content.SessionID, shortWait)
		decrypted, err = crypto.Decrypt(ctx, evt)
	}
	if err != nil {
		d.deaf.missed(evt.Sender, content.SessionID)
		return nil
	}
	d.deaf.heard(evt.Sender)
	return decrypted
}

// decryptWaiting decrypts, waiting for the key if it has not come yet and asking for it if it does not come.
func (d *Dispatcher) decryptWaiting(ctx context.Context, evt *event.Event, content *event.EncryptedEventContent) (*event.Event, error) {
	crypto := d.s.mx.Crypto
	decrypted, err := crypto.Decrypt(ctx, evt)
	if !errors.Is(err, matrix.NoSessionFound) {
		return decrypted, err
	}
	comes := func(wait time.Duration) bool {
		return crypto.WaitForSession(ctx, evt.RoomID, content.SenderKey, content.SessionID, wait)
	}
	if d.deaf.to(evt.Sender) {
		comes(shortWait)
		return crypto.Decrypt(ctx, evt)
	}
	if !comes(firstWait) {
		asking, cancel := context.WithTimeout(ctx, callTime)
		defer cancel()
		//lint:ignore SA1019 the device is optional in new clients; the framework then asks all
		crypto.RequestSession(asking, evt.RoomID, content.SenderKey, content.SessionID, evt.Sender, content.DeviceID)
		comes(secondWait)
	}
	return crypto.Decrypt(ctx, evt)
}

func (d *Dispatcher) undecryptable(ctx context.Context, r received, session id.SessionID) {
	if d.deaf.missed(r.evt.Sender, session) && d.handlers.Undecryptable != nil {
		d.handlers.Undecryptable(ctx, Heard{Evt: r.evt, Thread: threadOf(r.evt), Encrypted: true, Late: r.late})
	}
}

const (
	deafFor  = 10 * time.Minute
	deafMost = 1024 // people remembered
)

// deafness remembers, in memory and for a while, who could not be understood: to tell each of them once per key, and so that
// nobody can hold up a room by sending what nobody can read.
type deafness struct {
	now func() time.Time

	mu  sync.Mutex
	who map[id.UserID]deafnessTo
}

type deafnessTo struct {
	until   time.Time
	session id.SessionID
}

func newDeafness(now func() time.Time) *deafness {
	return &deafness{now: now, who: make(map[id.UserID]deafnessTo)}
}

// to reports whether somebody could not be understood lately.
func (d *deafness) to(user id.UserID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now().Before(d.who[user].until)
}

// missed notes that a message could not be understood, and reports whether it is the first with that key.
func (d *deafness) missed(user id.UserID, session id.SessionID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for other, deaf := range d.who {
		if len(d.who) >= deafMost || !now.Before(deaf.until) {
			delete(d.who, other)
		}
	}
	first := d.who[user].session != session
	d.who[user] = deafnessTo{until: now.Add(deafFor), session: session}
	return first
}

// heard forgets that somebody could not be understood.
func (d *deafness) heard(user id.UserID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.who, user)
}
