package pretixconn

import (
	"sync"
	"time"

	"matrix-pretix/database"
)

// cachedFor is how old what we know of an event's products may be. Nobody waits longer for a change to show.
const cachedFor = time.Minute

// eventCache keeps for a minute what Pretix says of events (never of orders), so that a command which asks for it five times asks
// Pretix once.
type eventCache struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[cacheKey]cacheEntry
	drops   int // how often something was dropped: an answer asked for before a drop is not kept after it
}

type cacheKey struct {
	event database.EventKey
	what  string
}

type cacheEntry struct {
	value any
	until time.Time
}

// cached gives what is known of an event, or loads it.
func cached[T any](ec *eventCache, event database.EventKey, what string, load func() (T, error)) (T, error) {
	key := cacheKey{event, what}
	known, drops := ec.get(key)
	if value, ok := known.(T); ok {
		return value, nil
	}
	value, err := load()
	if err == nil {
		ec.put(key, value, drops)
	}
	return value, err
}

func (ec *eventCache) get(key cacheKey) (value any, drops int) {
	ec.mu.Lock()
	defer ec.mu.Unlock()
	if entry, ok := ec.entries[key]; ok && ec.now().Before(entry.until) {
		return entry.value, ec.drops
	}
	return nil, ec.drops
}

func (ec *eventCache) put(key cacheKey, value any, drops int) {
	now := ec.now()
	ec.mu.Lock()
	defer ec.mu.Unlock()
	for old, entry := range ec.entries {
		if !now.Before(entry.until) {
			delete(ec.entries, old)
		}
	}
	if drops != ec.drops {
		return
	}
	if ec.entries == nil {
		ec.entries = make(map[cacheKey]cacheEntry)
	}
	ec.entries[key] = cacheEntry{value: value, until: now.Add(cachedFor)}
}

// drop forgets an event: Pretix has told that something about it has changed.
func (ec *eventCache) drop(event database.EventKey) {
	ec.mu.Lock()
	defer ec.mu.Unlock()
	ec.drops++
	for key := range ec.entries {
		if key.event == event {
			delete(ec.entries, key)
		}
	}
}

// LookAnew has what is read next about an event come from Pretix itself: of most changes to an event it does not tell, and who has just
// made one asks to see it.
func (c *Connector) LookAnew(event database.EventKey) { c.cache.drop(event) }
