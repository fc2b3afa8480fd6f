package replies

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// TestAPauseOfPretixIsSaidWithItsLength has the limiter's own error.
func TestAPauseOfPretixIsSaidWithItsLength(t *testing.T) {
	err := fmt.Errorf("read order: %w", &api.Error{Op: "get order", RetryAfter: 20 * time.Minute})
	if got := faultOfPretix(errors.Join(err, api.ErrLimited)); !strings.Contains(got, "wait about 20 minutes") {
		t.Errorf("got %q", got)
	}
}

// TestFailuresOfPretixAreToldApart has the faults that a person can do something about, each with what to do.
func TestFailuresOfPretixAreToldApart(t *testing.T) {
	seen := []string{}
	for _, err := range []error{
		pretixconn.ErrNoLogin, api.ErrForbidden, api.ErrUnavailable, api.ErrLimited, api.ErrRedirected, api.ErrUnknownServer, api.ErrUntrusted,
		homeserver.ErrUnavailable, errors.New("disk full of secrets"),
	} {
		text := Failed(fmt.Errorf("do something: %w", err))
		if strings.Contains(text, "secrets") || slices.Contains(seen, text) {
			t.Errorf("%v is answered with %q", err, text)
		}
		seen = append(seen, text)
	}
	seen = nil
	for _, err := range []error{
		pretixconn.ErrUnknownInstance, pretixconn.ErrNotAToken, pretixconn.ErrSeesNothing, api.ErrUnauthorized, api.ErrForbidden, api.ErrUnavailable,
		api.ErrLimited, api.ErrRedirected, api.ErrUnknownServer, api.ErrUntrusted, errors.New("disk full of secrets"),
	} {
		text := LoginRefused(fmt.Errorf("try token: %w", err))
		if strings.Contains(text, "secrets") || slices.Contains(seen, text) {
			t.Errorf("a token that meets %v is answered with %q", err, text)
		}
		seen = append(seen, text)
	}
}
