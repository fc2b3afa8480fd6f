package servers

import (
	"testing"
	"time"
)

func TestServerThatFailsRestsLongerEachTime(t *testing.T) {
	var h health
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for range failuresToRest - 1 {
		h.failed(now)
	}
	if until := h.resting(now); !until.IsZero() {
		t.Fatalf("rests after %d failures already", failuresToRest-1)
	}
	for n, want := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, time.Hour} {
		h.failed(now)
		if got := h.resting(now).Sub(now); got != want {
			t.Fatalf("rest %d: got %v, want %v", n+1, got, want)
		}
		h.failed(now) // one that was under way already
		if got := h.resting(now).Sub(now); got != want {
			t.Fatalf("rest %d after a late failure: got %v, want %v", n+1, got, want)
		}
		now = now.Add(want)
		if !h.onTrial() || !h.resting(now).IsZero() {
			t.Fatalf("rest %d: not on trial when it ended", n+1)
		}
	}
	h.answered(time.Second)
	h.failed(now)
	if !h.resting(now).IsZero() || h.onTrial() {
		t.Error("one failure after an answer is held against the server as if it had never answered")
	}
}
