package inviter

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// sold puts n orders at Pretix, a second apart, each naming one person, all due as a batch.
func (b *bench) sold(n int, begin time.Time) (codes []string, people []id.UserID) {
	for i := range n {
		code, who := fmt.Sprintf("C%04d", i), id.UserID(fmt.Sprintf("@p%04d:example.org", i))
		b.pretix.put(bought(code, begin.Add(time.Duration(i)*time.Second), string(who)))
		codes, people = append(codes, code), append(people, who)
	}
	return codes, people
}

func TestBatchIsReadByPagesAndItsRoomsOnce(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(300, time.Now().Add(-time.Hour))
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
			if !done {
				time.Sleep(10 * time.Millisecond)
			}
			return nil
		}
		var questions atomic.Int64
		b.pretix.step = func(_ context.Context, op string) error {
			if op == "questions" {
				questions.Add(1)
				time.Sleep(10 * time.Millisecond)
			}
			return nil
		}
		b.due(true, codes...)
		b.start()
		b.idle(time.Minute)
		b.wantInvited(hall, people...)
		if b.pretix.singles != 0 || b.pretix.pages > 7 {
			t.Errorf("%d orders read one by one and %d pages, want none and 6 or 7", b.pretix.singles, b.pretix.pages)
		}
		if got := b.matrix.count("members"); got != 1 {
			t.Errorf("the members were read %d times, want once", got)
		}
		if got := b.matrix.count("state"); got != 1 {
			t.Errorf("the room's power was read %d times, want once", got)
		}
		if got := questions.Load(); got > 60 {
			t.Errorf("the questions were asked for %d times by 300 orders, want them to share answers", got)
		}
		if got := b.matrix.count("membership"); got != 0 {
			t.Errorf("%d memberships were read one by one", got)
		}
		if got := b.matrix.most[hall]; got != 1 {
			t.Errorf("%d invites at once in a room", got)
		}
		if len(b.in.lists.rooms) != 0 {
			t.Error("a member list is kept after the batch")
		}
	})
}

// TestARushOfFreshOrdersIsReadByPagesAtOnce is a sale that begins: hundreds pay within a minute.
func TestARushOfFreshOrdersIsReadByPagesAtOnce(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(300, time.Now().Add(-time.Hour))
		b.pretix.step = func(_ context.Context, op string) error {
			time.Sleep(200 * time.Millisecond) // as far as Pretix lets itself be asked
			return nil
		}
		b.due(false, codes...)
		b.start()
		b.idle(time.Minute)
		b.wantInvited(hall, people...)
		b.must(b.stop())
		if want := []api.Priority{api.Live}; !slices.Equal(b.pretix.reads, want) {
			t.Errorf("read by pages with priorities %v, want %v", b.pretix.reads, want)
		}
		if b.pretix.singles > 60 {
			t.Errorf("%d of 300 orders were read one by one while pages were read", b.pretix.singles)
		}
	})
}

func TestPagesGoOnWherePretixFailed(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(300, time.Now().Add(-time.Hour))
		calls := 0
		b.pretix.step = func(_ context.Context, op string) error {
			if op == "page" {
				if calls++; calls%3 == 0 {
					return fmt.Errorf("list orders: %w", api.ErrUnavailable)
				}
			}
			return nil
		}
		b.due(true, codes...)
		b.start()
		b.idle(time.Minute)
		b.wantInvited(hall, people...)
		if b.pretix.pages > 8 || b.pretix.singles != 0 {
			t.Errorf("%d pages and %d single orders read, want those that failed only to come twice", b.pretix.pages, b.pretix.singles)
		}
	})
}

func TestOrdersThatPagesDoNotShowAreReadSingly(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(60, time.Now().Add(-time.Hour))
		delete(b.pretix.orders, codes[7])
		b.due(true, codes...)
		b.start()
		b.idle(time.Minute)
		b.wantInvited(hall, append(people[:7:7], people[8:]...)...)
		if b.pretix.singles != 1 {
			t.Errorf("%d orders read one by one, want the one that is no more", b.pretix.singles)
		}
	})
}

