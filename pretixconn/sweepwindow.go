package pretixconn

import (
	"sync"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

const (
	// overlap is how far before its watermark an event is read again. Pretix sets the time of a change before the change can be
	// seen, so one may turn up with a time that was passed already; and its clock may be set back a little.
	overlap = 2 * time.Minute
	// clockSkew is how far our clock may be ahead of Pretix's where ours says when an event was read as a whole.
	clockSkew = 10 * time.Minute
	// rememberedFor is how old a change may be for an order that was dealt with to be remembered. Those of a batch are older, most of
	// them, and would only fill the memory until the next sweep.
	rememberedFor = time.Hour
	// backlog is how old a change is that waits behind fresh ones: somebody who pays now is standing there with the phone in hand.
	backlog = 5 * time.Minute
)

// orderRef names an order.
type orderRef struct {
	event database.EventKey
	code  string
}

// floor is from when on an event's orders are read: from what the last sweep has proven, or from when they were read as a whole,
// whichever is later. Before that has been done once there is none.
func floor(event database.Event) (time.Time, bool) {
	if event.ScannedAt.IsZero() {
		return time.Time{}, false
	}
	from := event.ScannedAt.Add(-clockSkew)
	if event.SweptFrom.After(from) {
		from = event.SweptFrom
	}
	return from.Add(-overlap), true
}

// floors says from when on the orders of each event are read.
type floors map[database.EventKey]time.Time

// of keeps those of some events.
func (f floors) of(events []database.EventKey) floors {
	some := make(floors, len(events))
	for _, event := range events {
		some[event] = f[event]
	}
	return some
}

// oldest is from when on an organizer's orders have to be read so that no event misses one.
func (f floors) oldest() time.Time {
	var oldest time.Time
	for _, from := range f {
		if oldest.IsZero() || from.Before(oldest) {
			oldest = from
		}
	}
	return oldest
}

// handed remembers which orders have been made due, or dealt with, in the time that is read again and again, and when they had
// changed then. Without it the overlap would have each of them looked at with every sweep. It lives in memory: after a start they
// are looked at once more, which costs a request and changes nothing.
type handed struct {
	mu      sync.Mutex
	changed map[orderRef]time.Time
}

func newHanded() *handed { return &handed{changed: make(map[orderRef]time.Time)} }

// note remembers an order as it was then.
func (h *handed) note(ref orderRef, changed time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if changed.After(h.changed[ref]) {
		h.changed[ref] = changed
	}
}

// news picks out of a page the orders that have to be looked at: of the events that are read, from their time on, and not as they
// are known already.
func (h *handed) news(organizer database.OrganizerKey, from floors, orders []api.Order) []api.Order {
	h.mu.Lock()
	defer h.mu.Unlock()
	var news []api.Order
	for _, order := range orders {
		ref := refOf(organizer, order)
		floor, read := from[ref.event]
		if read && !order.LastModified.Before(floor) && !h.changed[ref].Equal(order.LastModified) {
			news = append(news, order)
		}
	}
	return news
}

// prune forgets the orders that no later sweep will meet again unchanged.
func (h *handed) prune(from floors) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for ref, changed := range h.changed {
		if floor, read := from[ref.event]; !read || changed.Before(floor) {
			delete(h.changed, ref)
		}
	}
}

func refOf(organizer database.OrganizerKey, order api.Order) orderRef {
	return orderRef{organizer.Event(order.Event), order.Code}
}

// pause is how long an organizer is left alone after some sweeps in a row have not succeeded: longer each time, up to a quarter of an
// hour, and at least as long as Pretix asks for.
func pause(failures int, every, asked time.Duration) time.Duration {
	const longest = 15 * time.Minute
	wait := every
	for range failures - 1 {
		if wait *= 2; wait > longest {
			break
		}
	}
	return max(min(wait, max(longest, every)), asked)
}
