package api

import (
	"context"
	"errors"
	"time"
)

type pauseKey struct{}

// WithoutLongPauses marks the requests made under the context as ones that can come later: where Pretix has asked everybody to stay away
// for longer than that, they do not wait for it, but fail at once with [ErrLimited].
func WithoutLongPauses(ctx context.Context, longest time.Duration) context.Context {
	return context.WithValue(ctx, pauseKey{}, longest)
}

// tooLong tells whether the request does not want to wait out a pause.
func tooLong(ctx context.Context, pause time.Duration) bool {
	if until, ok := ctx.Value(patienceKey{}).(time.Time); ok && pause > time.Until(until) {
		return true
	}
	longest, ok := ctx.Value(pauseKey{}).(time.Duration)
	return ok && pause > longest
}

// pausedError says that Pretix has asked everybody to stay away for longer than a request wants to wait.
type pausedError struct{ left time.Duration }

func (e *pausedError) Error() string { return "paused" }

// unasked says why the limiter gave no leave for a request.
func unasked(ctx context.Context, op string, err error) error {
	if paused, ok := errors.AsType[*pausedError](err); ok {
		return &Error{Op: op, kind: ErrLimited, RetryAfter: paused.left, reason: "Pretix has asked to be left alone for a while"}
	}
	return ended(ctx, op)
}
