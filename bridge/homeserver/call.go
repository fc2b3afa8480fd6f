package homeserver

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/appservice"
	"maunium.net/go/mautrix/id"
)

const (
	callTime    = 30 * time.Second
	profileTime = 10 * time.Second
	joinTime    = 2 * time.Minute // the homeserver may have to fetch the room from far away
)

// nobody takes the framework's log lines about a call. A logger that is merely disabled would not do: the framework then uses
// its own, and at error level writes URL and body of what failed.
var nobody = zerolog.New(io.Discard)

// quietly prepares a context for one call: one try, a deadline, and no log lines.
func quietly(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx = mautrix.WithMaxRetries(nobody.WithContext(ctx), 0)
	return context.WithTimeout(ctx, limit)
}

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

// request is one call to the homeserver.
type request struct {
	op     string // for the error's text
	method string
	path   []any
	query  url.Values
	body   any
	limit  time.Duration // 0: callTime
}

// do makes a call as one of our users and decodes the answer into what into points to, unless that is nil.
func (s *Server) do(ctx context.Context, as id.UserID, r request, into any) error {
	if r.limit == 0 {
		r.limit = callTime
	}
	quiet, cancel := quietly(ctx, r.limit)
	defer cancel()
	client, err := s.as(quiet, as)
	if err != nil {
		return err
	}
	address := client.BuildURLWithFullQuery(mautrix.ClientURLPath(r.path), func(query url.Values) { maps.Copy(query, r.query) })
	_, err = client.MakeRequest(quiet, r.method, address, r.body, into)
	return safe(ctx, r.op, err)
}
