package api

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"
)

// maxSamePages bounds how many pages may share one time of change before the list counts as endless.
const maxSamePages = 1000

// OrderQuery says which orders to read.
type OrderQuery struct {
	Event     string        // "" is every event of the organizer whose orders the token may read; Pretix leaves the others out silently
	Since     time.Time     // orders changed then or later; zero is all
	Questions []QuestionRef // whose answers are kept
	Brief     bool          // only event, code, status and time of change, without positions: all that a sweep needs
}

// Page is some orders, oldest change first.
type Page struct {
	Orders    []Order
	Generated time.Time // by Pretix's clock, before it read them; zero where it does not say
}

// OrderPages reads the orders page by page, in the order of their last change. It goes on from the time of the last one and not by
// page number, so that orders that change meanwhile come again at the end and push no other one out of sight; only within more than
// a page of orders that changed at the very same time it counts pages. No order comes twice unchanged.
//
// Generated of the first page is where a later reading may start, less an overlap: Pretix sets the time of a change before the
// change can be seen. An error is the last thing yielded; one may go on from the last order's LastModified.
func (c *Client) OrderPages(ctx context.Context, organizer string, q OrderQuery) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		at := orderCursor{since: q.Since, page: 1}
		for {
			page, more, err := c.orderPage(ctx, organizer, q, at)
			if err != nil {
				yield(Page{}, err)
				return
			}
			read := page.Orders
			page.Orders = at.unseen(read)
			next := at.after(read)
			if !yield(page, nil) || !more {
				return
			}
			if next.page > maxSamePages {
				yield(Page{}, &Error{Op: "list orders", kind: ErrUnavailable, reason: "the list does not end"})
				return
			}
			at = next
		}
	}
}

func (c *Client) orderPage(ctx context.Context, organizer string, q OrderQuery, at orderCursor) (Page, bool, error) {
	path := []string{"organizers", organizer, "orders"}
	if q.Event != "" {
		path = eventPath(organizer, q.Event, "orders")
	}
	query := pageQuery(orderFields(q.Brief), at.page)
	query.Set("ordering", "last_modified")
	if !at.since.IsZero() {
		query.Set("modified_since", at.since.UTC().Format(time.RFC3339Nano))
	}
	var answer listAnswer[Order]
	header, err := c.do(ctx, request{op: "list orders", path: path, query: query, into: &answer})
	if at.page > 1 && errors.Is(err, ErrNotFound) {
		return Page{}, false, nil // those that shared the time have changed again: they are fewer now, and all have been read
	}
	if err != nil {
		return Page{}, false, err
	}
	for i := range answer.Results {
		answer.Results[i].keepAnswers(q.Questions)
	}
	page := Page{Orders: answer.Results, Generated: generated(header)}
	return page, answer.Next != nil && len(page.Orders) > 0, nil
}

// orderCursor is a place in the list: from a time on, and a page number where one time fills more than a page.
type orderCursor struct {
	since time.Time
	page  int
	seen  map[orderName]bool // those with exactly that time that have been read
}

type orderName struct {
	event, code string
	changed     int64
}

func (o *Order) name() orderName { return orderName{o.Event, o.Code, o.LastModified.UnixMicro()} }

// after is the place behind the rows, which may hold some that were read before.
func (at orderCursor) after(rows []Order) orderCursor {
	if len(rows) == 0 {
		return orderCursor{since: at.since, page: at.page + 1, seen: at.seen}
	}
	last := rows[len(rows)-1].LastModified
	next := orderCursor{since: last, page: 1, seen: map[orderName]bool{}}
	if !last.After(at.since) {
		next = orderCursor{since: at.since, page: at.page + 1, seen: at.seen}
		if next.seen == nil {
			next.seen = map[orderName]bool{}
		}
	} else if rows[0].LastModified.Equal(last) {
		next.page = 2 // the whole page shares the time, so it is also the first page from that time on
	}
	for i := range rows {
		if rows[i].LastModified.Equal(next.since) {
			next.seen[rows[i].name()] = true
		}
	}
	return next
}

func (at orderCursor) unseen(rows []Order) []Order {
	var fresh []Order
	for i := range rows {
		if !at.seen[rows[i].name()] {
			fresh = append(fresh, rows[i])
		}
	}
	return fresh
}

// generated is Pretix's clock when it began to answer.
func generated(header http.Header) time.Time {
	if at, err := time.Parse(time.RFC3339Nano, header.Get("X-Page-Generated")); err == nil {
		return at
	}
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at
}
