package inviter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// standing is how an event's bot stands in a room. The zero value is well: it may invite.
type standing struct {
	stop      database.LinkReason // the room's fault for which nobody can be invited
	successor id.RoomID           // of a replaced room: where its tombstone points
	unsure    bool                // the homeserver is there and did not tell about this room
}

// standingOf reads it from the room as it is. Levels that prove nothing are no power.
func standingOf(room authority.Room, bot id.UserID) standing {
	switch room.Members[bot] {
	case event.MembershipJoin:
	case event.MembershipBan:
		return standing{stop: database.LinkBanned}
	default:
		return standing{stop: database.LinkRemoved}
	}
	switch {
	case room.Upgraded: // old rooms still take invites, and word of the tombstone may have been lost
		return standing{stop: database.LinkReplaced, successor: room.Successor}
	case !room.CanInvite(bot):
		return standing{stop: database.LinkNoPower}
	}
	return standing{}
}

// refusedStanding reads it from the homeserver's refusal to tell the bot about the room.
func refusedStanding(a answer) standing {
	switch a.status {
	case 403:
		return standing{stop: database.LinkRemoved}
	case 404:
		return standing{stop: database.LinkNoRoom}
	default:
		return standing{unsure: true}
	}
}

// standing says how the bot stands in the room, as read at most half a minute ago and not changed since.
func (in *Inviter) standing(ctx context.Context, bot id.UserID, room id.RoomID) (standing, error) {
	known, changes, ok := in.standings.get(bot, room)
	if ok {
		return known, nil
	}
	// Whoever asks after a change must not share an answer from before it.
	key := fmt.Sprint(bot, " ", room, " ", changes)
	return in.readings.do(ctx, key, func() (standing, error) {
		read, err := in.readStanding(ctx, bot, room)
		if err == nil && !read.unsure {
			in.standings.put(bot, room, read, changes)
		}
		return read, err
	})
}

// readStanding asks the homeserver.
func (in *Inviter) readStanding(ctx context.Context, bot id.UserID, room id.RoomID) (standing, error) {
	state, err := in.hs.OwnState(ctx, bot, room)
	if err == nil {
		return standingOf(state, bot), nil
	}
	if ended := ctx.Err(); ended != nil {
		return standing{}, ended
	}
	if fault := faultOf(err); fault != nil {
		return standing{}, fault
	}
	if errors.Is(err, homeserver.ErrUnavailable) {
		if err := in.outage(ctx); err != nil {
			return standing{}, err
		}
	}
	return refusedStanding(answerOf(err)), nil
}

// standingAge is how long a standing may be used. Power events end it earlier, but the homeserver may deliver one of them never.
const standingAge = 30 * time.Second

// standings keeps them for a short while, so that a batch asks once and not for each person.
type standings struct {
	now func() time.Time

	mu      sync.Mutex
	known   map[standingKey]standingEntry
	changes int // an answer asked for before a change is not kept after it
}

type standingKey struct {
	bot  id.UserID
	room id.RoomID
}

type standingEntry struct {
	standing standing
	until    time.Time
}

func newStandings(now func() time.Time) *standings {
	return &standings{now: now, known: make(map[standingKey]standingEntry)}
}

func (s *standings) get(bot id.UserID, room id.RoomID) (known standing, changes int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, found := s.known[standingKey{bot, room}]
	return entry.standing, s.changes, found && s.now().Before(entry.until)
}

func (s *standings) put(bot id.UserID, room id.RoomID, is standing, changes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if changes != s.changes {
		return
	}
	now := s.now()
	for key, entry := range s.known {
		if !now.Before(entry.until) {
			delete(s.known, key)
		}
	}
	s.known[standingKey{bot, room}] = standingEntry{is, now.Add(standingAge)}
}

// forget drops what is known of a room: something about its power or our bots has changed.
func (s *standings) forget(room id.RoomID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	for key := range s.known {
		if key.room == room {
			delete(s.known, key)
		}
	}
}
