package inviter

import "sync"

// marks is what bears a mark, for many to set and take away. The zero value is ready.
type marks[K comparable] struct {
	mu  sync.Mutex
	all map[K]bool
}

// put sets a mark; false: it is there already.
func (m *marks[K]) put(key K) (news bool) {
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

func (m *marks[K]) drop(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, key)
}

func (m *marks[K]) has(key K) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all[key]
}

func (m *marks[K]) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.all)
}
