package inviter

import (
	"sync"

	"matrix-pretix/bridge/inviter/turns"
	"matrix-pretix/database"
)

// stuckAtMost is how many orders of an event are remembered while nobody sees it. Further ones come by themselves, a little later.
const stuckAtMost = 20000

// desk is what is in hand at the moment.
type desk struct {
	orders  turns.Marks[database.OrderKey]
	ended   turns.Marks[database.OrderKey] // orders that were in hand, since the due rows were listed: the list may show them as they were
	runs    turns.Marks[database.EventKey] // events being read by pages
	unasked turns.Marks[database.EventKey] // events whose question is gone

	mu      sync.Mutex                            // guards what follows
	reading map[database.EventKey]readings        // orders being read one by one
	stuck   map[database.EventKey]map[string]bool // orders of events that nobody sees; true: of a batch
}

// readings is how many orders of an event are being read, and whether another one would have been.
type readings struct {
	now  int
	more bool
}

func newDesk() *desk {
	return &desk{reading: make(map[database.EventKey]readings), stuck: make(map[database.EventKey]map[string]bool)}
}

// beginReading says whether one more order of the event may be read on its own now.
func (d *desk) beginReading(key database.EventKey) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.reading[key]
	free := r.now < readsAtOnce
	if free {
		r.now++
	} else {
		r.more = true
	}
	d.reading[key] = r
	return free
}

// endReading reports whether another order could not be read meanwhile.
func (d *desk) endReading(key database.EventKey) (more bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := d.reading[key]
	if r.now == 1 {
		delete(d.reading, key)
	} else {
		d.reading[key] = readings{now: r.now - 1}
	}
	return r.more
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
