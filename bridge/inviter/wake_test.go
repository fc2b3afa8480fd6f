package inviter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// wantSoon fails unless somebody is invited within a time that is shorter than the inviter sleeps when nothing wakes it.
func (b *bench) wantSoon(who id.UserID, within time.Duration) {
	b.t.Helper()
	began := time.Now()
	for b.matrix.sees(hall, who) != event.MembershipInvite {
		if time.Since(began) > within {
			b.t.Fatalf("%s is not invited within %v", who, within)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestOrderOfABatchThatChangesInHandIsLookedAtAtOnce changes an order while the pages are still being worked on.
func TestOrderOfABatchThatChangesInHandIsLookedAtAtOnce(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(60, time.Now().Add(-time.Hour))
		changed := make(chan struct{})
		var first sync.Once
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, who id.UserID) error {
			if op != "invite" || done {
				return nil
			}
			time.Sleep(500 * time.Millisecond)
			first.Do(func() {
				code := codes[slices.Index(people, who)]
				b.pretix.put(bought(code, time.Now(), "@late:example.org"))
				b.due(false, code)
				close(changed)
			})
			return nil
		}
		b.pretix.step = func(_ context.Context, op string) error {
			if op == "settled" {
				time.Sleep(10 * time.Millisecond) // whoever looks for due orders now finds this one in hand
			}
			return nil
		}
		b.due(true, codes...)
		b.start()
		<-changed
		b.wantSoon("@late:example.org", 2*time.Second)
		if !b.in.desk.runs.Has(conf) {
			t.Error("the pages have come to their end: the test shows nothing")
		}
	})
}

// TestOrdersOfSlowPeopleKeepNoOtherFromBeingRead has as many of them in hand as are read at once.
func TestOrdersOfSlowPeopleKeepNoOtherFromBeingRead(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, who id.UserID) error {
			if op == "exists" && !done && strings.HasPrefix(who.Homeserver(), "slow") {
				time.Sleep(8 * time.Second)
			}
			return nil
		}
		var codes []string
		for n := range readsAtOnce {
			codes = append(codes, fmt.Sprintf("C%04d", n))
			b.pretix.put(bought(codes[n], time.Now(), fmt.Sprintf("@eve:slow%d.example", n)))
		}
		b.pretix.put(bought("QUICK", time.Now(), "@ada:example.org"))
		b.due(false, append(codes, "QUICK")...)
		b.start()
		b.wantSoon("@ada:example.org", time.Second)
	})
}
