package pretixconn

import (
	"sync"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// rememberedFor is for how long an order that was dealt with is remembered, and at the most for twice that. No sweep needs it longer.
const rememberedFor = time.Hour

// handed remembers which orders have been made due, or dealt with, in the time that is read again and again, and when they had
// changed then. Without it the overlap would have each of them looked at with every sweep. It lives in memory: after a start they
// are looked at once more, which costs a request and changes nothing.
type handed struct {
	now func() time.Time

	mu             sync.Mutex
	turned         time.Time // when recent was begun
	recent, former map[database.OrderKey]time.Time
}

func newHanded(now func() time.Time) *handed { return &handed{now: now} }

// note remembers an order as it was then.
func (h *handed) note(order database.OrderKey, changed time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if since := h.now().Sub(h.turned); h.recent == nil || since < 0 || since >= rememberedFor {
		h.recent, h.former, h.turned = make(map[database.OrderKey]time.Time), h.recent, h.now()
	}
	if changed.After(h.changed(order)) {
		h.recent[order] = changed
	}
}

// changed is when the order had changed as it is known. The caller holds the lock.
func (h *handed) changed(order database.OrderKey) time.Time {
	if changed, ok := h.recent[order]; ok {
		return changed
	}
	return h.former[order]
}

// news picks out of a page the orders that have to be looked at: of the events that are read, from their time on, and not as they
// are known already.
func (h *handed) news(organizer database.OrganizerKey, from floors, orders []api.Order) []api.Order {
	h.mu.Lock()
	defer h.mu.Unlock()
	var news []api.Order
	for _, order := range orders {
		key := keyOf(organizer, order)
		floor, read := from[key.Event]
		if read && !order.LastModified.Before(floor) && !h.changed(key).Equal(order.LastModified) {
			news = append(news, order)
		}
	}
	return news
}

func keyOf(organizer database.OrganizerKey, order api.Order) database.OrderKey {
	return database.OrderKey{Event: organizer.Event(order.Event), Code: order.Code}
}

const (
	// backlog is how old a change is that waits behind fresh ones: somebody who pays now is standing there with the phone in hand.
	backlog = 5 * time.Minute
	// freshAtOnce is how many orders of an event a sweep may take for those of people who stand there. More at once are a rush, or
	// something that was done to many orders, and wait behind the next one that pays.
	freshAtOnce = 20
)

// crowd counts by event how many fresh orders a sweep has found.
type crowd map[string]int

// wait says of each of a page's news whether it waits behind fresh ones. Orders of an event that share their time were changed by one
// stroke: Pretix does that to all orders of a date that is moved, for instance.
func (c crowd) wait(news []api.Order, page api.Page) []bool {
	type stroke struct {
		event string
		at    int64
	}
	struck := make(map[stroke]int)
	for _, order := range page.Orders {
		struck[stroke{order.Event, order.LastModified.UnixMicro()}]++
	}
	waits := make([]bool, len(news))
	for i, order := range news {
		old := page.Generated.Sub(order.LastModified) > backlog
		if old || struck[stroke{order.Event, order.LastModified.UnixMicro()}] > 1 || c[order.Event] >= freshAtOnce {
			waits[i] = true
			continue
		}
		c[order.Event]++
	}
	return waits
}
