package inviter

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maunium.net/go/mautrix/id"
)

func TestFreshOrdersGoAheadOfBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		places := newTurns(1)
		if err := places.take(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		var order []string
		wait := func(name string, live bool) {
			go func() {
				if err := places.take(t.Context(), live); err != nil {
					t.Error(err)
				}
				order = append(order, name)
				places.give()
			}()
			synctest.Wait()
		}
		wait("batch 1", false)
		wait("batch 2", false)
		wait("live 1", true)
		wait("live 2", true)
		places.give()
		synctest.Wait()
		want := []string{"live 1", "live 2", "batch 1", "batch 2"}
		if !slices.Equal(order, want) {
			t.Errorf("order of turns: got %v, want %v", order, want)
		}
	})
}

func TestWhoStopsWaitingLosesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		places := newTurns(1)
		if err := places.take(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() { gone <- places.take(ctx, true) }()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Fatalf("take after the end: got %v, want %v", err, context.Canceled)
		}
		places.give()
		if !places.tryTake() {
			t.Error("the place is lost with the one who stopped waiting for it")
		}
		if places.tryTake() {
			t.Error("there are two places where there was one")
		}
	})
}

func TestNobodyWaitsWhereNothingMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lane := newLane(1)
		if err := lane.take(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		took, err := lane.takePatiently(t.Context(), false)
		if took || err != nil {
			t.Fatalf("a turn where nothing moves: got %v, %v", took, err)
		}
		if waited := time.Since(began); waited != patience {
			t.Errorf("waited %v, want %v", waited, patience)
		}
	})
}

func TestOneInviteAtATimeInARoomAndEightRoomsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := newRoomTurns(8)
		var busy gauge
		for n := range 40 {
			room := id.RoomID("!" + string(rune('a'+n%10)) + ":example.org")
			go func() {
				give, err := rooms.take(t.Context(), room, n%3 == 0)
				if err != nil {
					t.Error(err)
					return
				}
				busy.enter(string(room))
				time.Sleep(time.Second)
				busy.leave(string(room))
				give()
			}()
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if busy.mostOfOne != 1 || busy.most != 8 {
			t.Errorf("at once: %d in one room, %d in all, want 1 and 8", busy.mostOfOne, busy.most)
		}
		if left := len(rooms.each.byKey); left != 0 {
			t.Errorf("%d rooms are still remembered after the last turn", left)
		}
	})
}

// gauge sees how many are at something at once, of one name and in all.
type gauge struct {
	mu              sync.Mutex
	of              map[string]int
	all             int
	mostOfOne, most int
}

func (g *gauge) enter(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.of == nil {
		g.of = make(map[string]int)
	}
	g.of[name]++
	g.all++
	g.mostOfOne, g.most = max(g.mostOfOne, g.of[name]), max(g.most, g.all)
}

func (g *gauge) leave(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of[name]--
	g.all--
}
