package turns

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAllWaitForOneWhoAsksWhetherItIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gate Gate
		began, asked := time.Now(), 0
		back := func(context.Context) bool {
			asked++
			return time.Since(began) >= time.Minute
		}
		var told []bool
		var passed atomic.Int32
		for range 5 {
			go func() {
				if err := gate.CloseUntil(t.Context(), back, func(closed bool) { told = append(told, closed) }); err != nil {
					t.Error(err)
				}
				if time.Since(began) < time.Minute {
					t.Error("somebody passed before it was back")
				}
				passed.Add(1)
			}()
			synctest.Wait()
		}
		if err := gate.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if passed.Load() != 5 {
			t.Errorf("%d of five passed when it was back", passed.Load())
		}
		if want := int(time.Minute / probeEvery); asked != want || len(told) != 2 || !told[0] || told[1] {
			t.Errorf("asked %d times, told %v, want %d and once each", asked, told, want)
		}
	})
}

func TestGateIsOpenAgainWhenWhoAskedGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gate Gate
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error)
		go func() {
			gone <- gate.CloseUntil(ctx, func(context.Context) bool { return false }, func(bool) {})
		}()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		if err := gate.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		asked := false
		err := gate.CloseUntil(t.Context(), func(context.Context) bool {
			asked = true
			return true
		}, func(bool) {})
		if err != nil || !asked {
			t.Errorf("closed once more: got %v, asked %v", err, asked)
		}
	})
}
