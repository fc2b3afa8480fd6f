package judge

import (
	"testing"
	"time"
)

func TestSomebodyUnknownIsLookedForOftenerOnTheDay(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	event := Days{
		From: time.Date(2026, 12, 27, 10, 0, 0, 0, berlin),
		To:   time.Date(2026, 12, 30, 18, 0, 0, 0, berlin),
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 12, day, hour, 0, 0, 0, berlin) }
	for name, test := range map[string]struct {
		attempts int
		now      time.Time
		event    Days
		want     time.Duration
	}{
		"first look":                      {0, at(1, 12), event, time.Hour},
		"second look":                     {1, at(1, 12), event, 24 * time.Hour},
		"much later":                      {30, at(20, 12), event, 24 * time.Hour},
		"the evening before":              {7, at(26, 20), event, 4 * time.Hour},
		"just before midnight":            {7, at(26, 23).Add(59 * time.Minute), event, time.Hour},
		"on the first day":                {7, at(27, 8), event, time.Hour},
		"on the last day":                 {7, at(30, 17), event, time.Hour},
		"over":                            {7, at(30, 19), event, 24 * time.Hour},
		"no end: the day itself":          {7, at(27, 23), Days{From: event.From}, time.Hour},
		"no end: the day after":           {7, at(28, 1), Days{From: event.From}, 24 * time.Hour},
		"nothing known of the event":      {7, at(27, 8), Days{}, 24 * time.Hour},
		"told in another zone, same time": {7, at(27, 8).UTC(), event, time.Hour},
	} {
		if got := unknownPersonWait(test.attempts, test.now, test.event); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestWaitsGrowAndHonourWhatPretixAsksFor(t *testing.T) {
	for _, test := range []struct {
		attempts   int
		retryAfter time.Duration
		want       time.Duration
	}{
		{0, 0, 5 * time.Second},
		{1, 0, 15 * time.Second},
		{99, 0, 30 * time.Minute},
		{0, 40 * time.Second, 40 * time.Second},
		{3, 40 * time.Second, 5 * time.Minute},
		{-1, 0, 5 * time.Second},
	} {
		if got := PretixWait(test.attempts, test.retryAfter); got != test.want {
			t.Errorf("after %d attempts, asked for %v: got %v, want %v", test.attempts, test.retryAfter, got, test.want)
		}
	}
}
