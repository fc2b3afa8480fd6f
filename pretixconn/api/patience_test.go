package api

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoWaitsIsToldAtOnceHowLongPretixAsksToStayAway(t *testing.T) {
	client := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("Pretix was asked during the pause") })
	limit := NewLimiter()
	limit.Pause(20 * time.Minute)
	began := time.Now()
	_, err := client.Under(limit).Event(WithPatience(t.Context(), began.Add(30*time.Second)), "lab", "conf")
	failed, ok := errors.AsType[*Error](err)
	if !only(err, ErrLimited) || !ok || failed.RetryAfter < 19*time.Minute || failed.RetryAfter > 20*time.Minute {
		t.Errorf("got %v, want %v with almost 20 minutes", err, ErrLimited)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("told after %v, want at once", took)
	}
}

func TestPatienceIsAlsoForTheAnswer(t *testing.T) {
	client := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx := WithPatience(t.Context(), time.Now().Add(50*time.Millisecond))
	if _, err := client.Event(ctx, "lab", "conf"); !only(err, ErrUnavailable) || err.Error() != "get event: no answer in time" {
		t.Errorf("got %v, want no answer in time", err)
	}
	if ctx.Err() != nil {
		t.Errorf("the context has ended: %v", ctx.Err())
	}
}

func TestPauseThatEndsInTimeIsWaitedFor(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"slug":"conf"}`) })
	limit := NewLimiter()
	limit.Pause(50 * time.Millisecond)
	if _, err := client.Under(limit).Event(WithPatience(t.Context(), time.Now().Add(30*time.Second)), "lab", "conf"); err != nil {
		t.Errorf("got %v", err)
	}
}

// TestLongQueueEndsPatience has so many before one that the turn does not come in time.
func TestLongQueueEndsPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimiterAt(1, 1)
		if err := limit.Wait(t.Context(), Live); err != nil {
			t.Fatal(err)
		}
		go func() { _ = limit.Wait(t.Context(), Live) }() // stands first for a minute
		synctest.Wait()
		c := &Client{limit: limit}
		began := time.Now()
		if err := c.wait(WithPatience(t.Context(), began.Add(90*time.Second)), "get event"); !only(err, ErrLimited) {
			t.Errorf("got %v, want %v", err, ErrLimited)
		}
		if took := time.Since(began); took != 90*time.Second {
			t.Errorf("waited %v, want the 90 s that there was patience for", took)
		}
	})
}
