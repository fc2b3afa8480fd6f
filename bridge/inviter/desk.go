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
	reading map[database.EventKey]int             // orders being read one by one
	stuck   map[database.EventKey]map[string]bool // orders of events that nobody sees; true: of a batch
}

func newDesk() *desk {
	return &desk{reading: make(map[database.EventKey]int), stuck: make(map[database.EventKey]map[string]bool)}
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
