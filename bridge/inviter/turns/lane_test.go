package turns

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestNobodyWaitsWhereNothingMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lane := NewLane(1)
		if err := lane.Take(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		took, err := lane.TakePatiently(t.Context(), false)
		if took || err != nil {
			t.Fatalf("a turn where nothing moves: got %v, %v", took, err)
		}
		if waited := time.Since(began); waited != patience {
			t.Errorf("waited %v, want %v", waited, patience)
		}
	})
}

func TestWhoWaitsInALaneThatMovesKeepsWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lane := NewLane(1)
		if err := lane.Take(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		go func() {
			for range 10 {
				time.Sleep(patience / 2)
				lane.Move(time.Now())
			}
			lane.Give()
		}()
		if took, err := lane.TakePatiently(t.Context(), false); !took || err != nil {
			t.Errorf("a turn in a lane that moves: got %v, %v", took, err)
		}
	})
}
