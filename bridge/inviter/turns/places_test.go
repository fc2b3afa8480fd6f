package turns

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

func TestFreshOrdersGoAheadOfBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		places := New(1)
		if err := places.Take(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		var order []string
		wait := func(name string, live bool) {
			go func() {
				if err := places.Take(t.Context(), live); err != nil {
					t.Error(err)
				}
				order = append(order, name)
				places.Give()
			}()
			synctest.Wait()
		}
		wait("batch 1", false)
		wait("batch 2", false)
		wait("live 1", true)
		wait("live 2", true)
		places.Give()
		synctest.Wait()
		want := []string{"live 1", "live 2", "batch 1", "batch 2"}
		if !slices.Equal(order, want) {
			t.Errorf("order of turns: got %v, want %v", order, want)
		}
	})
}

func TestWhoStopsWaitingLosesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		places := New(1)
		if err := places.Take(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() { gone <- places.Take(ctx, true) }()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Fatalf("take after the end: got %v, want %v", err, context.Canceled)
		}
		places.Give()
		if !places.TryTake() {
			t.Error("the place is lost with the one who stopped waiting for it")
		}
		if places.TryTake() {
			t.Error("there are two places where there was one")
		}
	})
}
