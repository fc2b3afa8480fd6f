package turns

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestThoseWhoAskForTheSameShareOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flying Flights[int]
		calls := 0
		broken := errors.New("no")
		for range 5 {
			go func() {
				got, err := flying.Do(t.Context(), "room", func() (int, error) {
					calls++
					time.Sleep(time.Second)
					return 7, broken
				})
				if got != 7 || !errors.Is(err, broken) {
					t.Errorf("got %d, %v", got, err)
				}
			}()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if calls != 1 {
			t.Errorf("%d calls for five who asked", calls)
		}
	})
}

func TestWhoWaitsForACallerThatGaveUpCallsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flying Flights[int]
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, _ = flying.Do(ctx, "room", func() (int, error) {
				<-ctx.Done()
				return 0, ctx.Err()
			})
		}()
		synctest.Wait()
		answered := make(chan int)
		go func() {
			got, err := flying.Do(t.Context(), "room", func() (int, error) { return 7, nil })
			if err != nil {
				t.Error(err)
			}
			answered <- got
		}()
		synctest.Wait()
		cancel()
		if got := <-answered; got != 7 {
			t.Errorf("got %d, want 7", got)
		}
	})
}
