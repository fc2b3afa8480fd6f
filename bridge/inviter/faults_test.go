package inviter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

// hang answers nothing about people of one server until the caller gives up.
func hang(server string) func(context.Context, bool, string, id.RoomID, id.UserID) error {
	return func(ctx context.Context, done bool, op string, _ id.RoomID, who id.UserID) error {
		if done || op != "exists" || who.Homeserver() != server {
			return nil
		}
		select {
		case <-time.After(10 * time.Second):
			return unavailable(0)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func TestServerThatHangsDelaysNobodyElseOfABatch(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.step = func(ctx context.Context, done bool, op string, room id.RoomID, who id.UserID) error {
			if op == "invite" && !done {
				time.Sleep(25 * time.Millisecond)
			}
			return hang("dead.example")(ctx, done, op, room, who)
		}
		var codes []string
		var local []id.UserID
		for n := range 600 {
			code, who := fmt.Sprintf("L%04d", n), id.UserID(fmt.Sprintf("@local%d:example.org", n))
			if n%2 == 0 {
				code, who = fmt.Sprintf("D%04d", n), id.UserID(fmt.Sprintf("@dead%d:dead.example", n))
			} else {
				local = append(local, who)
			}
			b.pretix.put(bought(code, time.Now().Add(time.Duration(n)*time.Millisecond), string(who)))
			codes = append(codes, code)
		}
		b.due(true, codes...)
		began := time.Now()
		b.start()
		for len(b.matrix.invited(hall)) < len(local) && time.Since(began) < time.Minute {
			time.Sleep(50 * time.Millisecond)
		}
		alone := time.Duration(len(local)) * 25 * time.Millisecond
		if took := time.Since(began); took > alone*11/10+time.Second {
			t.Errorf("%d local people took %v beside a dead server, %v without", len(local), took, alone)
		}
		slices.Sort(local)
		b.wantInvited(hall, local...)
		b.idle(time.Minute)
		lookups := b.matrix.count("exists")
		b.sleep(30 * time.Minute)
		b.wantState(hall, "@dead0:dead.example", database.InviteWaiting, database.ReasonUnreachable)
		if more := b.matrix.count("exists") - lookups; more > 20 {
			t.Errorf("the dead server's people were looked up %d times in half an hour", more)
		}

		b.meanwhile(func() { b.matrix.step = func(context.Context, bool, string, id.RoomID, id.UserID) error { return nil } })
		b.sleep(2 * time.Hour)
		if got := len(b.matrix.invited(hall)); got != 600 {
			t.Errorf("after the server came back %d are invited, want 600", got)
		}
	})
}

func TestPeopleOfADeadServerAreReportedOnce(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.step = hang("dead.example")
		b.start()
		for n := range 5 {
			code := fmt.Sprintf("D%04d", n)
			b.pretix.put(bought(code, time.Now().Add(time.Duration(n)*time.Second), fmt.Sprintf("@d%d:dead.example", n)))
			b.due(false, code)
		}
		told := make(map[string]int)
		for range 12 * 60 {
			b.sleep(2 * time.Minute)
			failures, err := b.store.Unreported(t.Context())
			b.must(err)
			for _, f := range failures {
				told[f.Code]++
			}
			b.must(b.store.MarkReported(t.Context(), failures))
		}
		if want := map[string]int{"D0000": 1, "D0001": 1, "D0002": 1, "D0003": 1, "D0004": 1}; !maps.Equal(told, want) {
			t.Errorf("reported within a day: got %v, want each once", told)
		}
	})
}

func TestPersonNobodyKnowsIsAskedWhenTheyAppear(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.nobody["@ada:example.org"] = true
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantState(hall, "@ada:example.org", database.InviteWaiting, database.ReasonNotFound)
		if tries := b.matrix.count("invite"); tries != 0 {
			t.Errorf("%d invites of somebody who may not exist", tries)
		}
		b.sleep(time.Hour + time.Minute)
		if wait := time.Until(b.row(hall, "@ada:example.org").WaitUntil); wait < 23*time.Hour {
			t.Errorf("after the second look they wait %v, want a day", wait)
		}
		delete(b.matrix.nobody, "@ada:example.org")
		b.sleep(24 * time.Hour)
		b.wantInvited(hall, "@ada:example.org")
	})
}

func TestLimitedInviteWaitsAsLongAsItIsTold(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		limited := refusal(429, "M_LIMIT_EXCEEDED")
		asHomeserverError(t, limited).RetryAfter = 333 * time.Second
		b.matrix.step = once(b, "invite", func() error { return limited })
		b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantState(hall, "@ada:example.org", database.InviteWaiting, database.ReasonLimited)
		if wait := time.Until(b.row(hall, "@ada:example.org").WaitUntil).Round(time.Second); wait < 330*time.Second || wait > 334*time.Second {
			t.Errorf("waits %v, want 333s", wait)
		}
		if told := b.logs.FilterMessageSnippet("rate_limited: false").Len(); told != 1 {
			t.Errorf("the log names the remedy %d times, want once", told)
		}
		b.sleep(6 * time.Minute)
		b.wantInvited(hall, "@ada:example.org")
	})
}

