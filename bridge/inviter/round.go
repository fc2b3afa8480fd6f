package inviter

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

const (
	// unreadyWait is how long an order waits whose event is not ready: its question is not known, or its orders are still being read
	// as a whole.
	unreadyWait = 10 * time.Second
	// scanRest is how long a scan that failed is left alone, unless somebody begins it.
	scanRest = time.Minute
	// pagesFrom is from how many due orders on an event is read by pages.
	pagesFrom = 20
	// pageSize is how many orders Pretix gives at once.
	pageSize = 50
)

// round is one look at the due orders.
type round struct {
	in    *Inviter
	group *errgroup.Group
	facts map[database.EventKey]facts
}

// facts is what is known of an event during a round.
type facts struct {
	ready    bool
	unlinked bool // it opens no room, so that nobody follows its orders; the first link reads all of them
	run      bool // it is read by pages
}

// consider takes an order in hand, or leaves it for a later round.
func (r *round) consider(ctx context.Context, d database.Due) error {
	known, err := r.factsOf(ctx, d)
	if errors.Is(err, database.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if known.unlinked {
		_, err := r.in.store.Settle(ctx, d, time.Time{})
		return err
	}
	if !known.ready {
		_, err := r.in.store.Settle(ctx, d, r.in.now().Add(unreadyWait))
		return err
	}
	if known.run && d.Batch {
		return nil
	}
	r.begin(ctx, d)
	return nil
}

// factsOf looks at the event, once per round, and begins what it needs: reading its orders as a whole the first time, or by pages.
func (r *round) factsOf(ctx context.Context, d database.Due) (facts, error) {
	if known, ok := r.facts[d.Event]; ok {
		return known, nil
	}
	event, err := r.in.store.Event(ctx, d.Event)
	if err != nil {
		return facts{}, err
	}
	known := facts{ready: event.QuestionID != 0 && !event.ScannedAt.IsZero()}
	if !known.ready {
		links, err := r.in.store.LinksOf(ctx, d.Event)
		if err != nil {
			return facts{}, err
		}
		known.unlinked = len(links) == 0
	}
	switch {
	case event.QuestionID == 0 || known.unlinked:
	case !known.ready:
		r.beginScan(ctx, d.Event)
	default:
		if known.run, err = r.beginRun(ctx, d.Event); err != nil {
			return facts{}, err
		}
	}
	r.facts[d.Event] = known
	return known, nil
}

// begin reads the order on its own, if there is a place.
func (r *round) begin(ctx context.Context, d database.Due) {
	in := r.in
	places := in.live
	if d.Batch {
		places = in.batch
	}
	if !in.desk.beginReading(d.Event) {
		return
	}
	if !places.TryTake() {
		in.desk.endReading(d.Event)
		return
	}
	if !in.desk.orders.Put(d.Order()) {
		places.Give()
		in.desk.endReading(d.Event)
		return
	}
	r.group.Go(func() error {
		defer in.Wake()
		defer places.Give()
		return in.work(ctx, d, func(ctx context.Context) error { return in.single(ctx, d) })
	})
}

// beginRun says whether the event is read by pages, and begins that if it pays.
func (r *round) beginRun(ctx context.Context, key database.EventKey) (bool, error) {
	in := r.in
	if in.desk.runs.Has(key) {
		return true, nil
	}
	due, err := in.store.CountDue(ctx, key)
	if err != nil || due.Live+due.Batch <= pagesFrom {
		return false, err
	}
	known, err := in.store.CountTickets(ctx, key)
	if err != nil || !pagesPay(due.Live+due.Batch, known.Tickets) || !in.desk.runs.Put(key) {
		return false, err
	}
	r.group.Go(func() error {
		defer in.Wake()
		defer in.desk.runs.Drop(key)
		return in.readRun(ctx, key)
	})
	return true, nil
}

// pagesPay says whether reading an event by pages takes fewer requests than reading its due orders one by one. Each order has a ticket
// at least, as far as it has any that count.
func pagesPay(due, tickets int) bool {
	return due > pagesFrom && due > tickets/pageSize
}

// beginScans begins the scans that a crash or Pretix has cut short, also where no order is due.
func (r *round) beginScans(ctx context.Context) error {
	events, err := r.in.store.LinkedEvents(ctx)
	if err != nil {
		return err
	}
	for _, event := range events {
		if event.QuestionID != 0 && event.ScannedAt.IsZero() {
			r.beginScan(ctx, event.Key)
		}
	}
	return nil
}

// beginScan reads the event's orders as a whole, unless that is being done or has failed a moment ago.
func (r *round) beginScan(ctx context.Context, key database.EventKey) {
	in := r.in
	if !in.scans.wanted(key, in.now()) {
		return
	}
	in.scans.rest(key, in.now().Add(scanRest))
	r.group.Go(func() error {
		_, err := in.Scan(ctx, key, nil)
		switch {
		case err == nil:
			in.scans.rest(key, time.Time{})
		case ctx.Err() != nil:
		case errors.Is(err, pretixconn.ErrNoLogin):
			in.blind(ctx, key)
		case errors.Is(err, ErrQuestionGone): // told already
		default:
			in.log.Warn("orders not read as a whole", append(key.Fields(), zap.Error(err))...)
		}
		return nil
	})
}

// work does what there is to do for an order in hand and gives it back. Only a [Fault] is returned; whatever else goes wrong is logged
// here, once, and leaves the order due.
func (in *Inviter) work(ctx context.Context, d database.Due, do func(context.Context) error) error {
	err := do(ctx)
	defer in.giveBack(d.Order(), errors.Is(err, errAgain))
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault
	}
	if err == nil || ctx.Err() != nil || errors.Is(err, errAgain) {
		return nil
	}
	in.log.Error("order not handled", append(d.Order().Fields(), zap.Error(err))...)
	select {
	case <-time.After(restOnFault):
	case <-ctx.Done():
	}
	return nil
}

// giveBack says that an order is in hand no more. One that is to be looked at again is looked for only then, for until then it would have
// been passed over.
func (in *Inviter) giveBack(order database.OrderKey, again bool) {
	in.desk.ended.Put(order)
	in.desk.orders.Drop(order)
	if again {
		in.Wake()
	}
}
