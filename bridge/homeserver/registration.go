package homeserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/appservice"
	"maunium.net/go/mautrix/id"
)

// as is the client of one of our users, registered if need be.
func (s *Server) as(ctx context.Context, user id.UserID) (*mautrix.Client, error) {
	if user == "" {
		user = s.Bot()
	}
	if !s.IsOurs(user) {
		return nil, &Error{Op: "act as a user that is not ours", Status: http.StatusForbidden}
	}
	intent := s.mx.AS.Intent(user)
	if intent == nil {
		return nil, &Error{Op: "act as a user of another server", Status: http.StatusForbidden}
	}
	if err := s.register(ctx, user, intent); err != nil {
		return nil, err
	}
	return intent.Client, nil
}

// register makes sure that one of our users exists, by asking once in the life of the process at most.
func (s *Server) register(ctx context.Context, user id.UserID, intent *appservice.IntentAPI) error {
	if _, done := s.registered.Load(user); done {
		return nil
	}
	s.registering.Lock() // the framework's own check is not made for several at once
	defer s.registering.Unlock()
	if _, err := s.store.IsRegistered(ctx, user); err != nil {
		return fmt.Errorf("look up whether a bot is registered: %w", err) // of the database, which is not the homeserver's fault
	}
	if err := intent.EnsureRegistered(ctx); err != nil {
		return safe(ctx, "register a bot", err)
	}
	s.registered.Store(user, true)
	return nil
}

// forbidden says that the homeserver refused something for a reason that may be the bot itself: its word for that is the same as for a
// room.
func forbidden(err error) bool {
	answer, ok := errors.AsType[*Error](err)
	return ok && answer.Status == http.StatusForbidden && answer.Code == "M_FORBIDDEN"
}

// reclaim finds out whether the homeserver still takes one of our users for ours, and registers them anew if not: it may have been
// restored from a backup that is older than the user. [ErrDisowned] if it does not even then. What cannot be found out is no error.
func (s *Server) reclaim(ctx context.Context, user id.UserID) (anew bool, err error) {
	if user == "" {
		user = s.Bot()
	}
	intent := s.mx.AS.Intent(user)
	s.registering.Lock()
	defer s.registering.Unlock()
	quiet, cancel := quietly(ctx, callTime)
	defer cancel()
	if disowned, _ := s.disowned(quiet, intent); !disowned {
		return false, nil
	}
	if err := intent.Register(quiet); err != nil && !errors.Is(err, mautrix.MUserInUse) {
		return false, safe(ctx, "register a bot anew", err)
	}
	disowned, err := s.disowned(quiet, intent)
	if disowned {
		return false, &Error{Op: "act as a bot", Code: "M_FORBIDDEN", Status: http.StatusForbidden, reason: ErrDisowned}
	}
	if err != nil {
		return false, safe(ctx, "ask who a bot is", err)
	}
	s.log.Warn("bot registered anew: the homeserver did not know it any more")
	return true, nil
}

// disowned asks the homeserver who the user is.
func (s *Server) disowned(ctx context.Context, intent *appservice.IntentAPI) (bool, error) {
	_, err := intent.Client.Whoami(ctx)
	return forbidden(safe(ctx, "ask who a bot is", err)), err
}
