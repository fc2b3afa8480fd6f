package turns

import (
	"context"

	"golang.org/x/sync/singleflight"
)

// Flights lets those who ask for the same at the same time share one answer, an error too: a batch in which everybody looks at the
// room first asks once. The zero value is ready.
type Flights[T any] struct{ group singleflight.Group }

// Do calls once for all. Who waits does not suffer from the caller's context having ended: then another one calls.
func (f *Flights[T]) Do(ctx context.Context, key string, call func() (T, error)) (T, error) {
	type reply struct {
		answer T
		ended  bool
	}
	for {
		shared, err, _ := f.group.Do(key, func() (any, error) {
			answer, err := call()
			return reply{answer, err != nil && ctx.Err() != nil}, err
		})
		got := shared.(reply)
		if !got.ended || ctx.Err() != nil {
			return got.answer, err
		}
	}
}
