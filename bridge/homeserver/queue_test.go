package homeserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

// queueRig runs queues whose handler waits for a gate where there is one, and notes what it did.
type queueRig struct {
	*queues
	mu    sync.Mutex
	done  []string
	gates map[string]chan struct{}
}

func newQueueRig() *queueRig {
	rig := &queueRig{gates: map[string]chan struct{}{}}
	rig.queues = newQueues(func(ctx context.Context, r received) {
		name := r.evt.ID.String()
		if name == "panic" {
			panic("on purpose")
		}
		if gate := rig.gates[name]; gate != nil {
			select {
			case <-gate:
			case <-ctx.Done():
			}
		}
		rig.mu.Lock()
		defer rig.mu.Unlock()
		rig.done = append(rig.done, name)
	}, zap.NewNop())
	return rig
}

func (rig *queueRig) add(ctx context.Context, room id.RoomID, lane lane, name string) {
	rig.put(ctx, queueKey{room, lane}, received{evt: &event.Event{ID: id.EventID(name)}})
}

func (rig *queueRig) handled() []string {
	synctest.Wait()
	rig.mu.Lock()
	defer rig.mu.Unlock()
	return slices.Clone(rig.done)
}

func TestRoomIsWorkedOffInOrderAndHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newQueueRig()
		rig.gates["a1"] = make(chan struct{})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- rig.run(ctx) }()
		for _, name := range []string{"a1", "a2", "panic", "a3"} {
			rig.add(ctx, "!a", messageLane, name)
		}
		rig.add(ctx, "!b", messageLane, "b1")
		rig.add(ctx, "!a", stateLane, "state")
		if got := rig.handled(); !slices.Contains(got, "b1") || !slices.Contains(got, "state") || len(got) != 2 {
			t.Errorf("while a1 is in hand got %v, want b1 and state", got)
		}
		close(rig.gates["a1"])
		if got := rig.handled()[2:]; !slices.Equal(got, []string{"a1", "a2", "a3"}) {
			t.Errorf("got %v, want a1 a2 a3: in order, and after a panic", got)
		}
		rig.mu.Lock()
		if left := len(rig.waiting); left > 0 {
			t.Errorf("%d workers left with nothing to do", left)
		}
		rig.mu.Unlock()
		rig.add(ctx, "!a", messageLane, "a4")
		if got := rig.handled(); got[len(got)-1] != "a4" {
			t.Errorf("got %v, want a4 at the end", got)
		}
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
		rig.add(context.Background(), "!a", messageLane, "late") // must not block
	})
}

func TestTooManyMessagesAreDroppedAndStateNever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newQueueRig()
		rig.gates["0"], rig.gates["s0"] = make(chan struct{}), make(chan struct{})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- rig.run(ctx) }()
		const sent = 2 * queuedMessages
		for i := range sent {
			rig.add(ctx, "!a", messageLane, fmt.Sprint(i))
			rig.add(ctx, "!a", stateLane, fmt.Sprint("s", i))
			synctest.Wait()
		}
		close(rig.gates["0"])
		close(rig.gates["s0"])
		messages, states := 0, 0
		for _, name := range rig.handled() {
			if name[0] == 's' {
				states++
			} else {
				messages++
			}
		}
		if messages != queuedMessages+1 || states != sent {
			t.Errorf("handled %d messages and %d states, want %d and %d", messages, states, queuedMessages+1, sent)
		}
		stop()
		<-ended
	})
}

func TestRunWaitsForWhatIsInHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newQueueRig()
		finish := make(chan struct{})
		rig.handle = func(context.Context, received) { <-finish }
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- rig.run(ctx) }()
		rig.add(ctx, "!a", messageLane, "a1")
		synctest.Wait() // until it is in hand
		stop()
		synctest.Wait()
		select {
		case err := <-ended:
			t.Errorf("ended with %v while a handler was at work", err)
		default:
		}
		close(finish)
		<-ended
	})
}

func TestEachUnreadableKeyIsToldOnceAndWaitedForOnce(t *testing.T) {
	now := time.Unix(1000, 0)
	d := newDeafness(func() time.Time { return now })
	if d.to(ada) {
		t.Error("deaf before anything came")
	}
	if !d.missed(ada, "s1") || d.missed(ada, "s1") || !d.missed(ada, "s2") {
		t.Error("each key must be told once")
	}
	if !d.to(ada) || d.to(bob) {
		t.Error("want deaf to ada and not to bob")
	}
	now = now.Add(deafFor)
	if d.to(ada) {
		t.Error("still deaf after a long time")
	}
	d.missed(ada, "s3")
	d.heard(ada)
	if d.to(ada) {
		t.Error("still deaf to somebody who has been understood")
	}
	for i := range 3 * deafMost {
		d.missed(id.UserID(fmt.Sprint(i)), "s")
	}
	if got := len(d.who); got > deafMost {
		t.Errorf("remembers %d people, want at most %d", got, deafMost)
	}
}

func TestKeyIsRenewedWhenSomebodyComesOrGoes(t *testing.T) {
	const join, invite, leave, ban, unknown = event.MembershipJoin, event.MembershipInvite, event.MembershipLeave, event.MembershipBan, ""
	for _, c := range []struct {
		before, now event.Membership
		want        bool
	}{
		{invite, join, true}, {leave, join, true}, {unknown, join, true}, {join, leave, true}, {join, ban, true}, {unknown, leave, true},
		{join, join, false}, {leave, invite, false}, {invite, leave, false}, {leave, ban, false},
	} {
		if got := needsNewKey(c.before, c.now); got != c.want {
			t.Errorf("%q to %q: got %v, want %v", c.before, c.now, got, c.want)
		}
	}
}

func TestRoomIsPrivateOnlyIfNobodyElseIsThereOrOnTheWay(t *testing.T) {
	const join, invite, leave, ban, knock = event.MembershipJoin, event.MembershipInvite, event.MembershipLeave, event.MembershipBan, event.MembershipKnock
	type members = map[id.UserID]event.Membership
	ours := func(user id.UserID) bool { return user == ourBot || user == "@pretix_eu__lab__conf:example.org" }
	for name, c := range map[string]struct {
		members members
		want    bool
	}{
		"two":                     {members{ourBot: join, ada: join}, true},
		"two and an event bot":    {members{ourBot: join, ada: join, "@pretix_eu__lab__conf:example.org": join}, true},
		"somebody left":           {members{ourBot: join, ada: join, bob: leave}, true},
		"somebody banned":         {members{ourBot: join, ada: join, bob: ban}, true},
		"somebody there":          {members{ourBot: join, ada: join, bob: join}, false},
		"somebody invited":        {members{ourBot: join, ada: join, bob: invite}, false},
		"somebody knocks":         {members{ourBot: join, ada: join, bob: knock}, false},
		"the person invited only": {members{ourBot: join, ada: invite}, false},
		"the person left":         {members{ourBot: join, ada: leave}, false},
		"the person never there":  {members{ourBot: join}, false},
		"the bot left":            {members{ourBot: leave, ada: join}, false},
		"nobody":                  {nil, false},
	} {
		if got := isPrivate(c.members, ourBot, ada, ours, join); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if !isPrivate(members{ourBot: join, ada: invite}, ourBot, ada, ours, join, invite) {
		t.Error("a direct room to which the person is only invited must do")
	}
}
