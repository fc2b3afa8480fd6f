package inviter

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

func TestFirstLinkHoldsWhatWasSoldBefore(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		codes, _ := b.sold(120, time.Now().Add(-time.Hour))
		b.pretix.put(bought("TYPOO", time.Now().Add(-time.Minute), "", "@extra:example.org"))
		b.link(hall)
		b.start()
		b.idle(time.Minute)
		b.unscanned() // after the start, which would begin a scan by itself
		pages := 0
		got, err := b.in.Scan(t.Context(), conf, func(Scanned) { pages++ })
		b.must(err)
		if want := (Scanned{Orders: 121, Tickets: 122, Unnamed: 1}); got != want || pages < 3 {
			t.Errorf("scanned: got %+v in %d pages, want %+v", got, pages, want)
		}
		if got := len(b.pretix.settled); got != 121 {
			t.Errorf("sweeps bring all but %d of 121 orders again", got)
		}
		b.due(false, codes[0]) // as after a change of the buyer's phone number
		b.idle(time.Minute)
		b.wantInvited(hall)
		counts, err := b.store.CountInvites(t.Context(), conf, hall)
		b.must(err)
		if len(counts) != 1 || counts[0].State != database.InviteHeld || counts[0].Count != 121 {
			t.Errorf("invites: got %+v, want 121 held", counts)
		}
		failures, err := b.store.Unreported(t.Context())
		b.must(err)
		if len(failures) != 0 {
			t.Errorf("old orders are reported as news: %+v", failures)
		}
		event, err := b.store.Event(t.Context(), conf)
		b.must(err)
		if event.ScannedAt.IsZero() || event.SweptFrom.IsZero() {
			t.Errorf("afterwards: scanned at %v, swept from %v", event.ScannedAt, event.SweptFrom)
		}
	})
}

func TestOrderPaidWhileTheFirstLinkReadsIsInvitedAtOnce(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.unscanned()
		b.sold(120, time.Now().Add(-time.Hour))
		b.link(hall)
		paid := false
		b.pretix.step = func(_ context.Context, op string) error {
			if op != "page" {
				return nil
			}
			time.Sleep(time.Second)
			if b.pretix.pages == 2 && !paid {
				paid = true
				b.pretix.put(bought("FRESH", time.Now(), "@fresh:example.org"))
				b.due(false, "FRESH") // its webhook
			}
			return nil
		}
		b.start()
		_, err := b.in.Scan(t.Context(), conf, nil)
		b.must(err)
		b.sleep(unreadyWait + time.Second)
		b.idle(time.Minute)
		b.wantInvited(hall, "@fresh:example.org")
	})
}

func TestOrderWaitsWhileItsEventIsRead(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.unscanned()
		b.sold(60, time.Now().Add(-time.Hour))
		b.link(hall)
		b.pretix.step = func(_ context.Context, op string) error {
			if op == "page" {
				time.Sleep(time.Minute)
			}
			return nil
		}
		b.start()
		b.due(false, "C0003")
		b.sleep(time.Minute)
		if b.pretix.singles != 0 {
			t.Error("an order was looked at while its event is read as a whole: it would be taken for a fresh one")
		}
		b.sleep(5 * time.Minute)
		b.wantInvited(hall)
		b.wantState(hall, "@p0003:example.org", database.InviteHeld, "")
	})
}

func TestScanCutShortGoesOnByItselfAndDividesAtTheSameMoment(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.unscanned()
		b.sold(120, time.Now().Add(-time.Hour))
		b.link(hall)
		b.start()
		ctx, cancel := context.WithCancel(t.Context())
		b.meanwhile(func() {
			b.pretix.step = func(_ context.Context, op string) error {
				if op == "page" && b.pretix.pages == 2 {
					cancel()
				}
				return ctx.Err()
			}
		})
		b.must(b.stop())
		if _, err := b.in.Scan(ctx, conf, nil); !errors.Is(err, context.Canceled) {
			t.Fatalf("scan cut short: got %v", err)
		}
		b.sleep(time.Hour)
		b.pretix.put(bought("LATER", time.Now().Add(-time.Minute), "@later:example.org"))
		b.meanwhile(func() { b.pretix.step = func(context.Context, string) error { return nil } })
		b.start()
		b.sleep(time.Minute)
		b.idle(time.Minute)
		b.wantInvited(hall, "@later:example.org")
		counts, err := b.store.CountInvites(t.Context(), conf, hall)
		b.must(err)
		held := 0
		for _, count := range counts {
			if count.State == database.InviteHeld {
				held = count.Count
			}
		}
		if held != 120 {
			t.Errorf("%d held, want the 120 sold before the link", held)
		}
	})
}

func TestScanSurvivesPretixAndSaysWhenNobodySees(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.unscanned()
		b.sold(120, time.Now().Add(-time.Hour))
		b.link(hall)
		calls := 0
		b.pretix.step = func(_ context.Context, op string) error {
			if op == "page" {
				if calls++; calls == 2 || calls == 3 {
					return fmt.Errorf("list orders: %w", api.ErrUnavailable)
				}
			}
			return nil
		}
		b.start()
		got, err := b.in.Scan(t.Context(), conf, nil)
		b.must(err)
		if got.Orders != 120 {
			t.Errorf("read %d orders, want each of 120 once", got.Orders)
		}

		b.unscanned()
		b.meanwhile(func() { b.pretix.step = func(context.Context, string) error { return pretixconn.ErrNoLogin } })
		if _, err := b.in.Scan(t.Context(), conf, nil); !errors.Is(err, pretixconn.ErrNoLogin) {
			t.Errorf("with no login: got %v", err)
		}
		b.must(b.store.SetQuestion(t.Context(), conf, 0, ""))
		if _, err := b.in.Scan(t.Context(), conf, nil); !errors.Is(err, ErrNoQuestion) {
			t.Errorf("with no question: got %v", err)
		}
	})
}

