package homeserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// ErrCannotEncrypt says that a room is encrypted and that this bridge cannot write there: encryption is not switched on, or
// the room wants a kind that we do not know.
var ErrCannotEncrypt = errors.New("cannot encrypt for this room")

// ErrMustNotSpeak says that an event bot was to speak in an encrypted room. It has no device of its own, so its words would
// be signed by another's, which clients warn of.
var ErrMustNotSpeak = errors.New("event bots do not speak in encrypted rooms")

// roomLocks is what is kept in memory of a room in which the bridge bot speaks.
type roomLocks struct {
	speaking sync.Mutex // holds what the bridge bot says in order, and session keys are shared by one at a time

	reading     sync.Mutex
	membersRead bool // in this process, so that what was lost while it was down is made good

	changes atomic.Int64 // counts changes of membership
}

func (s *Server) room(room id.RoomID) *roomLocks {
	s.roomsLock.Lock()
	defer s.roomsLock.Unlock()
	locks := s.rooms[room]
	if locks == nil {
		locks = &roomLocks{}
		s.rooms[room] = locks
	}
	return locks
}

// Encrypted reports whether a room is encrypted. Only the yes is remembered, because it cannot be taken back; while it is not
// encrypted each call asks the homeserver. Where that gives no clear answer, there is an error and never a no.
func (s *Server) Encrypted(ctx context.Context, as id.UserID, room id.RoomID) (bool, error) {
	known, err := s.store.IsEncrypted(ctx, room)
	if err != nil {
		return false, fmt.Errorf("look up whether a room is encrypted: %w", err)
	}
	if known {
		return true, nil
	}
	var content event.EncryptionEventContent
	err = s.StateEvent(ctx, as, room, event.StateEncryption, "", &content)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := s.store.SetEncryptionEvent(ctx, room, &content); err != nil {
		return false, fmt.Errorf("keep that a room is encrypted: %w", err)
	}
	return true, nil
}

// PrepareRoom makes the bridge bot ready to speak in a room that it has just joined, for an application service is not told
// the state of such a room: it learns whether the room is encrypted and if so for whom to encrypt.
func (s *Server) PrepareRoom(ctx context.Context, room id.RoomID) error {
	return s.prepareRoom(ctx, room, true)
}

func (s *Server) prepareRoom(ctx context.Context, room id.RoomID, again bool) error {
	encrypted, err := s.Encrypted(ctx, s.Bot(), room)
	if err != nil || !encrypted {
		return err
	}
	return s.readMembers(ctx, room, again)
}

// readMembers keeps whom to encrypt for: once in this process, unless told to do it again.
func (s *Server) readMembers(ctx context.Context, room id.RoomID, again bool) error {
	locks := s.room(room)
	locks.reading.Lock()
	defer locks.reading.Unlock()
	if locks.membersRead && !again {
		return nil
	}
	for range 3 { // who joins or leaves in the meantime may be missing in what was read
		before := locks.changes.Load()
		if err := s.fetchMembers(ctx, room); err != nil {
			return err
		}
		if locks.membersRead = locks.changes.Load() == before; locks.membersRead {
			return nil
		}
	}
	return nil // much coming and going: the next message reads again
}

// fetchMembers reads the members into the state store, by the framework's own call.
func (s *Server) fetchMembers(ctx context.Context, room id.RoomID) error {
	const op = "read members"
	quiet, cancel := quietly(ctx, callTime)
	defer cancel()
	client, err := s.as(quiet, s.Bot())
	if err != nil {
		return err
	}
	_, err = client.Members(quiet, room)
	return safe(ctx, op, err)
}

// encrypt turns content into what may be sent into an encrypted room. What is said while the framework still starts waits for that.
func (s *Server) encrypt(ctx context.Context, room id.RoomID, content *event.Content) error {
	supported, err := s.store.IsEncrypted(ctx, room)
	if err != nil {
		return fmt.Errorf("look up how a room is encrypted: %w", err)
	}
	if !supported || s.keys == nil {
		return ErrCannotEncrypt
	}
	if err := s.keys.await(ctx); err != nil {
		return &Error{Op: "encrypt", reason: err}
	}
	if err := s.readMembers(ctx, room, false); err != nil {
		return err
	}
	quiet, cancel := quietly(ctx, 2*callTime) // keys go to each device of each member at first
	defer cancel()
	if err := s.keys.Encrypt(quiet, room, event.EventMessage, content); err != nil {
		return safe(ctx, "encrypt", err)
	}
	if _, ok := content.Parsed.(*event.EncryptedEventContent); !ok {
		return &Error{Op: "encrypt", Status: http.StatusInternalServerError}
	}
	return nil
}
