package database

import (
	"context"
	"errors"
	"time"
)

// wait is what a process has met while it waited for the lock.
type wait struct {
	holder   string    // who was seen to hold it last, "" if nobody was
	answered time.Time // when the database answered last, or else when the wait began
	away     bool      // it does not answer now
	cut      bool      // it has not always answered since the holder was seen
}

// caution is how long the lock is held before it is used. Whoever held it until now may have lost it just now without knowing
// it: for a moment if only they were cut off, and until their own watch says so if the server is a new one, because it has
// restarted or failed over.
func (w wait) caution() time.Duration {
	switch {
	case w.holder == "":
		return 0
	case w.cut:
		return watchEvery + watchWithin + time.Second
	default:
		return 2 * glanceEvery
	}
}

// gives up reports whether an error ends the wait.
func (w wait) givesUp(err error, now time.Time) bool {
	_, passes := errors.AsType[awayError](err)
	return !passes && w.holder == "" || now.Sub(w.answered) > waitThrough
}

// acquire tries again and again. Trying is cheap, and no notice would tell that a process was killed.
func acquire(ctx context.Context, h hold, waiting Waiting) error {
	w := wait{answered: time.Now()}
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		held, holder, err := h.try(ctx)
		if held && err == nil {
			if held, err = keep(ctx, h, w.caution()); held {
				return nil
			}
		}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && w.givesUp(err, time.Now()):
			return err
		case err != nil:
			if !w.away {
				waiting("", err)
			}
			w.away, w.cut = true, true
		default:
			if w.away || holder != w.holder {
				waiting(holder, nil)
			}
			w = wait{holder: holder, answered: time.Now()}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// keep holds the lock unused for a while and reports whether it is ours then.
func keep(ctx context.Context, h hold, caution time.Duration) (bool, error) {
	if caution == 0 {
		return true, nil
	}
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-time.After(caution):
	}
	err := check(ctx, h)
	return err == nil, err
}
