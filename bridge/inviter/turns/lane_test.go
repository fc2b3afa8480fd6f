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