func TestScanThatRunsIsWaitedFor(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.unscanned()
		b.sold(60, time.Now().Add(-time.Hour))
		b.link(hall)
		b.pretix.step = func(context.Context, string) error {
			time.Sleep(time.Second)
			return nil
		}
		b.start()
		results := make(chan Scanned, 2)
		for range 2 {
			go func() {
				got, err := b.in.Scan(t.Context(), conf, nil)
				if err != nil {
					t.Error(err)
				}
				results <- got
			}()
		}
		if one, two := <-results, <-results; one != two || one.Orders != 60 {
			t.Errorf("got %+v and %+v, want 60 orders twice", one, two)
		}
		if b.pretix.pages > 3 {
			t.Errorf("%d pages read for two who asked", b.pretix.pages)
		}
	})
}

func TestEventToBeReadAnewIsReadWhenAnOrderComes(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.sold(60, time.Now().Add(-time.Hour))
		b.link(hall)
		b.start()
		b.sleep(time.Minute)
		b.unscanned()
		b.pretix.put(bought("FRESH", time.Now(), "@fresh:example.org"))
		b.due(false, "FRESH")
		b.sleep(time.Minute)
		b.wantInvited(hall, "@fresh:example.org")
		b.wantState(hall, "@p0003:example.org", database.InviteHeld, "")
	})
}

// TestSettingChangedWhileOrdersAreReadHasThemReadAgain sets the server of bare names when the first page has come.
func TestSettingChangedWhileOrdersAreReadHasThemReadAgain(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.unscanned()
		b.sold(60, time.Now().Add(-time.Hour))
		b.pretix.put(bought("BARE1", time.Now().Add(-2*time.Hour), "ada"))
		b.link(hall)
		set := false
		b.pretix.step = func(_ context.Context, op string) error {
			if op == "page" && b.pretix.pages == 2 && !set {
				set = true
				b.must(b.store.SetDefaultServer(t.Context(), conf, "example.org"))
			}
			return nil
		}
		b.start()
		got, err := b.in.Scan(t.Context(), conf, nil)
		b.must(err)
		if want := (Scanned{Orders: 61, Tickets: 61}); got != want || !set {
			t.Errorf("scanned: got %+v, want %+v", got, want)
		}
		b.wantState(hall, "@ada:example.org", database.InviteHeld, "")
	})
}

// TestOrdersAreNotReadBeforeTheFirstLink has somebody choose the question first and link a room later.
func TestOrdersAreNotReadBeforeTheFirstLink(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.unscanned()
		b.start()
		_, err := b.in.Scan(t.Context(), conf, nil)
		b.must(err)
		if b.pretix.pages != 0 {
			t.Errorf("%d pages read of an event that opens no room", b.pretix.pages)
		}
		b.sleep(time.Hour)
		b.sold(60, time.Now().Add(-time.Hour))
		b.link(hall)
		got, err := b.in.Scan(t.Context(), conf, nil)
		b.must(err)
		if want := (Scanned{Orders: 60, Tickets: 60}); got != want {
			t.Errorf("scanned: got %+v, want %+v: all was sold before the link", got, want)
		}
		b.idle(time.Minute)
		b.wantInvited(hall)
	})
}

// TestOrderOfAnEventThatOpensNoRoomIsNotDueForEver has the last link go while an order is in hand that somebody makes due again.
func TestOrderOfAnEventThatOpensNoRoomIsNotDueForEver(t *testing.T) {
	for name, asks := range map[string]int64{"whose question is known": question, "without a question": 0} {
		t.Run(name, func(t *testing.T) {
			withBench(t, func(t *testing.T, b *bench) {
				b.unscanned()
				b.must(b.store.SetQuestion(t.Context(), conf, asks, "matrix"))
				b.start()
				b.due(false, "AAAAA")
				b.sleep(time.Minute)
				if _, err := b.store.DueAt(t.Context(), conf, "AAAAA"); !errors.Is(err, database.ErrNotFound) {
					t.Errorf("got %v, want that there is nothing to look at", err)
				}
			})
		})
	}
}

// TestReadingAnewLeavesAFreshOrderToTheOrdinaryWay changes how Matrix IDs are read while an order waits for Pretix.
func TestReadingAnewLeavesAFreshOrderToTheOrdinaryWay(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.sold(10, time.Now().Add(-time.Hour))
		b.unscanned()
		b.link(hall)
		b.start()
		_, err := b.in.Scan(t.Context(), conf, nil)
		b.must(err)
		b.sleep(time.Hour)
		down := true
		b.meanwhile(func() {
			b.pretix.step = func(context.Context, string) error {
				if down {
					return fmt.Errorf("get order: %w", api.ErrUnavailable)
				}
				return nil
			}
		})
		b.pretix.put(bought("FRESH", time.Now(), "fresh", "what is this?"))
		b.due(false, "FRESH")
		b.sleep(10 * time.Minute)
		b.must(b.store.AdvanceSweep(t.Context(), conf, time.Now().Add(-time.Minute)))
		down = false
		b.must(b.store.SetDefaultServer(t.Context(), conf, "example.org"))
		_, err = b.in.Scan(t.Context(), conf, nil)
		b.must(err)
		b.idle(time.Minute)
		b.wantInvited(hall, "@fresh:example.org")
		failures, err := b.store.Unreported(t.Context())
		b.must(err)
		if len(failures) != 1 || failures[0].Code != "FRESH" || failures[0].Problem == "" {
			t.Errorf("to be reported: got %+v, want the ticket that names nobody", failures)
		}
	})
}
