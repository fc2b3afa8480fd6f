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

	"matrix-pretix/database"
)

// Direct finds the talk of the bridge bot with a person, or makes one and invites them. An old one will do only if nobody else
// is in it or invited to it, which is read now.
func (s *Server) Direct(ctx context.Context, user id.UserID) (id.RoomID, error) {
	s.directing.Lock()
	defer s.directing.Unlock()
	room, err := s.directs.Direct(ctx, user)
	switch {
	case errors.Is(err, database.ErrNotFound):
		return s.makeDirect(ctx, user)
	case err != nil:
		return "", fmt.Errorf("look up a direct room: %w", err)
	}
	private, err := s.private(ctx, room, user, event.MembershipJoin, event.MembershipInvite)
	if answer, ok := errors.AsType[*Error](err); ok && answer.Status == http.StatusForbidden {
		private, err = false, nil // the bot is not in it any more
	}
	if err != nil {
		return "", err
	}
	if private {
		return room, nil
	}
	if err := s.directs.ForgetDirect(ctx, room); err != nil {
		return "", fmt.Errorf("forget a direct room: %w", err)
	}
	return s.makeDirect(ctx, user)
}

// Private reports whether nobody can listen in a room but a person and our bots: the person is in it, and nobody else is or
// is invited. It is read now.
func (s *Server) Private(ctx context.Context, room id.RoomID, user id.UserID) (bool, error) {
	return s.private(ctx, room, user, event.MembershipJoin)
}

func (s *Server) private(ctx context.Context, room id.RoomID, user id.UserID, there ...event.Membership) (bool, error) {
	members, err := s.members(ctx, s.Bot(), room, url.Values{"not_membership": {string(event.MembershipLeave)}})
	if err != nil {
		return false, err
	}
	return isPrivate(members, s.Bot(), user, s.IsOurs, there...), nil
}

// isPrivate is the rule: the bridge bot is in the room, the person is something of what is asked for, and nobody else is in it
// or on the way.
func isPrivate(members map[id.UserID]event.Membership, bot, user id.UserID, ours func(id.UserID) bool, there ...event.Membership) bool {
	if members[bot] != event.MembershipJoin {
		return false
	}
	found := false
	for member, membership := range members {
		switch {
		case member == user:
			for _, wanted := range there {
				found = found || membership == wanted
			}
		case ours(member):
		case membership == event.MembershipJoin, membership == event.MembershipInvite, membership == event.MembershipKnock:
			return false
		}
	}
	return found
}

// makeDirect makes a talk of two. It is written down before it is prepared: until they come, the person is then kept as
// somebody to encrypt for.
func (s *Server) makeDirect(ctx context.Context, user id.UserID) (id.RoomID, error) {
	body := &mautrix.ReqCreateRoom{
		Preset: "trusted_private_chat", IsDirect: true, Invite: []id.UserID{user}, Name: s.mx.Config.AppService.Bot.Displayname,
	}
	if s.mx.Crypto != nil {
		none := ""
		body.InitialState = []*event.Event{{
			Type: event.StateEncryption, StateKey: &none,
			Content: event.Content{Parsed: &event.EncryptionEventContent{Algorithm: id.AlgorithmMegolmV1}},
		}}
	}
	var answer struct {
		RoomID id.RoomID `json:"room_id"`
	}
	err := s.do(ctx, "", request{op: "make a direct room", method: http.MethodPost, path: []any{"v3", "createRoom"}, body: body}, &answer)
	if err != nil {
		return "", err
	}
	if err := s.noteOwn(ctx, "", answer.RoomID, event.MembershipJoin); err != nil {
		return "", err
	}
	if err := s.directs.SetDirect(ctx, user, answer.RoomID); err != nil {
		return "", fmt.Errorf("keep a direct room: %w", err)
	}
	return answer.RoomID, s.PrepareRoom(ctx, answer.RoomID)
}

// inTheirDirect reports whether a room is the talk of the bridge bot with that person.
func (s *Server) inTheirDirect(ctx context.Context, room id.RoomID, user id.UserID) bool {
	direct, err := s.directs.Direct(ctx, user)
	return err == nil && direct == room
}
