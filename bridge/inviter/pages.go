package inviter

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"matrix-pretix/bridge/inviter/judge"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// pageTries is how often a run goes on from where Pretix failed, before what is left of it is put off.
const pageTries = 5

// run is an event's due orders being read by pages.
type run struct {
	in    *Inviter
	key   database.EventKey
	left  map[string]database.Due // not met yet
	since time.Time               // how far the pages are read
	reads api.Priority            // of the pages
	group *errgroup.Group         // orders in hand
	ctx   context.Context         // theirs
}

// readRun reads the event's orders by pages, takes in hand those that are due as each page comes, and reads at the end one by one what
// was not met. Memory is bounded by the places for orders in hand: reading waits for them.
func (in *Inviter) readRun(ctx context.Context, key database.EventKey) error {
	due, err := in.store.DueOf(ctx, key)
	if err != nil {
		return in.runFailed(ctx, key, err)
	}
	unpin, err := in.pinRooms(ctx, key)
	if err != nil {
		return in.runFailed(ctx, key, err)
	}
	defer unpin()
	r := &run{in: in, key: key, left: make(map[string]database.Due, len(due)), reads: api.Batch}
	fresh := 0
	for _, d := range due {
		if !in.desk.orders.Has(d.Order()) {
			r.left[d.Code] = d
		}
		if !d.Batch {
			fresh++
		}
	}
	if fresh > pagesFrom { // read one by one they would keep the pages waiting that show fifty of them at once
		r.reads = api.Live
	}
	in.log.Info("orders read by pages", append(key.Fields(), zap.Int("orders", len(r.left)))...)
	r.group, r.ctx = errgroup.WithContext(ctx)
	unreadable := r.pages()
	if unreadable == nil {
		unreadable = r.rest()
	}
	if err := r.group.Wait(); err != nil {
		return err // a fault
	}
	if unreadable == nil || ctx.Err() != nil {
		return nil
	}
	if err := r.putOff(ctx, unreadable); err != nil {
		return in.runFailed(ctx, key, err)
	}
	return nil
}

func (in *Inviter) runFailed(ctx context.Context, key database.EventKey, err error) error {
	if ctx.Err() == nil {
		in.log.Error("orders not read by pages", append(key.Fields(), zap.Error(err))...)
	}
	return nil
}

// pinRooms has the member lists of the event's open rooms kept until the returned function is called.
func (in *Inviter) pinRooms(ctx context.Context, key database.EventKey) (unpin func(), err error) {
	links, err := in.store.LinksOf(ctx, key)
	if err != nil {
		return nil, err
	}
	links = slices.DeleteFunc(links, func(l database.Link) bool { return l.State != database.LinkActive })
	for _, link := range links {
		in.lists.pin(link.Room)
	}
	return sync.OnceFunc(func() {
		for _, link := range links {
			in.lists.unpin(link.Room)
		}
	}), nil
}

// pages reads until everything due has been met or the pages end, going on where Pretix failed. The error says why it gave up.
func (r *run) pages() error {
	for failures := 0; len(r.left) > 0; failures++ {
		err := r.readPages(&failures)
		switch {
		case err == nil || r.ctx.Err() != nil:
			return r.ctx.Err()
		case errors.Is(err, pretixconn.ErrNoLogin) || errors.Is(err, database.ErrNotFound) || failures >= pageTries:
			return err
		}
		wait := judge.PretixWait(failures, retryAfter(err))
		r.in.log.Warn("page of orders not read", append(r.key.Fields(), zap.Duration("next_in", wait), zap.Error(err))...)
		select {
		case <-time.After(wait):
		case <-r.ctx.Done():
			return r.ctx.Err()
		}
	}
	return nil
}

// readPages reads page after page. Events take turns at that: each page is a turn.
func (r *run) readPages(failures *int) error {
	if err := r.in.runs.Take(r.ctx, false); err != nil {
		return err
	}
	turn := true
	defer func() {
		if turn {
			r.in.runs.Give()
		}
	}()
	for page, err := range r.in.pretix.OrderPages(r.ctx, r.key, r.since, r.reads) {
		if err != nil {
			return err
		}
		*failures = 0
		if err := r.take(page); err != nil || len(r.left) == 0 {
			return err
		}
		r.in.runs.Give()
		if turn = r.in.runs.Take(r.ctx, false) == nil; !turn {
			return r.ctx.Err()
		}
	}
	return nil
}

// take takes in hand what is due of a page.
func (r *run) take(page api.Page) error {
	if n := len(page.Orders); n > 0 {
		r.since = page.Orders[n-1].LastModified
		if err := r.in.Resume(r.ctx, r.key); err != nil {
			return err
		}
	}
	for _, order := range page.Orders {
		d, due := r.left[order.Code]
		if !due {
			continue
		}
		delete(r.left, order.Code)
		err := r.begin(d, func(ctx context.Context) error {
			return r.in.unreadable(ctx, d, r.in.handle(ctx, d, reading{order: order}))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// begin does something for an order when there is a place.
func (r *run) begin(d database.Due, do func(context.Context) error) error {
	if err := r.in.paged.Take(r.ctx, !d.Batch); err != nil {
		return err
	}
	if !r.in.desk.orders.Put(d.Order()) {
		r.in.paged.Give()
		return nil
	}
	r.group.Go(func() error {
		defer r.in.paged.Give()
		return r.in.work(r.ctx, d, do)
	})
	return nil
}

// rest reads one by one what the pages did not show: orders that are no more, most of them.
func (r *run) rest() error {
	for _, code := range slices.Sorted(maps.Keys(r.left)) {
		d := r.left[code]
		delete(r.left, code)
		err := r.begin(d, func(ctx context.Context) error {
			read, err := r.in.read(ctx, d)
			if err == nil {
				err = r.in.handle(ctx, d, read)
			}
			return r.in.unreadable(ctx, d, err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// putOff puts off what is left of a run that Pretix did not let end.
func (r *run) putOff(ctx context.Context, cause error) error {
	for _, d := range r.left {
		if err := r.in.unreadable(ctx, d, &unreadError{cause}); err != nil {
			return err
		}
	}
	return nil
}
