package homeserver

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
)

// ResolveAlias finds the room of an alias and servers that know it.
func (s *Server) ResolveAlias(ctx context.Context, alias id.RoomAlias) (id.RoomID, []string, error) {
	var answer struct {
		RoomID  id.RoomID `json:"room_id"`
		Servers []string  `json:"servers"`
	}
	err := s.do(ctx, "", request{
		op: "resolve an alias", method: http.MethodGet, path: []any{"v3", "directory", "room", alias},
	}, &answer)
	return answer.RoomID, answer.Servers, err
}

// StateEvent reads the content of a state event into what into points to. [ErrNotFound] if the room has none.
func (s *Server) StateEvent(ctx context.Context, as id.UserID, room id.RoomID, kind event.Type, key string, into any) error {
	return s.do(ctx, as, request{
		op: "read " + kind.Type, method: http.MethodGet, path: []any{"v3", "rooms", room, "state", kind.Type, key},
	}, into)
}

// fewMembers is up to how many memberships are asked for one by one, before reading all of them at once is cheaper.
const fewMembers = 20

// RoomState reads a room's power, its tombstone and the memberships of whom it gives power, of the bridge bot, of the one who
// asks and of those named besides. All of it is read now; nothing is remembered. What could not be read is marked as such in
// the room, which then proves nothing; the error says why.
func (s *Server) RoomState(ctx context.Context, as id.UserID, room id.RoomID, also ...id.UserID) (authority.Room, error) {
	state, err := s.powerIn(ctx, as, room)
	if err != nil {
		return state, err
	}
	who := append(append(state.Levels.Named(), s.Bot(), as), also...)
	state.Members, err = s.membershipsOf(ctx, as, room, who)
	return state, err
}

// OwnState is [Server.RoomState] with no membership but that of who asks: enough to know what they may do there themselves.
func (s *Server) OwnState(ctx context.Context, as id.UserID, room id.RoomID) (authority.Room, error) {
	state, err := s.powerIn(ctx, as, room)
	if err != nil {
		return state, err
	}
	state.Members, err = s.membershipsOf(ctx, as, room, []id.UserID{state.ReadBy})
	return state, err
}

// powerIn reads a room's power and its tombstone.
func (s *Server) powerIn(ctx context.Context, as id.UserID, room id.RoomID) (authority.Room, error) {
	state := authority.Room{ID: room, ReadBy: cmp.Or(as, s.Bot())}
	var (
		create struct {
			Sender  id.UserID       `json:"sender"`
			Content json.RawMessage `json:"content"`
		}
		power, tombstone json.RawMessage
	)
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() error {
		return ifAny(s.do(reading, as, request{
			op: "read m.room.create", method: http.MethodGet, path: []any{"v3", "rooms", room, "state", event.StateCreate.Type, ""},
			query: url.Values{"format": {"event"}},
		}, &create))
	})
	group.Go(func() error { return ifAny(s.StateEvent(reading, as, room, event.StatePowerLevels, "", &power)) })
	group.Go(func() error { return ifAny(s.StateEvent(reading, as, room, event.StateTombstone, "", &tombstone)) })
	if err := group.Wait(); err != nil {
		return state, err
	}
	state.Levels = authority.ReadLevels(create.Sender, create.Content, power)
	state.Successor, state.Upgraded = readTombstone(tombstone)
	return state, nil
}

// Tombstone reads whether a room was replaced, and by which: "" if its tombstone names none.
func (s *Server) Tombstone(ctx context.Context, as id.UserID, room id.RoomID) (successor id.RoomID, replaced bool, err error) {
	var tombstone json.RawMessage
	if err := ifAny(s.StateEvent(ctx, as, room, event.StateTombstone, "", &tombstone)); err != nil {
		return "", false, err
	}
	successor, replaced = readTombstone(tombstone)
	return successor, replaced, nil
}

// readTombstone takes an empty tombstone, which is what a redacted one is, for none.
func readTombstone(raw json.RawMessage) (successor id.RoomID, replaced bool) {
	if len(raw) == 0 || string(raw) == "{}" {
		return "", false
	}
	var content struct {
		Replacement id.RoomID `json:"replacement_room"`
	}
	if json.Unmarshal(raw, &content) != nil {
		return "", true
	}
	return content.Replacement, true
}

// ifAny takes it as no error that something is not there.
func ifAny(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// membershipsOf reads what the named users are to a room.
func (s *Server) membershipsOf(ctx context.Context, as id.UserID, room id.RoomID, who []id.UserID) (map[id.UserID]event.Membership, error) {
	slices.Sort(who)
	who = slices.Compact(who)
	if len(who) > fewMembers {
		return s.Members(ctx, as, room)
	}
	var lock sync.Mutex
	members := make(map[id.UserID]event.Membership, len(who))
	group, reading := errgroup.WithContext(ctx)
	for _, user := range who {
		if user == "" {
			continue
		}
		group.Go(func() error {
			membership, err := s.Membership(reading, as, room, user)
			if err != nil {
				return err
			}
			lock.Lock()
			defer lock.Unlock()
			members[user] = membership
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return members, nil
}
