package homeserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"maunium.net/go/mautrix"
)

// ErrUnavailable says that the homeserver, or the remote server that it had to ask, gave no usable answer: no connection, no
// answer in time, or a status of 500 and above. Trying later may help.
var ErrUnavailable = errors.New("homeserver unavailable")

// ErrNotFound is the homeserver's word that there is no such thing: no such state event, alias or profile. A bare 404, as a
// misconfigured proxy gives it, is [ErrUnavailable].
var ErrNotFound = errors.New("not found")

// ErrDisowned says that the homeserver does not let us act as one of our own users, also after registering them anew: the registration
// that it has loaded is not ours. No other server can say so.
var ErrDisowned = errors.New("the homeserver does not take the bot for ours")

// Error is a call that the homeserver did not do. Its text holds the operation, the error code and the status and nothing
// else: the framework's error holds URLs, and the homeserver's sentences name people.
type Error struct {
	Op         string        // what was tried: one of our own words
	Code       string        // Matrix error code such as M_FORBIDDEN, empty if there was no proper answer
	Status     int           // HTTP status, 0 if there was no answer
	RetryAfter time.Duration // how long to wait, if the homeserver said so

	reason error // ErrUnavailable, ErrNotFound, ErrDisowned or the end of the caller's context
}

// Error gives the safe text.
func (e *Error) Error() string {
	switch {
	case e.Code != "":
		return fmt.Sprintf("%s: %s (%d)", e.Op, e.Code, e.Status)
	case e.Status != 0:
		return fmt.Sprintf("%s: status %d", e.Op, e.Status)
	case e.reason != nil:
		return fmt.Sprintf("%s: %v", e.Op, e.reason)
	}
	return e.Op + ": no usable answer"
}

// Unwrap lets callers test for [ErrUnavailable], [ErrNotFound], [ErrDisowned], [context.Canceled] and [context.DeadlineExceeded].
func (e *Error) Unwrap() error { return e.reason }

// errorCode is what an error code may look like. A remote server's code comes through as it is, and could hold anything.
var errorCode = regexp.MustCompile(`^[A-Z][A-Z0-9_.]{1,63}$`)

// safe turns an error of the framework into one that can be logged. The caller's context tells a call that was given up from
// one that took too long.
func safe(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	e := &Error{Op: op}
	if answer, ok := errors.AsType[mautrix.HTTPError](err); ok && answer.Response != nil {
		e.Status = answer.Response.StatusCode
		if answer.RespError != nil {
			e.Code = safeCode(answer.RespError.ErrCode)
			e.RetryAfter = retryAfter(answer.RespError.ExtraData)
		}
	}
	switch {
	case ctx.Err() != nil && e.Code == "":
		e.reason = ctx.Err()
	case e.Status == http.StatusNotFound && e.Code == "M_NOT_FOUND":
		e.reason = ErrNotFound
	case e.Status < 400 || e.Status >= 500 || e.Status == http.StatusNotFound:
		e.reason = ErrUnavailable
	}
	return e
}

func safeCode(code string) string {
	if code == "" || errorCode.MatchString(code) {
		return code
	}
	return "M_UNKNOWN"
}

func retryAfter(extra map[string]any) time.Duration {
	ms, ok := extra["retry_after_ms"].(float64)
	if !ok || ms <= 0 {
		return 0
	}
	return time.Duration(min(ms, float64(24*time.Hour/time.Millisecond))) * time.Millisecond
}

// Passes reports whether the same may work later: no usable answer came, or too much was asked, or the error is none of the homeserver's. Whatever else
// it answers, it will answer again.
func Passes(err error) bool {
	failed, ok := errors.AsType[*Error](err)
	return errors.Is(err, ErrUnavailable) || ok && failed.Code == "M_LIMIT_EXCEEDED" || err != nil && !ok
}
