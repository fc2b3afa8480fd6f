package turns

import "sync"

// Marks is what bears a mark, for many to set and take away. The zero value is ready.
type Marks[K comparable] struct {
	mu  sync.Mutex
	all map[K]bool
}

// Put sets a mark; false: it is there already.
func (m *Marks[K]) Put(key K) (news bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all[key] {
		return false
	}
	if m.all == nil {
		m.all = make(map[K]bool)
	}
	m.all[key] = true
	return true
}

// Drop takes a mark away, if it is there.
func (m *Marks[K]) Drop(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, key)
}

// Has says whether something bears a mark.
func (m *Marks[K]) Has(key K) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all[key]
}

// Count is how many bear one.
func (m *Marks[K]) Count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.all)
}

// Clear drops all.
func (m *Marks[K]) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.all)
}