func TestFreshOrderOvertakesABatch(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, _ := b.sold(300, time.Now().Add(-time.Hour))
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
			if op == "invite" && !done {
				time.Sleep(25 * time.Millisecond)
			}
			return nil
		}
		b.due(true, codes...)
		b.start()
		b.sleep(time.Second)
		began := time.Now()
		b.pretix.put(bought("FRESH", time.Now(), "@fresh:example.org"))
		b.due(false, "FRESH")
		for b.matrix.sees(hall, "@fresh:example.org") != event.MembershipInvite {
			time.Sleep(5 * time.Millisecond)
			if time.Since(began) > 200*time.Millisecond {
				t.Fatalf("a fresh order waits for a batch: %d invited so far", len(b.matrix.invited(hall)))
			}
		}
	})
}

func TestStoppedBatchStops(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, _ := b.sold(200, time.Now().Add(-time.Hour))
		for _, code := range codes {
			_, err := b.store.RecordOrder(t.Context(), recordOfTest(b, code, true))
			b.must(err)
		}
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
			if op == "invite" && !done {
				time.Sleep(25 * time.Millisecond)
			}
			return nil
		}
		_, err := b.store.Release(t.Context(), conf, "")
		b.must(err)
		b.start()
		b.sleep(time.Second)
		_, err = b.store.StopQueued(t.Context(), conf, "")
		b.must(err)
		b.in.RoomChanged(hall)
		at := len(b.matrix.invited(hall))
		b.idle(time.Minute)
		if got := len(b.matrix.invited(hall)); got > at+1 {
			t.Errorf("%d invited when stopped, %d in the end", at, got)
		}
		if at == 0 || at == 200 {
			t.Errorf("%d invited when stopped: the test stops nothing", at)
		}
	})
}

func TestWhoJoinsDuringABatchIsNotAsked(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, people := b.sold(100, time.Now().Add(-time.Hour))
		var joined sync.Once
		var asked []id.UserID
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, first id.UserID) error {
			if op == "invite" && !done {
				joined.Do(func() {
					others := slices.DeleteFunc(slices.Clone(people), func(who id.UserID) bool { return who == first })
					for _, who := range others[50:] {
						b.matrix.sets(hall, who, event.MembershipJoin, who)
					}
					asked = append(others[:50:50], first)
				})
			}
			return nil
		}
		b.due(true, codes...)
		b.start()
		b.idle(time.Minute)
		b.wantInvited(hall, asked...)
		if tries := b.matrix.room(hall).tries; tries != 51 {
			t.Errorf("%d invites tried, want 51", tries)
		}
	})
}

func TestBatchOfManyEventsTakesTurns(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		codes, _ := b.sold(400, time.Now().Add(-time.Hour))
		other := conf.OrganizerKey().Event("other")
		b.must(b.store.PutEvent(t.Context(), database.Event{Key: other, Name: "Other", GhostID: "eu_lab_other", Bot: otherBot}))
		b.must(b.store.SetQuestion(t.Context(), other, question, "matrix"))
		b.matrix.room(lab).members[otherBot] = event.MembershipJoin
		_, err := b.store.PutLink(t.Context(), database.Link{Event: other, Room: lab, LinkedBy: "@ora:example.org", State: database.LinkActive})
		b.must(err)
		b.scanned(other)
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
			if op == "invite" && !done {
				time.Sleep(25 * time.Millisecond)
			}
			return nil
		}
		b.due(true, codes...)
		b.start()
		b.sleep(2 * time.Second)
		for _, code := range codes[:5] {
			_, err := b.store.MakeDue(t.Context(), other, code, true)
			b.must(err)
		}
		b.in.Wake()
		b.sleep(time.Second)
		if got := len(b.matrix.invited(lab)); got != 5 {
			t.Errorf("five orders of one event behind 400 of another: %d invited after a second", got)
		}
		if got := len(b.matrix.invited(hall)); got > 200 {
			t.Errorf("the batch of 400 was over already: %d", got)
		}
	})
}
