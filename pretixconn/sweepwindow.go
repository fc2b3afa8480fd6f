package pretixconn

import (
	"time"

	"matrix-pretix/database"
)

// overlap is how far before its watermark an event is read again. Pretix sets the time of a change before the change can be seen, so one
// may turn up with a time that was passed already; and its clock may be set back a little.
const overlap = 2 * time.Minute

// floor is from when on an event's orders are read: the watermark, which stands where they began to be read as a whole and moves on with
// the sweeps, always by Pretix's clock. Ours only says that they have been read; before that there is no floor.
func floor(event database.Event) (time.Time, bool) {
	switch {
	case event.ScannedAt.IsZero():
		return time.Time{}, false
	case event.SweptFrom.IsZero(): // Pretix has never said what time it is
		return event.ScannedAt.Add(-overlap), true
	}
	return event.SweptFrom.Add(-overlap), true
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
