package inviter

import (
	"context"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

func TestStopLetsTheInviteUnderWayEnd(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.matrix.step = func(ctx context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
			if op != "invite" || done {
				return nil
			}
			select {
			case <-time.After(2 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		b.start()
		b.due(false, "AAAAA")
		b.sleep(time.Second)
		began := time.Now()
		b.must(b.stop())
		if took := time.Since(began); took > finishing {
			t.Errorf("stopping took %v", took)
		}
		b.wantInvited(hall, "@ada:example.org")
		b.wantState(hall, "@ada:example.org", database.InviteInvited, "")
	})
}

func TestStopDoesNotWaitForAnInviteThatHangs(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.matrix.step = func(ctx context.Context, _ bool, op string, _ id.RoomID, _ id.UserID) error {
			if op == "invite" {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}
		b.start()
		b.due(false, "AAAAA")
		b.sleep(time.Second)
		began := time.Now()
		b.must(b.stop())
		if took := time.Since(began); took > finishing+time.Second {
			t.Errorf("stopping took %v", took)
		}
		b.wantState(hall, "@ada:example.org", database.InviteDue, "")
	})
}

func TestWhoWaitedLongForTheRoomIsLookedAtAgain(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"), bought("BBBBB", time.Now(), "@bob:example.org"))
		b.matrix.step = once(b, "invite", func() error {
			time.Sleep(2 * lookAge)
			b.matrix.mu.Lock() // both join, and word of it is lost
			b.matrix.room(hall).members["@ada:example.org"] = event.MembershipJoin
			b.matrix.room(hall).members["@bob:example.org"] = event.MembershipJoin
			b.matrix.mu.Unlock()
			return nil
		})
		b.start()
		b.due(false, "AAAAA", "BBBBB")
		b.idle(time.Minute)
		if tries := b.matrix.room(hall).tries; tries != 1 {
			t.Errorf("%d invites tried, want the one that was under way", tries)
		}
		b.wantState(hall, "@ada:example.org", database.InviteJoined, "")
		b.wantState(hall, "@bob:example.org", database.InviteJoined, "")
	})
}
