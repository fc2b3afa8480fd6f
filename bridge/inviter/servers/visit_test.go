package servers

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"matrix-pretix/bridge/inviter/turns"
	"matrix-pretix/bridge/inviter/turns/turnstest"
)

// hangs looks somebody up at a server that never answers, as a look-up with a deadline of ten seconds sees it.
func hangs(ctx context.Context, s *All, name string) (time.Time, error) {
	v, again, err := s.Enter(ctx, name, false)
	if v == nil {
		return again, err
	}
	time.Sleep(10 * time.Second)
	v.Failed()
	return s.now().Add(time.Minute), nil
}

func TestDeadServerDelaysOnlyItsOwnPeople(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New("example.org", time.Now)
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
			v, again, err := s.Enter(t.Context(), name, false)
			if v == nil {
				t.Fatalf("%s: set aside until %v (%v)", name, again, err)
			}
			time.Sleep(time.Millisecond)
			v.Answered()
		}
		if took := time.Since(began); took > 200*time.Millisecond {
			t.Errorf("others were delayed: %v for 100 look-ups of a millisecond", took)
		}
		time.Sleep(time.Minute)
	})
}

func TestServerLeftAloneIsAskedOnceWhenItsRestEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New("example.org", time.Now)
		falls(t, s, "dead.example")
		_, again, _ := s.Enter(t.Context(), "dead.example", true)
		if got := time.Until(again); got != time.Minute {
			t.Fatalf("rest: got %v, want a minute", got)
		}
		time.Sleep(time.Minute)
		first, _, err := s.Enter(t.Context(), "dead.example", true)
		if first == nil {
			t.Fatalf("nobody may ask when the rest has ended: %v", err)
		}
		second, again, _ := s.Enter(t.Context(), "dead.example", true)
		if second != nil || again.IsZero() {
			t.Error("a second look-up while the first tells whether the server is back")
		}
		first.Failed()
		_, again, _ = s.Enter(t.Context(), "dead.example", true)
		if got := time.Until(again); got != 5*time.Minute {
			t.Errorf("second rest: got %v, want 5m", got)
		}
	})
}

func TestAtMostTwoLookUpsPerServerAndSixteenInAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New("example.org", time.Now)
		var busy turnstest.Gauge
		ask := func(name string) {
			v, _, err := s.Enter(t.Context(), name, false)
			if v == nil {
				if err != nil {
					t.Error(err)
				}
				return
			}
			busy.Enter(name)
			time.Sleep(100 * time.Millisecond)
			busy.Leave(name)
			v.Answered()
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
		if busy.MostOfOne() != 2 || busy.Most() != 16 {
			t.Errorf("look-ups at once: %d at one server and %d in all, want 2 and 16", busy.MostOfOne(), busy.Most())
		}
	})
}

func TestPeopleOfASlowServerComeBackOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New("example.org", time.Now)
		s.byName["slow.example"] = &server{lane: turns.NewLane(2), health: health{mean: 4 * time.Second}}
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
