package inviter

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
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

// hangs looks somebody up at a server that never answers, as a look-up with a deadline of ten seconds sees it.
func hangs(ctx context.Context, s *servers, name string) (time.Time, error) {
	v, again, err := s.enter(ctx, name, false)
	if v == nil {
		return again, err
	}
	time.Sleep(10 * time.Second)
	v.failed()
	return s.now().Add(time.Minute), nil
}

func TestDeadServerDelaysOnlyItsOwnPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServers("example.org", time.Now)
		for range 300 {
			go func() {
				began := time.Now()
				if _, err := hangs(t.Context(), s, "dead.example"); err != nil {
					t.Error(err)
				}
				if held := time.Since(began); held > 10*time.Second {
					t.Errorf("somebody of the dead server held a place for %v", held)
				}
			}()
		}
		synctest.Wait()
		began := time.Now()
		for n := range 100 {
			name := []string{"example.org", fmt.Sprintf("s%d.example", n%5)}[n%2]
			v, again, err := s.enter(t.Context(), name, false)
			if v == nil {
				t.Fatalf("%s: set aside until %v (%v)", name, again, err)
			}
			time.Sleep(time.Millisecond)
			v.answered()
		}
		if took := time.Since(began); took > 200*time.Millisecond {
			t.Errorf("others were delayed: %v for 100 look-ups of a millisecond", took)
		}
		time.Sleep(time.Minute)
	})
}

func TestServerLeftAloneIsAskedOnceWhenItsRestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServers("example.org", time.Now)
		for range failuresToRest {
			v, _, _ := s.enter(t.Context(), "dead.example", true)
			v.failed()
		}
		_, again, _ := s.enter(t.Context(), "dead.example", true)
		if got := time.Until(again); got != time.Minute {
			t.Fatalf("rest: got %v, want a minute", got)
		}
		time.Sleep(time.Minute)
		first, _, err := s.enter(t.Context(), "dead.example", true)
		if first == nil {
			t.Fatalf("nobody may ask when the rest has ended: %v", err)
		}
		second, again, _ := s.enter(t.Context(), "dead.example", true)
		if second != nil || again.IsZero() {
			t.Error("a second look-up while the first tells whether the server is back")
		}
		first.failed()
		_, again, _ = s.enter(t.Context(), "dead.example", true)
		if got := time.Until(again); got != 5*time.Minute {
			t.Errorf("second rest: got %v, want 5m", got)
		}
	})
}

func TestAtMostTwoLookUpsPerServerAndSixteenInAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServers("example.org", time.Now)
		var busy gauge
		ask := func(name string) {
			v, _, err := s.enter(t.Context(), name, false)
			if v == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			busy.enter(name)
			time.Sleep(100 * time.Millisecond)
			busy.leave(name)
			v.answered()
		}
		for range 3 { // the first time, servers are unproven
			for n := range 200 {
				go func() {
					if n%10 == 0 {
						ask("example.org")
					} else {
						ask(fmt.Sprintf("s%d.example", n%40))
					}
				}()
				synctest.Wait()
			}
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		if busy.mostOfOne != 2 || busy.most != 16 {
			t.Errorf("look-ups at once: %d at one server and %d in all, want 2 and 16", busy.mostOfOne, busy.most)
		}
	})
}

func TestPeopleOfASlowServerComeBackOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServers("example.org", time.Now)
		s.byName["slow.example"] = &server{lane: newLane(2), health: health{mean: 4 * time.Second}}
		seen := map[time.Time]int{}
		for range 20 {
			seen[s.aside(s.byName["slow.example"])]++
		}
		if len(seen) != 20 {
			t.Errorf("20 people come back at %d times, want 20", len(seen))
		}
		for at := range seen {
			if wait := time.Until(at); wait < asideAtLeast || wait > asideAtMost {
				t.Errorf("somebody waits %v", wait)
			}
		}
	})
}

func TestServersAreForgottenButNotThoseLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServers("example.org", time.Now)
		for range failuresToRest {
			v, _, _ := s.enter(t.Context(), "dead.example", true)
			v.failed()
		}
		for n := range 3 * rememberedServers {
			v, _, err := s.enter(t.Context(), fmt.Sprintf("s%d.example", n), false)
			if err != nil {
				t.Fatal(err)
			}
			v.answered()
		}
		if got := len(s.byName); got > rememberedServers+1 {
			t.Errorf("%d servers are remembered", got)
		}
		if s.byName["dead.example"] == nil {
			t.Error("a server that is left alone was forgotten")
		}
	})
}
