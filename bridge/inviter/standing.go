package inviter

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/inviter/judge"
)

// standingAge is how long a standing may be used. Power events end it earlier, but the homeserver may deliver one of them never.
const standingAge = 30 * time.Second

// standing says how the bot stands in the room, as read at most half a minute ago and not changed since.
func (in *Inviter) standing(ctx context.Context, bot id.UserID, room id.RoomID) (judge.Standing, error) {
	known, changes, ok := in.standings.get(bot, room)
	if ok {
		return known, nil
	}
	// Whoever asks after a change must not share an answer from before it.
	key := fmt.Sprint(bot, " ", room, " ", changes)
	return in.readings.Do(ctx, key, func() (judge.Standing, error) {
		read, err := in.readStanding(ctx, bot, room)
		if err == nil && !read.Unsure {
			in.standings.put(bot, room, read, changes)
		}
		return read, err
	})
}

// readStanding asks the homeserver.
func (in *Inviter) readStanding(ctx context.Context, bot id.UserID, room id.RoomID) (judge.Standing, error) {
	state, err := in.hs.OwnState(ctx, bot, room)
	if err == nil {
		return judge.StandingOf(state, bot), nil
	}
	if ended := ctx.Err(); ended != nil {
		return judge.Standing{}, ended
	}
	if fault := faultOf(err); fault != nil {
		return judge.Standing{}, fault
	}
	if errors.Is(err, homeserver.ErrUnavailable) {
		if err := in.outage(ctx); err != nil {
			return judge.Standing{}, err
		}
	}
	return judge.RefusedStanding(judge.AnswerOf(err)), nil
}

// standings keeps how bots stand in rooms for a short while, so that a batch asks once and not for each person.
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
	standing judge.Standing
	until    time.Time
}

func newStandings(now func() time.Time) *standings {
	return &standings{now: now, known: make(map[standingKey]standingEntry)}
}

func (s *standings) get(bot id.UserID, room id.RoomID) (known judge.Standing, changes int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, found := s.known[standingKey{bot, room}]
	return entry.standing, s.changes, found && s.now().Before(entry.until)
}

func (s *standings) put(bot id.UserID, room id.RoomID, is judge.Standing, changes int) {
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
