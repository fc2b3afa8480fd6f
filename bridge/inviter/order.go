package inviter

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"matrix-pretix/bridge/inviter/judge"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// peopleAtOnce is how many people of one order are dealt with at the same time, so that one whose server is slow delays none.
const peopleAtOnce = 32

// call is what the parts of one look at an order share.
type call struct {
	due     database.Due // as recording has left it
	event   database.Event
	links   []database.Link
	tickets []pretixconn.Ticket
	live    bool
	reason  string // told to those who are invited
}

// freshFor is how old a reading may be that is taken as it is, whoever makes the order due meanwhile: Pretix tells of one payment by
// several webhooks, and the buyer would wait until none comes any more.
const freshFor = 5 * time.Second

// reading is an order as it was read.
type reading struct {
	order api.Order
	// began is when it was asked for, by whoever has the order in hand; zero: on a page, before anybody had.
	began time.Time
}

// handle does what an order that has been read asks for, and settles it. It may be cut short at any moment and begun anew.
func (in *Inviter) handle(ctx context.Context, due database.Due, read reading) error {
	began, order := in.now(), read.order
	c, invites, err := in.record(ctx, due, read)
	if errors.Is(err, database.ErrNotFound) {
		return nil // the event is gone, and the row with it
	}
	if err != nil {
		return err
	}
	handled := Handled{Event: due.Event, Code: due.Code, Tickets: len(c.tickets)}
	left, err := in.askAll(ctx, c, invites, &handled)
	if err != nil {
		return err
	}
	settled, err := in.store.Settle(ctx, c.due, nextLook(left, c.links))
	if err != nil {
		return err
	}
	in.pretix.Settled(due.Event, due.Code, order.LastModified)
	handled.Took = in.now().Sub(began)
	in.tell(handled)
	if !settled {
		return errAgain
	}
	return nil
}

// record writes down what the order says and returns the invites of those whom it names. What was read a while ago is dropped, and
// the order read anew, if somebody has looked at it since or it has changed: a page may have waited long for its place.
func (in *Inviter) record(ctx context.Context, due database.Due, read reading) (*call, []database.Invite, error) {
	c, err := in.callFor(ctx, due, read.order)
	if err != nil {
		return nil, nil, err
	}
	if err := in.records.Take(ctx, c.live); err != nil {
		return nil, nil, err
	}
	defer in.records.Give()
	record := recordOf(due.Event, due.Code, c.tickets, in.keys)
	fresh := in.now().Sub(read.began) < freshFor
	if !fresh {
		record.Generation = due.Generation
	}
	recorded, err := in.store.RecordOrder(ctx, record)
	if err != nil {
		return nil, nil, outdated(err)
	}
	c.due = due
	if !fresh {
		c.due.Generation = recorded.Generation
	}
	// After the invites' rows: a link that becomes active later than this makes the order due anew.
	c.links, err = in.store.LinksOf(ctx, due.Event)
	return c, recorded.Invites, err
}

// outdated is the word that an order must be read anew, or another error as it is.
func outdated(err error) error {
	if errors.Is(err, database.ErrOutdated) {
		return errAgain
	}
	return err
}

// callFor gathers what is needed to judge the order.
func (in *Inviter) callFor(ctx context.Context, due database.Due, order api.Order) (*call, error) {
	event, err := in.store.Event(ctx, due.Event)
	if err != nil {
		return nil, err
	}
	question, err := in.question(api.WithPriority(ctx, priorityOf(due.Batch)), event)
	if err != nil {
		return nil, err
	}
	c := &call{
		event: event, live: !due.Batch, reason: inviteReason(event.Name),
		tickets: pretixconn.Tickets(order, question, event.DefaultServer, in.now()),
	}
	if order.Testmode && !event.TestTold {
		if err := in.firstTest(ctx, c, order, question); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// unreadError says that Pretix did not tell what is needed; the order is put off.
type unreadError struct{ cause error }

func (e *unreadError) Error() string { return e.cause.Error() }
func (e *unreadError) Unwrap() error { return e.cause }

func priorityOf(batch bool) api.Priority {
	if batch {
		return api.Batch
	}
	return api.Live
}

// askAll asks everybody whom the order's invites are about and whose time has come. It returns the invites as they are now.
func (in *Inviter) askAll(ctx context.Context, c *call, invites []database.Invite, handled *Handled) ([]database.Invite, error) {
	people := toAsk(peopleOf(c.tickets, in.keys), invites, c.links, in.now())
	results, err := together(ctx, people, peopleAtOnce, func(ctx context.Context, p person) ([]result, error) {
		return in.askPerson(ctx, c, p)
	})
	if err != nil {
		return nil, err
	}
	asked := slices.Concat(results...)
	handled.count(invites, asked)
	return apply(slices.Clone(invites), asked), nil
}

// together does something for each of several, so many at once, and gives what came of each. An error ends it for all.
func together[Of, Result any](
	ctx context.Context, several []Of, atOnce int, do func(context.Context, Of) (Result, error),
) ([]Result, error) {
	results := make([]Result, len(several))
	group, doing := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, each := range several {
		group.Go(func() (err error) {
			results[i], err = do(doing, each)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, cmp.Or(ctx.Err(), err)
	}
	return results, nil
}

// tell says what became of an order: to the log and to whoever follows the event.
func (in *Inviter) tell(h Handled) {
	in.log.Info("order handled", append(database.OrderKey{Event: h.Event, Code: h.Code}.Fields(),
		zap.Int("tickets", h.Tickets), zap.Int("invited", h.Invited), zap.Int("already", h.Already),
		zap.Int("gone", h.Gone), zap.Int("waiting", h.Waiting), zap.Int("failed", h.Failed), zap.Int("stopped", h.Stopped),
		zap.Int64("ms", h.Took.Milliseconds()))...)
	in.follows.add(h)
}

// when says when what the invite's ticket was bought for takes place, for whoever waits for somebody to appear. Not knowing is no
// error: then it is asked for less often.
func (in *Inviter) when(ctx context.Context, c *call, invite database.Invite) judge.Days {
	state, err := in.pretix.EventState(ctx, c.event.Key)
	if err != nil {
		return judge.Days{}
	}
	from, to := state.DateFrom, state.DateTo
	at := slices.IndexFunc(c.tickets, func(t pretixconn.Ticket) bool { return t.Position == invite.Position })
	if at >= 0 && c.tickets[at].Subevent != 0 {
		subevents, err := in.pretix.Subevents(ctx, c.event.Key)
		if err != nil {
			return judge.Days{}
		}
		for _, date := range subevents {
			if date.ID == c.tickets[at].Subevent {
				from, to = date.DateFrom, date.DateTo
			}
		}
	}
	if zone, err := time.LoadLocation(state.Timezone); err == nil && !from.IsZero() {
		from, to = from.In(zone), to.In(zone)
	}
	return judge.Days{From: from, To: to}
}
