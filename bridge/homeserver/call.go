package homeserver

import (
	"context"
	"io"
	"maps"
	"net/url"
	"time"

	"github.com/rs/zerolog"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"
)

const (
	callTime    = 30 * time.Second
	profileTime = 10 * time.Second
	joinTime    = 2 * time.Minute // the homeserver may have to fetch the room from far away
	// inviteTime is longer than the homeserver tries to reach a server that says nothing. In all that time it lets no other invite into
	// the room, so whoever gave up earlier would only wait with the next one.
	inviteTime = 5 * time.Minute
)

// nobody takes the framework's log lines about a call. A logger that is merely disabled would not do: the framework then uses
// its own, and at error level writes URL and body of what failed.
var nobody = zerolog.New(io.Discard)

// quietly prepares a context for one call: one try, a deadline, and no log lines.
func quietly(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx = mautrix.WithMaxRetries(nobody.WithContext(ctx), 0)
	return context.WithTimeout(ctx, limit)
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

// do makes a call as one of our users and decodes the answer into what into points to, unless that is nil. Where the homeserver has
// lost the user, they are registered anew and the call is made once more.
func (s *Server) do(ctx context.Context, as id.UserID, r request, into any) error {
	err := s.once(ctx, as, r, into)
	if !forbidden(err) {
		return err
	}
	anew, lost := s.reclaim(ctx, as)
	switch {
	case lost != nil:
		return lost
	case anew:
		return s.once(ctx, as, r, into)
	}
	return err
}

func (s *Server) once(ctx context.Context, as id.UserID, r request, into any) error {
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
