package api

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// waitAll lets so many go through the limiter one after the other and says when each did.
func waitAll(t *testing.T, limit *Limiter, n int) []time.Duration {
	t.Helper()
	began := time.Now()
	var times []time.Duration
	for range n {
		if err := limit.Wait(t.Context(), Live); err != nil {
			t.Fatal(err)
		}
		times = append(times, time.Since(began))
	}
	return times
}

func TestLimiterGivesABurstAndThenASteadyPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := waitAll(t, NewLimiterAt(60, 3), 6)
		want := []time.Duration{0, 0, 0, time.Second, 2 * time.Second, 3 * time.Second}
		if !slices.Equal(got, want) {
			t.Errorf("requests went at %v, want %v", got, want)
		}
	})
}

func TestUnusedPaceIsSavedUpToTheBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimiterAt(60, 3)
		waitAll(t, limit, 3)
		time.Sleep(time.Hour)
		got := waitAll(t, limit, 4)
		if want := []time.Duration{0, 0, 0, time.Second}; !slices.Equal(got, want) {
			t.Errorf("after an hour of rest requests went at %v, want %v", got, want)
		}
	})
}

func TestNoMinuteHasMoreThanHostedPretixAllows(t *testing.T) {
	const hosted = 360
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimiter()
		time.Sleep(time.Hour)
		times := waitAll(t, limit, 1200)
		for i := range times {
			inMinute := 0
			for j := i; j < len(times) && times[j] < times[i]+time.Minute; j++ {
				inMinute++
			}
			if inMinute > hosted {
				t.Fatalf("%d requests in the minute from %v, want at most %d", inMinute, times[i], hosted)
			}
		}
		if last := times[len(times)-1]; last > 4*time.Minute {
			t.Errorf("1200 requests took %v, want at most 4m", last)
		}
	})
}

func TestPauseHoldsEverybodyAndEndsWithoutABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimiterAt(60, 3)
		limit.Pause(30 * time.Second)
		limit.Pause(time.Second) // shortens nothing
		got := waitAll(t, limit, 3)
		if want := []time.Duration{30 * time.Second, 31 * time.Second, 32 * time.Second}; !slices.Equal(got, want) {
			t.Errorf("requests went at %v, want %v", got, want)
		}
	})
}

func TestPauseHoldsThoseWhoWaitAlready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimiterAt(60, 1)
		waitAll(t, limit, 1)
		began, went := time.Now(), make(chan time.Duration)
		go func() {
			_ = limit.Wait(t.Context(), Live)
			went <- time.Since(began)
		}()
		synctest.Wait()
		limit.Pause(20 * time.Second)
		if got := <-went; got != 20*time.Second {
			t.Errorf("the one that waited went after %v, want 20s", got)
		}
	})
}

func TestWhatCanComeLaterDoesNotWaitOutALongPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimiterAt(60, 1)
		waitAll(t, limit, 1)
		limit.Pause(10 * time.Second)
		began, gaveUp := time.Now(), make(chan time.Duration, 2)
		later := func() {
			var paused *pausedError
			if err := limit.Wait(WithoutLongPauses(t.Context(), 10*time.Second), Live); !errors.As(err, &paused) {
				t.Errorf("got %v, want to be told of the pause", err)
			}
			gaveUp <- time.Since(began)
		}
		go func() { _ = limit.Wait(t.Context(), Live) }() // the first, and patient
		synctest.Wait()
		go later() // behind it
		synctest.Wait()
		time.Sleep(5 * time.Second)
		limit.Pause(time.Hour) // a longer one
		if got := <-gaveUp; got != 5*time.Second {
			t.Errorf("who waited gave up after %v, want 5s", got)
		}
		go later() // comes during the pause
		if got := <-gaveUp; got != 5*time.Second {
			t.Errorf("who came gave up after %v, want 5s", got)
		}
		time.Sleep(time.Hour)
		if err := limit.Wait(WithoutLongPauses(t.Context(), 0), Live); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	})
}

func TestLiveGoesBeforeBatchAndEachInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimiterAt(60, 1)
		waitAll(t, limit, 1)
		var mu sync.Mutex
		var order []string
		var all sync.WaitGroup
		enter := func(name string, p Priority) {
			all.Go(func() {
				ctx := WithPriority(t.Context(), p)
				if err := limit.Wait(ctx, priorityOf(ctx)); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, name)
			})
			synctest.Wait()
		}
		enter("batch 1", Batch)
		enter("batch 2", Batch)
		enter("live 1", Live)
		time.Sleep(1500 * time.Millisecond) // live 1 goes
		enter("live 2", Live)
		enter("live 3", Live)
		all.Wait()
		if want := []string{"live 1", "live 2", "live 3", "batch 1", "batch 2"}; !slices.Equal(order, want) {
			t.Errorf("they went as %q, want %q", order, want)
		}
	})
}

func TestWhoStopsWaitingHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := NewLimiterAt(60, 1)
		waitAll(t, limit, 1)
		ctx, cancel := context.WithCancel(t.Context())
		gaveUp, went := make(chan error), make(chan time.Duration)
		began := time.Now()
		go func() { gaveUp <- limit.Wait(ctx, Live) }()
		synctest.Wait()
		go func() {
			_ = limit.Wait(t.Context(), Batch)
			went <- time.Since(began)
		}()
		synctest.Wait()
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v, want %v", err, context.Canceled)
		}
		if got := <-went; got != time.Second {
			t.Errorf("the next one went after %v, want 1s", got)
		}
	})
}

func TestUnmarkedRequestsAreLive(t *testing.T) {
	if got := priorityOf(t.Context()); got != Live {
		t.Errorf("priority %v, want %v", got, Live)
	}
}

func TestNonsensePaceStillMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if got := waitAll(t, NewLimiterAt(0, -1), 2); got[1] != time.Minute {
			t.Errorf("the second request went after %v, want 1m", got[1])
		}
	})
}
