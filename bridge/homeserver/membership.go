package homeserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// memberEvent is what a list of members says of one of them.
type memberEvent struct {
	Type     string    `json:"type"`
	Sender   id.UserID `json:"sender"`
	StateKey *string   `json:"state_key"`
	Content  struct {
		Membership event.Membership `json:"membership"`
	} `json:"content"`
}

// Members reads who is in a room and who was: everybody about whom the room has a membership. Who is not in it never was.
func (s *Server) Members(ctx context.Context, as id.UserID, room id.RoomID) (map[id.UserID]event.Membership, error) {
	return s.members(ctx, as, room, nil)
}

func (s *Server) members(ctx context.Context, as id.UserID, room id.RoomID, which url.Values) (map[id.UserID]event.Membership, error) {
	events, err := s.memberEvents(ctx, as, room, which)
	if err != nil {
		return nil, err
	}
	members := make(map[id.UserID]event.Membership, len(events))
	for who, member := range events {
		members[who] = member.Content.Membership
	}
	return members, nil
}

// InvitedBy reads who is invited into a room and has not answered, of those whom one user invited.
func (s *Server) InvitedBy(ctx context.Context, by id.UserID, room id.RoomID) ([]id.UserID, error) {
	events, err := s.memberEvents(ctx, by, room, url.Values{"membership": {string(event.MembershipInvite)}})
	var invited []id.UserID
	for who, member := range events {
		if member.Content.Membership == event.MembershipInvite && member.Sender == by {
			invited = append(invited, who)
		}
	}
	return invited, err
}

func (s *Server) memberEvents(ctx context.Context, as id.UserID, room id.RoomID, which url.Values) (map[id.UserID]memberEvent, error) {
	var answer struct {
		Chunk []memberEvent `json:"chunk"`
	}
	err := s.do(ctx, as, request{
		op: "read members", method: http.MethodGet, path: []any{"v3", "rooms", room, "members"}, query: which,
	}, &answer)
	if err != nil {
		return nil, err
	}
	members := make(map[id.UserID]memberEvent, len(answer.Chunk))
	for _, member := range answer.Chunk {
		if member.Type == event.StateMember.Type && member.StateKey != nil {
			members[id.UserID(*member.StateKey)] = member
		}
	}
	return members, nil
}

// Membership reads what one person is to a room, empty if nothing and never was.
func (s *Server) Membership(ctx context.Context, as id.UserID, room id.RoomID, who id.UserID) (event.Membership, error) {
	var content struct {
		Membership event.Membership `json:"membership"`
	}
	err := s.do(ctx, as, request{
		op: "read a membership", method: http.MethodGet, path: []any{"v3", "rooms", room, "state", event.StateMember.Type, who},
	}, &content)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return content.Membership, err
}

// Invite asks somebody into a room. It is not for finding out whether they are in already: each try, however pointless, counts
// against what a person can be invited at all.
func (s *Server) Invite(ctx context.Context, as id.UserID, room id.RoomID, who id.UserID, reason string) error {
	s.pace.note()
	return s.do(ctx, as, request{
		op: "invite", method: http.MethodPost, path: []any{"v3", "rooms", room, "invite"},
		body: &mautrix.ReqInviteUser{UserID: who, Reason: reason}, limit: inviteTime,
	}, nil)
}

// Kick puts somebody out of a room, or takes back an invite that was not answered.
func (s *Server) Kick(ctx context.Context, as id.UserID, room id.RoomID, who id.UserID, reason string) error {
	return s.do(ctx, as, request{
		op: "kick", method: http.MethodPost, path: []any{"v3", "rooms", room, "kick"},
		body: &mautrix.ReqKickUser{UserID: who, Reason: reason},
	}, nil)
}

// Join takes one of our users into a room. For the bridge bot, [Server.PrepareRoom] belongs after it.
func (s *Server) Join(ctx context.Context, as id.UserID, room id.RoomID, via ...string) error {
	r := request{op: "join a room", method: http.MethodPost, path: []any{"v3", "join", room}, body: struct{}{}, limit: joinTime}
	if len(via) > 0 {
		r.query = url.Values{"via": via, "server_name": via}
	}
	if err := s.do(ctx, as, r, nil); err != nil {
		return err
	}
	return s.noteOwn(ctx, as, room, event.MembershipJoin)
}

// Leave takes one of our users out of a room, or declines an invite. The reason is shown in the room, or to who invited.
func (s *Server) Leave(ctx context.Context, as id.UserID, room id.RoomID, reason string) error {
	err := s.do(ctx, as, request{
		op: "leave a room", method: http.MethodPost, path: []any{"v3", "rooms", room, "leave"}, body: &mautrix.ReqLeave{Reason: reason},
	}, nil)
	if err != nil {
		return err
	}
	return s.noteOwn(ctx, as, room, event.MembershipLeave)
}

// noteOwn keeps the membership of one of our own users at once: the transaction that tells it comes later.
func (s *Server) noteOwn(ctx context.Context, as id.UserID, room id.RoomID, membership event.Membership) error {
	if as == "" {
		as = s.Bot()
	}
	if err := s.store.SetMembership(ctx, room, as, membership); err != nil {
		return fmt.Errorf("keep the membership of a bot: %w", err)
	}
	return nil
}
