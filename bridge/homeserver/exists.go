package homeserver

import (
	"context"
	"errors"
	"net/http"

	"maunium.net/go/mautrix/id"
)

// Existence is what can be known of whether there is somebody behind a user ID.
type Existence string

// What can be known.
const (
	Known   Existence = "known"   // somebody is there
	Unknown Existence = "unknown" // nobody is known by that name: not yet, or no more, or mistyped
	Closed  Existence = "closed"  // the server does not tell: an invite will
)

// Exists asks whether there is somebody by that ID. A profile is proof; that there is none is not, for whoever has neither
// name nor picture has none: then their keys are asked for. [ErrUnavailable] says that their server did not answer.
func (s *Server) Exists(ctx context.Context, who id.UserID) (Existence, error) {
	err := s.do(ctx, "", request{
		op: "read a profile", method: http.MethodGet, path: []any{"v3", "profile", who}, limit: profileTime,
	}, nil)
	answer, _ := errors.AsType[*Error](err)
	switch {
	case err == nil:
		return Known, nil
	case answer != nil && answer.Status == http.StatusNotFound && answer.Code != "" && answer.Code != "M_UNRECOGNIZED":
		return s.hasKeys(ctx, who) // M_UNKNOWN of some servers, M_NOT_FOUND of others
	case answer != nil && answer.Status == http.StatusForbidden:
		return Closed, nil
	}
	return "", err
}

// hasKeys asks whether a user has a device or cross-signing keys.
func (s *Server) hasKeys(ctx context.Context, who id.UserID) (Existence, error) {
	answer, err := s.queryKeys(ctx, []id.UserID{who})
	switch {
	case err != nil:
		return "", err
	case answer.knows(who):
		return Known, nil
	case len(answer.Failures) > 0:
		return "", &Error{Op: queryKeysOp, reason: ErrUnavailable}
	}
	return Unknown, nil
}

const queryKeysOp = "query keys"

// keysAnswer says who has keys; failures are servers that did not tell.
type keysAnswer struct {
	Failures   map[string]any                       `json:"failures"`
	DeviceKeys map[id.UserID]map[id.DeviceID]anyKey `json:"device_keys"`
	MasterKeys map[id.UserID]anyKey                 `json:"master_keys"`
}

// anyKey is a key of which only the existence counts.
type anyKey struct{}

func (a keysAnswer) knows(who id.UserID) bool {
	_, signs := a.MasterKeys[who]
	return signs || len(a.DeviceKeys[who]) > 0
}

func (s *Server) queryKeys(ctx context.Context, people []id.UserID) (answer keysAnswer, err error) {
	all := make(map[id.UserID][]string, len(people))
	for _, who := range people {
		all[who] = []string{}
	}
	err = s.do(ctx, "", request{
		op: queryKeysOp, method: http.MethodPost, path: []any{"v3", "keys", "query"}, limit: profileTime,
		body: map[string]any{"device_keys": all, "timeout": profileTime.Milliseconds()},
	}, &answer)
	return answer, err
}
