package homeserver

import (
	"context"
	"net/http"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/id"
)

// Face is what people see of an event bot. Its name and logo are all that an invited person sees of who invites.
type Face struct {
	Name string // the event's name, as its organizers wrote it

	// LogoID changes when the logo does; empty if the event has none. Logo is called only then.
	LogoID string
	Logo   func(ctx context.Context) ([]byte, error)
}

// EventBot makes sure that an event's bot is registered and looks as it should, and gives its ID. It is for calling before the
// bot first joins a room, because a later change is one more event in each of its rooms. A logo that cannot be set is done
// without; a name is not.
func (s *Server) EventBot(ctx context.Context, ghostID networkid.UserID, face Face) (id.UserID, error) {
	s.facing.Lock()
	defer s.facing.Unlock()
	const op = "set up an event bot"
	quiet, cancel := quietly(ctx, 2*callTime)
	defer cancel()
	ghost, err := s.br.GetGhostByID(quiet, ghostID)
	if err != nil {
		return "", safe(ctx, op, err)
	}
	bot := ghost.Intent.GetMXID()
	if _, err := s.as(quiet, bot); err != nil {
		return "", err
	}
	name := BotName(face.Name, s.suffix)
	wanted := &bridgev2.UserInfo{Name: &name}
	if face.LogoID != "" && face.Logo != nil {
		wanted.Avatar = &bridgev2.Avatar{ID: networkid.AvatarID(face.LogoID), Get: face.Logo}
	}
	ghost.UpdateInfo(quiet, wanted)
	if !ghost.NameSet {
		return "", &Error{Op: op, reason: ErrUnavailable}
	}
	if wanted.Avatar != nil && !ghost.AvatarSet {
		s.log.Warn("logo of an event bot not set")
	}
	return bot, nil
}

// BotOf is the user ID of a ghost, whether it exists or not.
func (s *Server) BotOf(ghostID networkid.UserID) id.UserID { return s.mx.FormatGhostMXID(ghostID) }

// Name reads the display name of one of our own users.
func (s *Server) Name(ctx context.Context, as id.UserID) (string, error) {
	if as == "" {
		as = s.Bot()
	}
	var answer struct {
		Name string `json:"displayname"`
	}
	err := s.do(ctx, as, request{
		op: "read a bot's name", method: http.MethodGet, path: []any{"v3", "profile", as, "displayname"}, limit: profileTime,
	}, &answer)
	return answer.Name, err
}
