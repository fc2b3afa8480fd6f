package inviter

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.mau.fi/util/dbutil"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// killer ends everything at the n-th thing that happens: before it is done, or after it without its answer. From then on nobody who
// was there gets anything done.
type killer struct {
	dbutil.DatabaseLogger
	at    int64
	count atomic.Int64
	dead  chan struct{}
	kill  func()
}

var errKilled = errors.New("killed")

func (k *killer) step() error {
	if k.at > 0 && k.count.Add(1) == k.at {
		close(k.dead)
		k.kill()
	}
	select {
	case <-k.dead:
		return errKilled
	default:
		return nil
	}
}

// QueryTiming counts what the database did. What it answers is lost with the context that the test ends.
func (k *killer) QueryTiming(context.Context, string, string, []any, int, time.Duration, error) {
	_ = k.step()
}

// scenario is some orders of each kind, and what must have come of them in the end. Those of far.example decline at once, so that a
// second invite would show as one.
func scenario(b *bench, k *killer) (want []id.UserID) {
	b.link(hall)
	b.matrix.heard = func(room id.RoomID, who id.UserID, was, is event.Membership, by id.UserID) {
		select {
		case <-k.dead: // word of it reaches nobody
		default:
			b.hear(room, who, was, is, by)
		}
		if is == event.MembershipInvite && who.Homeserver() == "far.example" {
			b.matrix.sets(room, who, event.MembershipLeave, who)
		}
	}
	now := time.Now().Add(-time.Hour)
	for n := range 3 {
		who := id.UserID(fmt.Sprintf("@live%d:example.org", n))
		b.pretix.put(bought(fmt.Sprintf("L%d", n), now.Add(time.Duration(n)*time.Second), string(who), ""))
		b.due(false, fmt.Sprintf("L%d", n))
		want = append(want, who)
	}
	for n := range 22 {
		who := id.UserID(fmt.Sprintf("@batch%02d:far.example", n%20)) // two people have two orders
		b.pretix.put(bought(fmt.Sprintf("B%02d", n), now.Add(time.Duration(60+n)*time.Second), string(who)))
		b.due(true, fmt.Sprintf("B%02d", n))
		if n < 20 {
			want = append(want, who)
		}
	}
	return want
}

// runKilled runs the scenario, kills it at the n-th step, starts again and checks. False: it had ended before.
func runKilled(t *testing.T, at int64) (more bool) {
	synctest.Test(t, func(t *testing.T) {
		k := &killer{DatabaseLogger: dbutil.NoopLogger, dead: make(chan struct{})}
		b := newBench(t, k)
		defer b.end()
		want := scenario(b, k)
		k.at, k.kill = at, func() { b.cancel() }
		b.pretix.step = func(context.Context, string) error { return k.step() }
		b.matrix.step = func(context.Context, bool, string, id.RoomID, id.UserID) error { return k.step() }
		b.start()
		select {
		case <-k.dead:
			more = true
		case <-time.After(time.Minute):
		}
		b.must(b.stop())
		k.at = 0
		none := func(context.Context, string) error { return nil }
		b.meanwhile(func() { b.pretix.step = none })
		b.meanwhile(func() { b.matrix.step = func(context.Context, bool, string, id.RoomID, id.UserID) error { return nil } })
		b.start()
		b.sleep(2 * time.Minute)
		b.idle(0)
		b.wantInvited(hall, want...)
		for _, who := range want {
			// That somebody declined may have been told to nobody.
			row := b.row(hall, who)
			declined := row.State == database.InviteGone && who.Homeserver() == "far.example"
			if row.State != database.InviteInvited && !declined {
				t.Errorf("%s: got %s %q, want invited", who, row.State, row.Reason)
			}
		}
		if t.Failed() {
			t.Logf("killed at step %d", at)
		}
	})
	return more
}

// TestKilledAtAnyMomentEverybodyIsInvitedOnce tries one step in thirteen, from another one on in each run: over the runs all of them.
func TestKilledAtAnyMomentEverybodyIsInvitedOnce(t *testing.T) {
	const every = 13
	for at := 1 + rand.Int64N(every); runKilled(t, at) && !t.Failed(); at += every {
	}
}
