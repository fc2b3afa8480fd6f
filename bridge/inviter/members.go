package inviter

import (
	"context"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// listAge is how long a member list may be used: events keep it fresh, but the homeserver may deliver one of them never.
const listAge = 5 * time.Minute

// After a list could not be read each person is asked about on their own for a while: thirty times as long as the try took, in which
// everybody has waited, but a while in any case.
const (
	restPerTry = 30
	leastRest  = 30 * time.Second
)

// memberLists holds the member lists of the rooms that a batch works on: one read per room instead of one per person. A list is kept
// while somebody has it pinned, in memory only.
type memberLists struct {
	now  func() time.Time
	read func(ctx context.Context, as id.UserID, room id.RoomID) (map[id.UserID]event.Membership, error)

	mu    sync.Mutex
	rooms map[id.RoomID]*memberList
}

type memberList struct {
	pins    int
	reading chan struct{} // closed when the read under way is over; nil: none is
	readAt  time.Time
	rests   time.Time                      // until when it is not read because that failed
	members map[id.UserID]event.Membership // nil: not read
	changes map[id.UserID]event.Membership // heard of while reading
}

func newMemberLists(now func() time.Time, read func(context.Context, id.UserID, id.RoomID) (map[id.UserID]event.Membership, error)) *memberLists {
	return &memberLists{now: now, read: read, rooms: make(map[id.RoomID]*memberList)}
}

// pin announces that a room's list is worth reading as a whole. It is read when the first membership is asked for.
func (m *memberLists) pin(room id.RoomID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.rooms[room]
	if list == nil {
		list = &memberList{}
		m.rooms[room] = list
	}
	list.pins++
}

func (m *memberLists) unpin(room id.RoomID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.rooms[room]
	list.pins--
	if list.pins == 0 {
		delete(m.rooms, room)
	}
}

// membership looks somebody up in a pinned list; pinned is false where there is none, or none that can be read, and the room has to be
// asked about the one person. An error is the end of ctx.
func (m *memberLists) membership(ctx context.Context, as id.UserID, room id.RoomID, who id.UserID) (is event.Membership, pinned bool, err error) {
	for {
		m.mu.Lock()
		list := m.rooms[room]
		if list == nil {
			m.mu.Unlock()
			return "", false, nil
		}
		if list.members != nil && m.now().Sub(list.readAt) < listAge {
			is = list.members[who]
			m.mu.Unlock()
			return is, true, nil
		}
		if m.now().Before(list.rests) {
			m.mu.Unlock()
			return "", false, nil
		}
		if reading := list.reading; reading != nil {
			m.mu.Unlock()
			select {
			case <-reading:
			case <-ctx.Done():
				return "", true, ctx.Err()
			}
			continue
		}
		list.reading, list.changes = make(chan struct{}), make(map[id.UserID]event.Membership)
		m.mu.Unlock()
		m.load(ctx, as, room, list)
		if err := ctx.Err(); err != nil {
			return "", true, err
		}
	}
}

// load reads the list. What was heard meanwhile is newer than what was read, or the same. That it cannot be read holds for everybody
// who waits for it; asking about each of them says why.
func (m *memberLists) load(ctx context.Context, as id.UserID, room id.RoomID, list *memberList) {
	began := m.now()
	members, err := m.read(ctx, as, room)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		list.rests = m.now().Add(max(leastRest, restPerTry*m.now().Sub(began)))
	}
	if err == nil {
		if members == nil {
			members = make(map[id.UserID]event.Membership)
		}
		for who, is := range list.changes {
			members[who] = is
		}
		list.members, list.readAt = members, began
	}
	close(list.reading)
	list.reading, list.changes = nil, nil
}

// changed notes what was heard or done: a member event, or an invite of our own.
func (m *memberLists) changed(room id.RoomID, who id.UserID, is event.Membership) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.rooms[room]
	if list == nil {
		return
	}
	if list.members != nil {
		list.members[who] = is
	}
	if list.changes != nil {
		list.changes[who] = is
	}
}
