package homeserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix"
)

func TestSafeErrorSaysWhatCallersNeedAndNothingElse(t *testing.T) {
	answer := func(status int, code string, extra map[string]any) error {
		e := mautrix.HTTPError{Response: &http.Response{StatusCode: status}, ResponseBody: "@ada:example.org"}
		if code != "" {
			e.RespError = &mautrix.RespError{ErrCode: code, Err: "@ada:example.org is already in the room", ExtraData: extra}
		}
		return fmt.Errorf("wrapped for @ada:example.org: %w", e)
	}
	broken := mautrix.HTTPError{WrappedError: errors.New(`Get "https://example.org/profile/@ada:example.org": EOF`)}
	ended, end := context.WithCancel(t.Context())
	end()
	for name, c := range map[string]struct {
		ctx   context.Context
		err   error
		want  string
		is    []error
		isNot []error
		wait  time.Duration
	}{
		"refused": {t.Context(), answer(403, "M_FORBIDDEN", nil), "invite: M_FORBIDDEN (403)", nil, []error{ErrUnavailable, ErrNotFound}, 0},
		"limited": {t.Context(), answer(429, "M_LIMIT_EXCEEDED", map[string]any{"retry_after_ms": 1500.0}),
			"invite: M_LIMIT_EXCEEDED (429)", nil, []error{ErrUnavailable}, 1500 * time.Millisecond},
		"limited without end": {t.Context(), answer(429, "M_LIMIT_EXCEEDED", map[string]any{"retry_after_ms": 1e300}),
			"invite: M_LIMIT_EXCEEDED (429)", nil, nil, 24 * time.Hour},
		"limited with nonsense": {t.Context(), answer(429, "M_LIMIT_EXCEEDED", map[string]any{"retry_after_ms": "soon"}),
			"invite: M_LIMIT_EXCEEDED (429)", nil, nil, 0},
		"not there":             {t.Context(), answer(404, "M_NOT_FOUND", nil), "invite: M_NOT_FOUND (404)", []error{ErrNotFound}, []error{ErrUnavailable}, 0},
		"no such call":          {t.Context(), answer(404, "M_UNRECOGNIZED", nil), "invite: M_UNRECOGNIZED (404)", []error{ErrUnavailable}, []error{ErrNotFound}, 0},
		"404 of a proxy":        {t.Context(), answer(404, "", nil), "invite: status 404", []error{ErrUnavailable}, []error{ErrNotFound}, 0},
		"remote down":           {t.Context(), answer(502, "M_UNKNOWN", nil), "invite: M_UNKNOWN (502)", []error{ErrUnavailable}, nil, 0},
		"not JSON":              {t.Context(), answer(200, "", nil), "invite: status 200", []error{ErrUnavailable}, nil, 0},
		"code of a hostile one": {t.Context(), answer(403, "@ada:example.org", nil), "invite: M_UNKNOWN (403)", nil, nil, 0},
		"connection broken":     {t.Context(), broken, "invite: homeserver unavailable", []error{ErrUnavailable}, []error{context.Canceled}, 0},
		"given up":              {ended, broken, "invite: context canceled", []error{context.Canceled}, []error{ErrUnavailable}, 0},
		"refused at the end":    {ended, answer(403, "M_FORBIDDEN", nil), "invite: M_FORBIDDEN (403)", nil, []error{context.Canceled}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := safe(c.ctx, "invite", c.err)
			if got.Error() != c.want {
				t.Errorf("got text %q, want %q", got, c.want)
			}
			for _, target := range c.is {
				if !errors.Is(got, target) {
					t.Errorf("%v is not %v", got, target)
				}
			}
			for _, target := range c.isNot {
				if errors.Is(got, target) {
					t.Errorf("%v is %v", got, target)
				}
			}
			if e, ok := errors.AsType[*Error](got); !ok || e.RetryAfter != c.wait {
				t.Errorf("got %+v, want to wait %s", got, c.wait)
			}
			if strings.Contains(fmt.Sprintf("%+v %#v", got, got), "ada") {
				t.Errorf("somebody is named in %#v", got)
			}
		})
	}
	if safe(t.Context(), "invite", nil) != nil {
		t.Error("no error became one")
	}
}
