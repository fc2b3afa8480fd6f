package api

import (
	"context"
	"time"
)

type patienceKey struct{}

// WithPatience says until when the answers to the requests made under the context are wanted. A person waits for them: what would come later is not
// waited for, and where the limiter gives no leave in time the error is [ErrLimited] at once. The context itself does not end.
func WithPatience(ctx context.Context, until time.Time) context.Context {
	return context.WithValue(ctx, patienceKey{}, until)
}

// patient gives a context that ends when patience does.
func patient(ctx context.Context) (context.Context, context.CancelFunc) {
	if until, ok := ctx.Value(patienceKey{}).(time.Time); ok {
		return context.WithDeadline(ctx, until)
	}
	return context.WithCancel(ctx)
}

// wait asks the limiter for leave to make a request.
func (c *Client) wait(ctx context.Context, op string) error {
	if c.limit == nil {
		return nil
	}
	patient, cancel := patient(ctx)
	defer cancel()
	err := c.limit.Wait(patient, priorityOf(ctx))
	switch {
	case err == nil:
		return nil
	case ctx.Err() == nil && patient.Err() != nil:
		return &Error{Op: op, RetryAfter: c.limit.Ahead(), kind: ErrLimited, reason: "no leave to ask while somebody waits"}
	}
	return unasked(ctx, op, err)
}
