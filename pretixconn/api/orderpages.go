package api

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strconv"
	"time"
)

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
// page number, so that orders that change meanwhile come again at the end and push no other one out of sight. No order comes twice
// unchanged. Only within more than a page of orders that changed at the very same time (all of a date that was moved) it counts
// pages, and goes back where those have shifted; see [orderCursor].
//
// Generated of the first page is where a later reading may start, less an overlap: Pretix sets the time of a change before the
// change can be seen. An error is the last thing yielded; one may go on from the last order's LastModified.
func (c *Client) OrderPages(ctx context.Context, organizer string, q OrderQuery) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		at := orderCursor{since: q.Since}
		for {
			page, more, err := c.orderPage(ctx, organizer, q, at)
			if err != nil {
				yield(Page{}, err)
				return
			}
			if at.shifted(page.Orders) {
				at = at.back()
			} else {
				read := page.Orders
				page.Orders = at.unseen(read)
				if !yield(page, nil) || !more {
					return
				}
				at = at.after(read)
			}
			if at.tries >= maxTries {
				yield(Page{}, &Error{Op: "list orders", kind: ErrUnavailable, reason: "the list does not end"})
				return
			}
		}
	}
}

func (c *Client) orderPage(ctx context.Context, organizer string, q OrderQuery, at orderCursor) (Page, bool, error) {
	path := []string{"organizers", organizer, "orders"}
	if q.Event != "" {
		path = eventPath(organizer, q.Event, "orders")
	}
	number, size := at.page()
	query := pageQuery(orderFields(q.Brief), number)
	query.Set("page_size", strconv.Itoa(size))
	query.Set("ordering", "last_modified")
	if !at.since.IsZero() {
		query.Set("modified_since", at.since.UTC().Format(time.RFC3339Nano))
	}
	var answer listAnswer[Order]
	header, err := c.do(ctx, request{op: "list orders", path: path, query: query, into: &answer})
	if number > 1 && errors.Is(err, ErrNotFound) {
		return Page{}, false, nil // orders were deleted: the list has become shorter than what has been read of it
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

// generated is Pretix's clock when it began to answer.
func generated(header http.Header) time.Time {
	if at, err := time.Parse(time.RFC3339Nano, header.Get("X-Page-Generated")); err == nil {
		return at
	}
	return dated(header)
}

// dated is the server's clock when it answered; zero where it does not say.
func dated(header http.Header) time.Time {
	at, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return at
}
