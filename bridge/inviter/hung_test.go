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
		if b.in.servers.silent("good.example") {
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

func TestAnswersToInvitesCountApartFromLookUps(t *testing.T) {
	const silent, refused = 502, 403
	for name, test := range map[string]struct {
		answers []int
		took    time.Duration
		rests   bool
	}{
		"two quick failures":      {[]int{silent, silent}, time.Second, false},
		"three quick failures":    {[]int{silent, silent, silent}, time.Second, true},
		"an answer in between":    {[]int{silent, silent, 0, silent}, time.Second, false},
		"one that hung":           {[]int{silent}, hangTime, true},
		"refusals":                {[]int{refused, refused, refused, refused}, time.Second, false},
		"our own server's faults": {[]int{500, 500, 500, 500}, hangTime, false},
	} {
		now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		s := newServers("example.org", func() time.Time { return now })
		for _, status := range test.answers {
			errand, again := s.send("far.example")
			if errand == nil {
				t.Fatalf("%s: set aside until %v", name, again)
			}
			now = now.Add(test.took)
			errand.ended(answer{refused: status != 0, status: status, code: map[bool]string{true: "M_UNKNOWN"}[status != 0]})
			if v, _, _ := s.enter(t.Context(), "far.example", true); v != nil {
				v.answered() // a look-up
			}
		}
		if got := !s.rest("far.example").IsZero(); got != test.rests {
			t.Errorf("%s: rests %v, want %v", name, got, test.rests)
		}
	}
}

func TestServerThatTookNoInvitesIsTriedByOneAtATime(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	s := newServers("example.org", func() time.Time { return now })
	first, _ := s.send("far.example")
	now = now.Add(hangTime)
	first.ended(answer{refused: true, status: 502, code: "M_UNKNOWN"})
	if errand, again := s.send("far.example"); errand != nil || !again.Equal(now.Add(time.Minute)) {
		t.Fatalf("while it rests: got %v, %v", errand, again)
	}
	now = now.Add(time.Minute)
	trial, _ := s.send("far.example")
	if errand, again := s.send("far.example"); trial == nil || errand != nil || !again.After(now) {
		t.Fatalf("a second one beside the trial: got %v, %v", errand, again)
	}
	trial.ended(answer{})
	if errand, _ := s.send("far.example"); errand == nil || s.silent("far.example") {
		t.Error("not forgiven after it took an invite")
	}
	if own, _ := s.send("example.org"); own == nil {
		t.Error("our own server is set aside")
	}
}
