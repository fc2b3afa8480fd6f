package inviter

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

func TestPretixThatFailsIsAskedLessAndLess(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		var tries atomic.Int64
		b.pretix.step = func(_ context.Context, op string) error {
			if op == "order" {
				if tries.Add(1) <= 4 {
					return fmt.Errorf("get order: %w", api.ErrUnavailable)
				}
			}
			return nil
		}
		b.start()
		b.due(false, "AAAAA")
		b.sleep(2 * time.Minute)
		if got := tries.Load(); got != 4 {
			t.Errorf("tried %d times in two minutes, want 4 (at once, after 5 s, 15 s and 1 min)", got)
		}
		b.sleep(6 * time.Minute)
		b.wantInvited(hall, "@ada:example.org")
	})
}

func TestEventThatNobodySeesIsToldOnceAndGoesOnWithALogin(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		var blind atomic.Bool
		blind.Store(true)
		b.pretix.step = func(context.Context, string) error {
			if blind.Load() {
				return pretixconn.ErrNoLogin
			}
			return nil
		}
		var codes []string
		for n := range 30 {
			codes = append(codes, fmt.Sprintf("C%04d", n))
			b.pretix.put(bought(codes[n], time.Now().Add(time.Duration(n)), fmt.Sprintf("@p%d:example.org", n)))
		}
		b.start()
		b.due(false, codes[:10]...)
		b.due(true, codes[10:]...)
		b.sleep(time.Hour)
		if len(b.blind) != 1 {
			t.Errorf("told %d times, want once", len(b.blind))
		}
		blind.Store(false)
		b.must(b.in.Resume(t.Context(), conf))
		b.sleep(10 * time.Second)
		if got := len(b.matrix.invited(hall)); got != 30 {
			t.Errorf("ten seconds after a login came %d are invited, want 30", got)
		}
	})
}

func TestOrderWaitsForAQuestion(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.must(b.store.SetQuestion(t.Context(), conf, 0, ""))
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.sleep(time.Hour)
		if b.pretix.singles != 0 {
			t.Errorf("%d orders read whose answers mean nothing yet", b.pretix.singles)
		}
		b.must(b.store.SetQuestion(t.Context(), conf, question, "matrix"))
		b.scanned(conf)
		b.sleep(time.Minute)
		b.wantInvited(hall, "@ada:example.org")
	})
}

func TestQuestionsThatPretixDoesNotTellPutTheOrderOff(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		var tries atomic.Int64
		b.pretix.step = func(_ context.Context, op string) error {
			if op == "questions" && tries.Add(1) <= 2 {
				return fmt.Errorf("list questions: %w", api.ErrUnavailable)
			}
			return nil
		}
		b.start()
		b.due(false, "AAAAA")
		b.sleep(time.Minute)
		b.wantInvited(hall, "@ada:example.org")
		if got := b.logs.FilterMessage("order not read").Len(); got != 2 {
			t.Errorf("%d lines say that the order was not read, want 2", got)
		}
	})
}
