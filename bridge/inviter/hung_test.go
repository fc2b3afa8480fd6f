package inviter

import (
	"context"
	"fmt"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// hangTime is how long Synapse tries to bring an invite to a server that says nothing.
const hangTime = 250 * time.Second

// hangInvites lets invites of one server's people hang, and all others into that room wait behind them, as Synapse does.
func hangInvites(server string) func(context.Context, bool, string, id.RoomID, id.UserID) error {
	var busyUntil time.Time
	return func(ctx context.Context, done bool, op string, _ id.RoomID, who id.UserID) error {
		if done || op != "invite" {
			return nil
		}
		hangs := who.Homeserver() == server
		if hangs {
			busyUntil = time.Now().Add(hangTime)
		}
		select {
		case <-time.After(time.Until(busyUntil)):
		case <-ctx.Done():
			return ctx.Err()
		}
		if hangs {
			return unreachable()
		}
		return nil
	}
}

func TestInviteThatHangsIsHeldAgainstItsOwnServerOnly(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.step = hangInvites("evil.example")
		b.start()
		for n, who := range []string{"@eve:evil.example", "@eve2:evil.example", "@eve3:evil.example", "@gus:good.example", "@loc:example.org"} {
			code := fmt.Sprintf("C%04d", n)
			b.pretix.put(bought(code, time.Now(), who))
			b.due(false, code)
			b.sleep(time.Second)
		}
		b.sleep(hangTime)
		b.wantInvited(hall, "@gus:good.example", "@loc:example.org")
		for _, who := range []id.UserID{"@eve:evil.example", "@eve2:evil.example", "@eve3:evil.example"} {
			b.wantState(hall, who, database.InviteWaiting, database.ReasonUnreachable)
		}
		if b.in.servers.Silent("good.example") {
			t.Error("the server of somebody who waited behind the hanging one is held for silent")
		}
		if got := b.matrix.count("exists"); got < 5 {
			t.Errorf("%d look-ups: the server answers those", got)
		}

		// The server is tried by one at a time, longer after each try, and forgiven by an answer.
		began := b.matrix.room(hall).tries
		b.sleep(2 * time.Hour)
		if got := b.matrix.room(hall).tries - began; got != 0 {
			t.Errorf("%d invites of the hanging server arrived", got)
		}
		b.meanwhile(func() { b.matrix.step = slowly })
		b.sleep(3 * time.Hour)
		b.wantInvited(hall, "@gus:good.example", "@loc:example.org", "@eve:evil.example", "@eve2:evil.example", "@eve3:evil.example")
	})
}

func TestRoomInWhichAnInviteHangsDelaysNoOther(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.link(lab, database.Rule{Item: ticket})
		b.matrix.step = func(ctx context.Context, done bool, op string, room id.RoomID, _ id.UserID) error {
			if op == "invite" && room == hall && !done {
				time.Sleep(hangTime)
			}
			return nil
		}
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.sleep(time.Second)
		b.wantInvited(lab, "@ada:example.org")
		b.sleep(hangTime)
		b.wantInvited(hall, "@ada:example.org")
	})
}
