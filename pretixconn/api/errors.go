package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// What an [Error] is, for errors.Is. Each is exactly one of them; a context that has ended is none of them, but its own error.
var (
	// ErrUnauthorized says that the token is worth nothing (any more).
	ErrUnauthorized = errors.New("the token is not accepted")
	// ErrForbidden says that the token may not do this. Pretix says the same of an event that does not exist.
	ErrForbidden = errors.New("the token may not do this")
	// ErrNotFound says that there is no such order, webhook or the like.
	ErrNotFound = errors.New("not found")
	// ErrLimited says that too much was asked; Error.RetryAfter tells how long the limiter now holds everybody back.
	ErrLimited = errors.New("too many requests")
	// ErrUnavailable says that Pretix gave no useful answer: network, timeout, 5xx, something other than JSON, or a refusal that
	// somebody before Pretix gave in its place. It may pass by itself.
	ErrUnavailable = errors.New("no useful answer")
	// ErrRedirected says that the address of the instance leads to another server, which is never given the token.
	ErrRedirected = errors.New("the address leads to another server")
	// ErrRefused says that Pretix understood the request and does not want it.
	ErrRefused = errors.New("refused")
)

// Why Pretix is unavailable where a person must mend that. Each is [ErrUnavailable], too.
var (
	ErrUnknownServer error = because("the name of the server is not known")
	ErrUntrusted     error = because("the certificate of the server is not trusted")
)

type because string

func (b because) Error() string { return string(b) }
func (because) Unwrap() error   { return ErrUnavailable }

// Error is an answer of Pretix, or the lack of one, that is not what was asked for. Its text holds what was tried, the status and
// words of our own: never an address, a body or a token, so that it may be logged as it is.
type Error struct {
	Op         string        // what was tried, such as "get order"
	Status     int           // of the answer; 0 where there was none
	RetryAfter time.Duration // with ErrLimited, and where a 503 named it

	kind   error
	reason string // in our own words; may be empty
}

func (e *Error) Error() string {
	switch {
	case e.Status == 0:
		return fmt.Sprintf("%s: %s", e.Op, e.reason)
	case e.reason != "":
		return fmt.Sprintf("%s: pretix answered %d: %s", e.Op, e.Status, e.reason)
	default:
		return fmt.Sprintf("%s: pretix answered %d", e.Op, e.Status)
	}
}

// Unwrap gives the kind, and with it nothing of what a library may have written into its error.
func (e *Error) Unwrap() error { return e.kind }

// kindOf says what a status other than success is.
func kindOf(status int) error {
	switch {
	case status == 401:
		return ErrUnauthorized
	case status == 403:
		return ErrForbidden
	case status == 404 || status == 410:
		return ErrNotFound
	case status == 429:
		return ErrLimited
	case status >= 300 && status < 400:
		return ErrRedirected
	case status >= 400 && status < 500 && status != 408 && status != 425:
		return ErrRefused
	default:
		return ErrUnavailable
	}
}

// final tells whether the kind is a verdict of Pretix's own, upon which a login is given up or an order forgotten. A proxy answers with
// the same statuses while Pretix restarts, or where it wants a password of its own, so the status alone proves nothing.
func final(kind error) bool {
	return kind == ErrUnauthorized || kind == ErrForbidden || kind == ErrNotFound
}

// ownWords tells whether the body of a refusal is one that Pretix's API writes: an object that gives its reason as "detail".
func ownWords(body []byte) bool {
	var refusal struct {
		Detail string `json:"detail"`
	}
	return json.Unmarshal(body, &refusal) == nil && refusal.Detail != ""
}

// ended is the error of a request whose context has ended: whoever ended it must not read it as a fault of Pretix.
func ended(ctx context.Context, op string) error {
	return fmt.Errorf("%s: %w", op, ctx.Err())
}
