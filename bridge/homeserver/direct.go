package homeserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// ErrNoTalk says that a person could not be asked into a talk a while ago, or has left several, and is left alone for a time that grows. They may
// begin one themselves.
var ErrNoTalk = errors.New("the person could not be asked into a talk lately")

// directPower is what a person may do in their talk with the bot: all.
const directPower = 100

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
	s.leaveDeserted(ctx, room)
	s.refusals.leaves(user)
	return s.makeDirect(ctx, user)
}

// leaveDeserted takes the bridge bot out of a talk in which nobody else is left. That it stays where it cannot be seen who is there does no harm.
func (s *Server) leaveDeserted(ctx context.Context, room id.RoomID) {
	members, err := s.members(ctx, s.Bot(), room, url.Values{"not_membership": {string(event.MembershipLeave)}})
	if err != nil {
		return
	}
	for member, membership := range members {
		if !s.IsOurs(member) && membership != event.MembershipBan {
			return
		}
	}
	if err := s.Leave(ctx, s.Bot(), room, ""); err != nil {
		s.log.Info("deserted talk not left", zap.Stringer("room_id", room), zap.Error(err))
	}
}

// Private reports whether nobody can listen in a room but a person and our bots: the person is in it, nobody else is or is
// invited, and the room is closed to everybody. It is read now.
func (s *Server) Private(ctx context.Context, room id.RoomID, user id.UserID) (bool, error) {
	return s.private(ctx, room, user, event.MembershipJoin)
}

func (s *Server) private(ctx context.Context, room id.RoomID, user id.UserID, there ...event.Membership) (bool, error) {
	members, err := s.members(ctx, s.Bot(), room, url.Values{"not_membership": {string(event.MembershipLeave)}})
	if err != nil || !isPrivate(members, s.Bot(), user, s.IsOurs, there...) {
		return false, err
	}
	return s.Closed(ctx, room)
}

// Closed reports whether nobody reads a room from outside, and nobody comes in unasked to read what was said before. Whoever lures a person into a
// talk with the bot and leaves them alone there would do just that. The bridge bot has to be in the room.
func (s *Server) Closed(ctx context.Context, room id.RoomID) (bool, error) {
	var (
		rules   event.JoinRulesEventContent
		history event.HistoryVisibilityEventContent
	)
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() error { return ifAny(s.StateEvent(reading, "", room, event.StateJoinRules, "", &rules)) })
	group.Go(func() error {
		return ifAny(s.StateEvent(reading, "", room, event.StateHistoryVisibility, "", &history))
	})
	if err := group.Wait(); err != nil {
		return false, err
	}
	switch rules.JoinRule {
	case "", event.JoinRuleInvite, event.JoinRulePrivate, event.JoinRuleKnock:
		return history.HistoryVisibility != event.HistoryVisibilityWorldReadable, nil
	}
	return false, nil
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

// makeDirect makes a talk of two, if that did not fail lately. It is written down before they are asked in: until they come, the person is then kept
// as somebody to encrypt for. Where they cannot be asked the room is given up again.
func (s *Server) makeDirect(ctx context.Context, user id.UserID) (id.RoomID, error) {
	if s.refusals.rests(user) {
		return "", ErrNoTalk
	}
	room, err := s.createDirect(ctx)
	if err != nil {
		return "", err
	}
	if err = s.askIntoDirect(ctx, room, user); err == nil {
		s.refusals.forget(user)
		return room, s.PrepareRoom(ctx, room)
	}
	s.refusals.note(user)
	return "", errors.Join(err, s.directs.ForgetDirect(ctx, room), s.Leave(ctx, "", room, ""))
}

func (s *Server) createDirect(ctx context.Context) (id.RoomID, error) {
	body := &mautrix.ReqCreateRoom{Preset: "trusted_private_chat", IsDirect: true, Name: s.mx.Config.AppService.Bot.Displayname}
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
	return answer.RoomID, s.noteOwn(ctx, "", answer.RoomID, event.MembershipJoin)
}

// askIntoDirect gives the person the power that the bot has, as in every talk of two, and invites them. Only a member event can say that the invite is
// to a talk of two.
func (s *Server) askIntoDirect(ctx context.Context, room id.RoomID, user id.UserID) error {
	if err := s.directs.SetDirect(ctx, user, room); err != nil {
		return fmt.Errorf("keep a direct room: %w", err)
	}
	var power map[string]any
	if err := s.StateEvent(ctx, "", room, event.StatePowerLevels, "", &power); err != nil {
		return err
	}
	users, _ := power["users"].(map[string]any)
	if users == nil {
		users = make(map[string]any)
		power["users"] = users
	}
	users[user.String()] = directPower
	if err := s.putState(ctx, room, event.StatePowerLevels, "", power); err != nil {
		return err
	}
	return s.putState(ctx, room, event.StateMember, user.String(), &event.MemberEventContent{Membership: event.MembershipInvite, IsDirect: true})
}

func (s *Server) putState(ctx context.Context, room id.RoomID, kind event.Type, key string, content any) error {
	return s.do(ctx, "", request{
		op: "set " + kind.Type, method: http.MethodPut, path: []any{"v3", "rooms", room, "state", kind.Type, key}, body: content,
	}, nil)
}

// inTheirDirect reports whether a room is the talk of the bridge bot with that person.
func (s *Server) inTheirDirect(ctx context.Context, room id.RoomID, user id.UserID) bool {
	direct, err := s.directs.Direct(ctx, user)
	return err == nil && direct == room
}
