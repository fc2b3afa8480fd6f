package judge

import (
	"errors"
	"testing"
	"time"

	"matrix-pretix/bridge/homeserver"
)

func TestOnlyWhatTheHomeserverSaidItselfIsItsAnswer(t *testing.T) {
	away := func(status int) error { // no proper answer
		return errors.Join(&homeserver.Error{Op: "test", Status: status}, homeserver.ErrUnavailable)
	}
	for name, test := range map[string]struct {
		err  error
		want Answer
	}{
		"done":                 {nil, Answer{}},
		"refused":              {&homeserver.Error{Op: "test", Status: 403, Code: "M_FORBIDDEN"}, Answer{Refused: true, Status: 403, Code: "M_FORBIDDEN"}},
		"told to wait":         {&homeserver.Error{Op: "test", Status: 429, RetryAfter: time.Second}, Answer{Refused: true, Status: 429, RetryAfter: time.Second}},
		"a proxy's page":       {away(404), Answer{Refused: true}},
		"nothing":              {away(0), Answer{Refused: true}},
		"a fault of its own":   {away(500), Answer{Refused: true, Status: 500}},
		"an error of ours":     {errors.New("no"), Answer{Refused: true}},
		"the other one silent": {&homeserver.Error{Op: "test", Status: 502, Code: "M_UNKNOWN"}, Answer{Refused: true, Status: 502, Code: "M_UNKNOWN"}},
	} {
		if got := AnswerOf(test.err); got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
	}
}
