package inviter

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
)

const (
	ownServer = "example.org"
	bridgeBot = id.UserID("@pretixbot:example.org")
	eventBot  = id.UserID("@pretix_eu__lab__conf:example.org")
	otherBot  = id.UserID("@pretix_eu__lab__other:example.org")
)

// matrixFake is a homeserver as far as the inviter sees it, with the answers that were measured on a real one.
type matrixFake struct {
	mu      sync.Mutex
	rooms   map[id.RoomID]*roomFake
	nobody  map[id.UserID]bool // there is nobody by that name
	keyed   map[id.UserID]bool // known by their keys
	refuses map[id.UserID]error
	calls   map[string]int // by operation
	most    map[id.RoomID]int
	reasons map[string]bool

	// step is called before and after each call: what it returns is the call's answer. It may take its time.
	step func(ctx context.Context, done bool, op string, room id.RoomID, who id.UserID) error
	// heard is told of each change of a membership.
	heard func(room id.RoomID, who id.UserID, was, is event.Membership, by id.UserID)
}

type roomFake struct {
	members map[id.UserID]event.Membership
	invites []id.UserID // that became an event of the room, in order
	tries   int         // invite requests
	busy    int
	power   bool

	upgraded  bool // it has a tombstone, which names the successor
	successor id.RoomID
}

func newMatrixFake() *matrixFake {
	return &matrixFake{
		rooms: make(map[id.RoomID]*roomFake), nobody: make(map[id.UserID]bool), refuses: make(map[id.UserID]error),
		calls: make(map[string]int), most: make(map[id.RoomID]int), reasons: make(map[string]bool),
		step:  func(context.Context, bool, string, id.RoomID, id.UserID) error { return nil },
		heard: func(id.RoomID, id.UserID, event.Membership, event.Membership, id.UserID) {},
	}
}

func (m *matrixFake) room(room id.RoomID) *roomFake {
	r := m.rooms[room]
	if r == nil {
		r = &roomFake{members: map[id.UserID]event.Membership{eventBot: event.MembershipJoin}, power: true}
		m.rooms[room] = r
	}
	return r
}

func refusal(status int, code string) error {
	return &homeserver.Error{Op: "test", Status: status, Code: code}
}

func unavailable(status int) error {
	return errors.Join(&homeserver.Error{Op: "test", Status: status}, homeserver.ErrUnavailable)
}

// unreachable is our homeserver's word that it cannot reach another one.
func unreachable() error {
	return errors.Join(&homeserver.Error{Op: "test", Status: 502, Code: "M_UNKNOWN"}, homeserver.ErrUnavailable)
}

// answer runs one call: what step says before and after it is its answer, if that is an error.
func (m *matrixFake) answer(ctx context.Context, op string, room id.RoomID, who id.UserID, do func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	step := m.step
	m.mu.Unlock()
	if err := step(ctx, false, op, room, who); err != nil {
		return err
	}
	m.mu.Lock()
	m.calls[op]++
	err := do()
	m.mu.Unlock()
	if after := step(ctx, true, op, room, who); after != nil {
		return after
	}
	return err
}

func (m *matrixFake) Bot() id.UserID { return bridgeBot }

func (m *matrixFake) IsOurs(user id.UserID) bool {
	return user == bridgeBot || strings.HasPrefix(string(user), "@pretix_")
}

func (m *matrixFake) Members(ctx context.Context, as id.UserID, room id.RoomID) (members map[id.UserID]event.Membership, err error) {
	err = m.answer(ctx, "members", room, "", func() error {
		members = maps.Clone(m.room(room).members)
		return nil
	})
	return members, err
}

func (m *matrixFake) Membership(ctx context.Context, as id.UserID, room id.RoomID, who id.UserID) (is event.Membership, err error) {
	err = m.answer(ctx, "membership", room, who, func() error {
		is = m.room(room).members[who]
		return nil
	})
	return is, err
}

func (m *matrixFake) OwnState(ctx context.Context, as id.UserID, room id.RoomID) (state authority.Room, err error) {
	err = m.answer(ctx, "state", room, "", func() error {
		r := m.room(room)
		if r.members[as] == "" {
			return refusal(403, "M_FORBIDDEN")
		}
		level := "0"
		if !r.power {
			level = "100"
		}
		state = authority.Room{
			ID: room, Members: map[id.UserID]event.Membership{as: r.members[as]}, Upgraded: r.upgraded, Successor: r.successor,
			Levels: authority.ReadLevels("@maker:example.org", json.RawMessage(`{"room_version":"11"}`),
				json.RawMessage(`{"invite":`+level+`}`)),
		}
		return nil
	})
	return state, err
}

func (m *matrixFake) HasKeys(_ context.Context, who id.UserID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.keyed[who]
}

func (m *matrixFake) Exists(ctx context.Context, who id.UserID) (is homeserver.Existence, err error) {
	err = m.answer(ctx, "exists", "", who, func() error {
		is = homeserver.Known
		if m.nobody[who] {
			is = homeserver.Unknown
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return is, nil
}

func (m *matrixFake) Invite(ctx context.Context, as id.UserID, room id.RoomID, who id.UserID, reason string) error {
	m.mu.Lock()
	r := m.room(room)
	r.busy++
	m.most[room] = max(m.most[room], r.busy)
	m.mu.Unlock()
	var was event.Membership
	sent := false
	err := m.answer(ctx, "invite", room, who, func() error {
		r.tries++
		m.reasons[reason] = true
		was = r.members[who]
		switch {
		case m.refuses[who] != nil:
			return m.refuses[who]
		case r.members[as] != event.MembershipJoin || !r.power || was == event.MembershipJoin:
			return refusal(403, "M_FORBIDDEN")
		case was == event.MembershipBan:
			return refusal(403, "M_BAD_STATE")
		case was == event.MembershipInvite:
			return nil
		}
		r.members[who] = event.MembershipInvite
		r.invites = append(r.invites, who)
		sent = true
		return nil
	})
	m.mu.Lock()
	r.busy--
	m.mu.Unlock()
	if sent {
		m.heard(room, who, was, event.MembershipInvite, as)
	}
	return err
}

// sets changes a membership as a person would, and lets it be heard.
func (m *matrixFake) sets(room id.RoomID, who id.UserID, is event.Membership, by id.UserID) {
	m.mu.Lock()
	was := m.room(room).members[who]
	m.room(room).members[who] = is
	m.mu.Unlock()
	m.heard(room, who, was, is, by)
}

// invited lists who got an invite of the room, sorted; somebody invited twice stands there twice.
func (m *matrixFake) invited(room id.RoomID) []id.UserID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(slices.Values(m.room(room).invites))
}

func (m *matrixFake) count(op string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls[op]
}

// memberEvent is the event that the homeserver sends about a change.
func memberEvent(room id.RoomID, who id.UserID, was, is event.Membership, by id.UserID) *event.Event {
	key := string(who)
	evt := &event.Event{
		Type: event.StateMember, RoomID: room, Sender: by, StateKey: &key, Timestamp: time.Now().UnixMilli(),
		Content: event.Content{Raw: map[string]any{"membership": string(is)}, VeryRaw: json.RawMessage(`{"membership":"` + string(is) + `"}`)},
	}
	if was != "" {
		evt.Unsigned.PrevContent = &event.Content{VeryRaw: json.RawMessage(`{"membership":"` + string(was) + `"}`)}
	}
	return evt
}

func (m *matrixFake) sees(room id.RoomID, who id.UserID) event.Membership {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.room(room).members[who]
}
