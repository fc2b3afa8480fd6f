package inviter

import (
	"sync"

	"matrix-pretix/database"
)

// stuckAtMost is how many orders of an event are remembered while nobody sees it. Further ones come by themselves, a little later.
const stuckAtMost = 20000

// desk is what is in hand at the moment.
type desk struct {
	mu      sync.Mutex
	orders  map[database.OrderKey]bool
	reading map[database.EventKey]int             // orders being read one by one
	runs    map[database.EventKey]bool            // events being read by pages
	stuck   map[database.EventKey]map[string]bool // orders of events that nobody sees; true: of a batch
	unasked map[database.EventKey]bool            // events whose question is gone
}

func newDesk() *desk {
	return &desk{
		orders:  make(map[database.OrderKey]bool),
		reading: make(map[database.EventKey]int),
		runs:    make(map[database.EventKey]bool),
		stuck:   make(map[database.EventKey]map[string]bool),
		unasked: make(map[database.EventKey]bool),
	}
}

// claim takes an order in hand; false: it is already.
func (d *desk) claim(order database.OrderKey) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.orders[order] {
		return false
	}
	d.orders[order] = true
	return true
}

func (d *desk) release(order database.OrderKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.orders, order)
}

func (d *desk) has(order database.OrderKey) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.orders[order]
}

func (d *desk) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.orders)
}

// beginReading says whether one more order of the event may be read on its own now.
func (d *desk) beginReading(key database.EventKey) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reading[key] >= readsAtOnce {
		return false
	}
	d.reading[key]++
	return true
}

func (d *desk) endReading(key database.EventKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reading[key]--
	if d.reading[key] == 0 {
		delete(d.reading, key)
	}
}

// beginRun says whether the event may be read by pages: it is not yet.
func (d *desk) beginRun(key database.EventKey) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.runs[key] {
		return false
	}
	d.runs[key] = true
	return true
}

func (d *desk) endRun(key database.EventKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.runs, key)
}

func (d *desk) running(key database.EventKey) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.runs[key]
}

// runCount is how many events are read by pages.
func (d *desk) runCount() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.runs)
}

// blind notes that nobody sees the event and tells whether that is news.
func (d *desk) blind(key database.EventKey) (news bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stuck[key] != nil {
		return false
	}
	d.stuck[key] = make(map[string]bool)
	return true
}

// stick notes an order of an event that nobody sees.
func (d *desk) stick(due database.Due) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if codes := d.stuck[due.Event]; codes != nil && len(codes) < stuckAtMost {
		codes[due.Code] = due.Batch
	}
}

// unstick returns the orders that nobody could read, with whether they belong to a batch, and forgets them. False: the event was seen.
func (d *desk) unstick(key database.EventKey) (map[string]bool, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	codes, blind := d.stuck[key]
	delete(d.stuck, key)
	return codes, blind
}

// loseQuestion notes that the event's question is gone and tells whether that is news.
func (d *desk) loseQuestion(key database.EventKey) (news bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	news = !d.unasked[key]
	d.unasked[key] = true
	return news
}

// findQuestion notes that the event has its question.
func (d *desk) findQuestion(key database.EventKey) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.unasked, key)
}

// questionLost says whether the event's question is gone.
func (d *desk) questionLost(key database.EventKey) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.unasked[key]
}
