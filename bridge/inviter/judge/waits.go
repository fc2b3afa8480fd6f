package judge

import "time"

// How long to wait before the second, third, … look. The last step repeats.
var (
	serverWaits  = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}
	limitWaits   = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}
	trialWaits   = []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour}
	missingWaits = []time.Duration{time.Hour, 24 * time.Hour}
	pretixWaits  = []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute}
)

// growing is the wait after the given number of earlier attempts.
func growing(steps []time.Duration, attempts int) time.Duration {
	return steps[min(max(attempts, 0), len(steps)-1)]
}

// Days is when an event takes place: zero where it is not known.
type Days struct{ From, To time.Time }

// unknownPersonWait says when somebody whom nobody knows is looked for again: accounts are often made late, many of them on the
// day itself, in the queue at the door. So: after an hour, then daily, but hourly from the morning of the event to its end.
func unknownPersonWait(attempts int, now time.Time, event Days) time.Duration {
	wait := growing(missingWaits, attempts)
	if event.From.IsZero() {
		return wait
	}
	morning := time.Date(event.From.Year(), event.From.Month(), event.From.Day(), 0, 0, 0, 0, event.From.Location())
	end := event.To
	if end.Before(event.From) {
		end = morning.AddDate(0, 0, 1)
	}
	switch {
	case now.After(end):
		return wait
	case !now.Before(morning):
		return missingWaits[0]
	default:
		return min(wait, max(morning.Sub(now), missingWaits[0]))
	}
}

// PretixWait is when an order is read again after Pretix failed to answer: never earlier than Pretix asked for.
func PretixWait(attempts int, retryAfter time.Duration) time.Duration {
	return max(growing(pretixWaits, attempts), retryAfter)
}

// ServerWait is how long a server is left alone that has been so the given number of times already and has not answered since.
func ServerWait(rests int) time.Duration { return growing(serverWaits, rests) }
