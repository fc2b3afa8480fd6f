package judge

import (
	"errors"
	"time"

	"matrix-pretix/bridge/homeserver"
)

// Answer is what the homeserver said to something that it was asked, such as an invite. The zero value is that it was done.
type Answer struct {
	Refused    bool
	Status     int // 0: none came
	Code       string
	RetryAfter time.Duration
}

// Limited says that too much was asked at once.
func (a Answer) Limited() bool { return a.Status == 429 || a.Code == "M_LIMIT_EXCEEDED" }

// FarSilent is our own homeserver's word that it cannot reach the other one. (The bare status is a proxy's, before our own.)
func (a Answer) FarSilent() bool { return a.Status == 502 && a.Code != "" }

// AnswerOf is what the homeserver said, as plain values.
func AnswerOf(err error) Answer {
	if err == nil {
		return Answer{}
	}
	a := Answer{Refused: true}
	if failed, ok := errors.AsType[*homeserver.Error](err); ok {
		a.Status, a.Code, a.RetryAfter = failed.Status, failed.Code, failed.RetryAfter
		if errors.Is(err, homeserver.ErrUnavailable) && a.Status < 500 {
			a.Status = 0 // something other than the homeserver answered
		}
	}
	return a
}
