package inviter

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/bridge/inviter/judge"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// unseenWait is how long an order waits that no login can read, or that says nothing since the question is gone. Whoever connects a login
// ends the wait for one: see [Inviter.Resume].
const unseenWait = 5 * time.Minute

// single reads one order and handles it.
func (in *Inviter) single(ctx context.Context, d database.Due) error {
	read, err := in.read(ctx, d)
	if in.desk.endReading(d.Event) {
		in.Wake() // the next one is read while this one is handled
	}
	if err == nil {
		if err = in.Resume(ctx, d.Event); err == nil {
			err = in.handle(ctx, d, read)
		}
	}
	return in.unreadable(ctx, d, err)
}

// read asks for an order that is in hand.
func (in *Inviter) read(ctx context.Context, d database.Due) (reading, error) {
	began := in.now()
	order, err := in.pretix.Order(api.WithPriority(ctx, priorityOf(d.Batch)), d.Event, d.Code)
	if err != nil {
		return reading{}, &unreadError{err}
	}
	return reading{order: order, began: began}, nil
}

// unreadable puts an order off that Pretix did not show, and passes other errors on.
func (in *Inviter) unreadable(ctx context.Context, d database.Due, err error) error {
	unread, ok := errors.AsType[*unreadError](err)
	switch {
	case !ok || ctx.Err() != nil:
		return err
	case errors.Is(err, database.ErrNotFound):
		return nil // the event is gone, and the row with it
	case errors.Is(err, pretixconn.ErrNoOrder):
		return in.forget(ctx, d)
	case errors.Is(err, pretixconn.ErrNoLogin):
		return in.unseen(ctx, d)
	case errors.Is(err, ErrQuestionGone):
		_, err := in.store.Settle(ctx, d, in.now().Add(unseenWait))
		return err
	}
	wait := judge.PretixWait(d.Attempts, retryAfter(err))
	in.log.Warn("order not read", append(d.Order().Fields(),
		zap.Duration("next_in", wait), zap.Error(unread.cause))...)
	return in.store.Postpone(ctx, d, in.now().Add(wait))
}

// forget ends an order that Pretix does not have any more, by its own word for this very order.
func (in *Inviter) forget(ctx context.Context, d database.Due) error {
	recorded, err := in.store.RecordOrder(ctx, database.OrderRecord{Event: d.Event, Code: d.Code, Generation: d.Generation})
	if errors.Is(err, database.ErrNotFound) {
		return nil // the event is gone, and the row with it
	}
	if err != nil {
		return outdated(err)
	}
	d.Generation = recorded.Generation
	_, err = in.store.Settle(ctx, d, time.Time{})
	return err
}

// unseen puts off an order of an event that no login sees, and tells it with the first one.
func (in *Inviter) unseen(ctx context.Context, d database.Due) error {
	if _, err := in.store.Settle(ctx, d, in.now().Add(unseenWait)); err != nil {
		return err
	}
	in.blind(ctx, d.Event)
	in.desk.stick(d)
	return nil
}

// blind tells that nobody sees the event, once.
func (in *Inviter) blind(ctx context.Context, key database.EventKey) {
	if in.desk.blind(key) {
		in.log.Warn("no login sees the event", key.Fields()...)
		in.hooks.NoLogin(ctx, key)
	}
}

// Resume says that a login sees the event, or may see it again: orders that nobody could read are looked at now.
func (in *Inviter) Resume(ctx context.Context, key database.EventKey) error {
	waiting, wasBlind := in.desk.unstick(key)
	if !wasBlind {
		return nil
	}
	for code, batch := range waiting {
		if _, err := in.store.MakeDue(ctx, key, code, batch); err != nil {
			return err
		}
	}
	in.scans.rest(key, time.Time{})
	in.unscanned.Store(true)
	in.Wake()
	return nil
}

func retryAfter(err error) time.Duration {
	if failed, ok := errors.AsType[*api.Error](err); ok {
		return failed.RetryAfter
	}
	return 0
}