func TestOutageOfTheHomeserverCostsNobodyTheirTurn(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		var codes []string
		var all []id.UserID
		for n := range 60 {
			code, who := fmt.Sprintf("C%04d", n), id.UserID(fmt.Sprintf("@p%02d:%s", n, []string{"example.org", "far.example"}[n%2]))
			b.pretix.put(bought(code, time.Now().Add(time.Duration(n)*time.Millisecond), string(who)))
			codes, all = append(codes, code), append(all, who)
		}
		var down, up time.Time
		b.matrix.step = func(_ context.Context, done bool, op string, _ id.RoomID, _ id.UserID) error {
			if op == "invite" && !done {
				time.Sleep(20 * time.Millisecond)
			}
			if down.IsZero() && op == "invite" && !done && b.matrix.count("invite") == 10 {
				down, up = time.Now(), time.Now().Add(time.Minute)
			}
			if time.Now().Before(up) {
				return unavailable(0)
			}
			return nil
		}
		b.due(true, codes...)
		b.start()
		b.idle(3 * time.Minute)
		b.wantInvited(hall, all...)
		if took := time.Since(up); took > 30*time.Second {
			t.Errorf("the rest came %v after the homeserver was back", took)
		}
		for _, who := range all {
			b.wantState(hall, who, database.InviteInvited, "")
		}
		if calls := b.matrix.count("exists"); calls > 3*len(all) {
			t.Errorf("%d look-ups for %d people", calls, len(all))
		}
	})
}

func TestOwnFaultStopsEverythingAndSaysSo(t *testing.T) {
	for name, fault := range map[string]error{
		"token":      refusal(401, "M_UNKNOWN_TOKEN"),
		"namespaces": refusal(400, "M_EXCLUSIVE"),
		"bots":       errors.Join(refusal(403, "M_FORBIDDEN"), homeserver.ErrDisowned),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, dbutil.NoopLogger)
				b.link(hall)
				b.matrix.step = func(_ context.Context, _ bool, op string, _ id.RoomID, _ id.UserID) error {
					if op == "exists" {
						return nil
					}
					return fault
				}
				b.pretix.put(bought("AAAAA", time.Now(), "@ada:example.org"))
				b.start()
				b.due(false, "AAAAA")
				b.sleep(10 * time.Second)
				err := b.stop()
				if _, ok := errors.AsType[*Fault](err); !ok || !strings.Contains(err.Error(), "restart") {
					t.Errorf("got %v, want a fault that says what to do", err)
				}
				b.wantState(hall, "@ada:example.org", database.InviteDue, "")
			})
		})
	}
}

func TestAnotherServersAnswerStopsNeitherBridgeNorRoom(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.refuses["@eve:evil.example"] = refusal(401, "M_UNKNOWN_TOKEN")
		b.matrix.refuses["@eve2:evil.example"] = refusal(403, "M_UNKNOWN")
		b.pretix.put(bought("AAAAA", time.Now(), "@eve:evil.example", "@eve2:evil.example", "@ada:example.org"))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.wantInvited(hall, "@ada:example.org")
		b.wantState(hall, "@eve:evil.example", database.InviteWaiting, database.ReasonRefused)
		b.wantState(hall, "@eve2:evil.example", database.InviteWaiting, database.ReasonRefused)
		if len(b.suspended) != 0 {
			t.Errorf("suspended: %+v", b.suspended)
		}
	})
}

func TestLogsNameNobody(t *testing.T) {
	withBench(t, func(t *testing.T, b *bench) {
		b.link(hall)
		b.matrix.nobody["@unknown:example.org"] = true
		b.matrix.refuses["@blocked:example.org"] = refusal(403, "M_INVITE_BLOCKED")
		b.matrix.refuses["@down:far.example"] = unreachable()
		people := []string{"@ada:example.org", "@unknown:example.org", "@blocked:example.org", "@down:far.example"}
		b.pretix.put(bought("AAAAA", time.Now(), people...))
		b.start()
		b.due(false, "AAAAA")
		b.idle(time.Minute)
		b.matrix.sets(hall, "@ada:example.org", event.MembershipLeave, "@ada:example.org")
		for _, line := range b.logs.All() {
			text := fmt.Sprint(line.Message, line.ContextMap())
			for _, who := range people {
				if strings.Contains(text, strings.Trim(who[:strings.Index(who, ":")], "@")) {
					t.Errorf("a log line names %s: %s", who, text)
				}
			}
		}
	})
}
