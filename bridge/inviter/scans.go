package inviter

import (
	"sync"
	"time"

	"matrix-pretix/database"
)

// scans is what is being read as a whole.
type scans struct {
	mu     sync.Mutex
	now    map[database.EventKey]*scan
	failed map[database.EventKey]time.Time // when they may be tried again by themselves
}

type scan struct {
	done   chan struct{}
	result Scanned
	err    error
}

// wanted says that the event's scan should be begun by itself: it is not running and has not failed a moment ago.
func (s *scans) wanted(key database.EventKey, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now[key] == nil && !now.Before(s.failed[key])
}

// rest lets the event's scan not begin by itself until then; the zero time takes that back.
func (s *scans) rest(key database.EventKey, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until.IsZero() {
		delete(s.failed, key)
		return
	}
	if s.failed == nil {
		s.failed = make(map[database.EventKey]time.Time)
	}
	s.failed[key] = until
}

// begin gives the scan that is running, or a new one that the caller has to do.
func (s *scans) begin(key database.EventKey) (found *scan, ours bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found = s.now[key]; found != nil {
		return found, false
	}
	if s.now == nil {
		s.now = make(map[database.EventKey]*scan)
	}
	found = &scan{done: make(chan struct{})}
	s.now[key] = found
	return found, true
}

func (s *scans) end(key database.EventKey, ended *scan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.now, key)
	close(ended.done)
}
