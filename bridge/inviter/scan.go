package inviter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/bridge/inviter/judge"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// ErrNoQuestion says that it is not known which question asks for the Matrix ID, so that no order says anything.
var ErrNoQuestion = errors.New("the question that asks for the Matrix ID is not known")

// Scanned is how far reading an event's orders as a whole has come.
type Scanned struct {
	Orders  int // read
	Tickets int // that count, of orders sold before the event's first room was linked
	Unnamed int // of those, the ones that name nobody
	Live    int // orders changed since or still due, which are handled as fresh ones
}

// Scan reads all orders of an event, once in the life of its links, and records their tickets: whoever bought before the first room
// was linked is known from then on and asked only when somebody says so. It may be cut short at any moment and begun again; orders
// that change meanwhile are left to the ordinary way, which waits for the end of the scan. Progress, if not nil, is called after each
// page. A scan that is running already is waited for: if the question or the server was set anew meanwhile, it begins again by itself.
// Of an event without a link nothing is read, for nobody follows what changes there.
func (in *Inviter) Scan(ctx context.Context, key database.EventKey, progress func(Scanned)) (Scanned, error) {
	running, ours := in.scans.begin(key)
	if !ours {
		select {
		case <-running.done:
			return running.result, running.err
		case <-ctx.Done():
			return Scanned{}, ctx.Err()
		}
	}
	defer in.scans.end(key, running)
	if progress == nil {
		progress = func(Scanned) {}
	}
	running.err = in.scan(ctx, key, &running.result, progress)
	return running.result, running.err
}

func (in *Inviter) scan(ctx context.Context, key database.EventKey, done *Scanned, progress func(Scanned)) error {
	for {
		*done = Scanned{}
		valid, err := in.scanOnce(ctx, key, done, progress)
		if err != nil {
			return err
		}
		if valid {
			in.Wake()
			return nil
		}
		in.log.Info("orders are read again because a setting changed", key.Fields()...)
	}
}

// scanOnce reads all orders and reports whether they were still to be read in this way at the end.
func (in *Inviter) scanOnce(ctx context.Context, key database.EventKey, done *Scanned, progress func(Scanned)) (valid bool, _ error) {
	event, err := in.store.Event(ctx, key)
	if err != nil {
		return false, err
	}
	if event.QuestionID == 0 {
		return false, ErrNoQuestion
	}
	links, err := in.store.LinksOf(ctx, key)
	if err != nil || len(links) == 0 || !event.ScannedAt.IsZero() {
		return true, err
	}
	question, err := in.question(ctx, event)
	if err != nil {
		return false, fmt.Errorf("read the questions of %s: %w", key, err)
	}
	// It may have been made anew.
	event.QuestionID, event.QuestionIdentifier = question.ID, question.Identifier
	s := &scanner{
		in: in, event: event, linked: links[0].LinkedAt, question: question, done: done, progress: progress, met: make(map[string]bool),
	}
	if err := s.read(ctx); err != nil {
		return false, err
	}
	if valid, err = in.store.MarkScanned(ctx, s.event, in.now()); err != nil || !valid {
		return false, err
	}
	in.log.Info("orders read as a whole", append(key.Fields(),
		zap.Int("orders", done.Orders), zap.Int("tickets", done.Tickets), zap.Int("live", done.Live))...)
	return true, nil
}

// scanner is one scan at work.
type scanner struct {
	in       *Inviter
	event    database.Event
	linked   time.Time // when the first of its links was made
	question pretixconn.Question
	since    time.Time       // how far the pages are read
	met      map[string]bool // orders of exactly that time: they come again when reading goes on from it
	done     *Scanned
	progress func(Scanned)
}

// read reads all pages, going on where Pretix failed.
func (s *scanner) read(ctx context.Context) error {
	for failures := 0; ; failures++ {
		unread, err := s.pages(ctx, &failures)
		if err != nil || unread == nil {
			return err
		}
		if errors.Is(unread, pretixconn.ErrNoLogin) || failures >= pageTries {
			return fmt.Errorf("read the orders of %s: %w", s.event.Key, unread)
		}
		select {
		case <-time.After(judge.PretixWait(failures, retryAfter(unread))):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// pages reads on until the end, or until Pretix fails: unread.
func (s *scanner) pages(ctx context.Context, failures *int) (unread, _ error) {
	for page, err := range s.in.pretix.OrderPages(ctx, s.event.Key, s.since, api.Batch) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return err, nil
		}
		*failures = 0
		if err := s.take(ctx, page); err != nil {
			return nil, err
		}
		s.progress(*s.done)
	}
	return nil, nil
}

// take records a page's orders. The first page of the first try sets the moment that divides old from new, by Pretix's own clock, and
// writes it down: a scan begun again after a crash divides at the same moment.
func (s *scanner) take(ctx context.Context, page api.Page) error {
	if s.event.SweptFrom.IsZero() {
		moment := page.Generated
		if moment.IsZero() {
			moment = s.in.now()
		}
		moment = moment.Truncate(time.Millisecond)
		if err := s.in.store.AdvanceSweep(ctx, s.event.Key, moment); err != nil {
			return err
		}
		s.event.SweptFrom = moment
	}
	for _, order := range page.Orders {
		if order.LastModified.Equal(s.since) && s.met[order.Code] {
			continue
		}
		if err := s.record(ctx, order); err != nil {
			return err
		}
		if !order.LastModified.Equal(s.since) {
			s.since, s.met = order.LastModified, make(map[string]bool)
		}
		s.met[order.Code] = true
	}
	return nil
}

// record takes in one order: as one that is known and asks for nothing, or, if it has changed since the moment, as a fresh one. So is
// one that has changed since the event was linked and is still due: it waits for the end of the scan.
func (s *scanner) record(ctx context.Context, order api.Order) error {
	s.done.Orders++
	if !order.LastModified.Before(s.event.SweptFrom) {
		s.done.Live++
		_, err := s.in.store.MakeDue(ctx, s.event.Key, order.Code, false)
		return err
	}
	tickets := pretixconn.Tickets(order, s.question, s.event.DefaultServer, s.in.now())
	record := recordOf(s.event.Key, order.Code, tickets, s.in.keys)
	record.Held, record.Reported = true, true
	recorded, err := s.keep(ctx, record, order.LastModified)
	if err != nil {
		return err
	}
	if !recorded {
		s.done.Live++
		return nil
	}
	s.in.pretix.Settled(s.event.Key, order.Code, order.LastModified)
	for _, t := range tickets {
		s.done.Tickets++
		if t.Problem != pretixconn.ProblemNone {
			s.done.Unnamed++
		}
	}
	return nil
}

// keep records an order as one that is known, unless it is fresh.
func (s *scanner) keep(ctx context.Context, record database.OrderRecord, changed time.Time) (recorded bool, err error) {
	if !changed.Before(s.linked) {
		return s.in.store.RecordUnlessDue(ctx, record)
	}
	_, err = s.in.store.RecordOrder(ctx, record)
	return err == nil, err
}
