package api

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

func TestPauseThatPretixAsksForIsReadAndBounded(t *testing.T) {
	now := time.Date(2027, 1, 24, 12, 0, 0, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-7": 0, "nonsense": 0, "1.5": 0, "999999999999": maxPause, "99999999999999999999": 0,
		"Sun, 24 Jan 2027 12:00:30 GMT": 30 * time.Second, "Sun, 24 Jan 2027 11:00:00 GMT": 0, "Sun, 24 Jan 2037 12:00:00 GMT": maxPause,
	} {
		if got := retryAfter(http.Header{"Retry-After": {header}}, now); got != want {
			t.Errorf("retryAfter(%q) = %v, want %v", header, got, want)
		}
	}
}

// A clock that is ahead of Pretix's would make every pause too short, and one behind it too long.
func TestRetryAfterADateIsMeasuredByPretixsClock(t *testing.T) {
	header := http.Header{"Retry-After": {"Sun, 24 Jan 2027 12:00:30 GMT"}, "Date": {"Sun, 24 Jan 2027 12:00:10 GMT"}}
	for _, ours := range []time.Time{shopOpened.Add(-time.Hour), shopOpened, shopOpened.Add(time.Hour)} {
		if got := retryAfter(header, ours); got != 20*time.Second {
			t.Errorf("at our %v: %v, want 20s", ours, got)
		}
	}
}

func TestRequestThatCanComeLaterSaysWhen(t *testing.T) {
	limit := NewLimiter()
	client := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("Pretix was asked") }).Under(limit)
	limit.Pause(30 * time.Minute)
	_, err := client.Event(WithoutLongPauses(t.Context(), time.Minute), "lab", "conf")
	failed, ok := errors.AsType[*Error](err)
	if !ok || !only(err, ErrLimited) || failed.RetryAfter < 29*time.Minute || failed.RetryAfter > 30*time.Minute {
		t.Errorf("got %v, want %v with 30m to wait", err, ErrLimited)
	}
}

func TestLimitedAnswerHoldsBackEverybodyOfTheLimiter(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		header string
		want   time.Duration
	}{
		"429 with a time":       {429, "7", 7 * time.Second},
		"429 without a time":    {429, "", unstatedPause},
		"503 with a time":       {503, "9", 9 * time.Second},
		"503 without a time":    {503, "", 0},
		"500 says nothing more": {500, "9", 0},
	} {
		limit := NewLimiter()
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if c.header != "" {
				w.Header().Set("Retry-After", c.header)
			}
			w.WriteHeader(c.status)
		})
		_, err := client.Under(limit).Event(t.Context(), "lab", "conf")
		failed, ok := errors.AsType[*Error](err)
		if !ok || failed.RetryAfter != c.want {
			t.Errorf("%s: %v, want an *Error with RetryAfter %v", name, err, c.want)
		}
		short, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := limit.Wait(short, Live); (err != nil) != (c.want > 0) {
			t.Errorf("%s: another request of the limiter got %v, want it held back: %v", name, err, c.want > 0)
		}
		stop()
	}
}
