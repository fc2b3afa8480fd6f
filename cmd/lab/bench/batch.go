package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/lab/stage"
)

// batch is what came of inviting everybody at once, by the bridge and by plain loops before and after it.
type batch struct {
	size          int
	bridge        invitations
	before, after invitations
	peak          int64 // bytes of memory
	besides       []kind
}

// invitations are some that were sent in a row.
type invitations struct {
	n    int
	took time.Duration
	// asked is what the homeserver needed for the invite requests alone.
	asked time.Duration
	// first is when the first of them began, counted from the start.
	first time.Duration
	// synapse and bridge are what both had of the processors.
	synapse, bridge time.Duration
}

func (i invitations) perSecond() float64 { return float64(i.n) / i.took.Seconds() }

// and is both together.
func (i invitations) and(other invitations) invitations {
	return invitations{
		n: i.n + other.n, took: i.took + other.took, asked: i.asked + other.asked,
		synapse: i.synapse + other.synapse, bridge: i.bridge + other.bridge,
	}
}

// ratio compares the bridge with the mean of both loops: the homeserver grows slower or faster over a run.
func (b batch) ratio() float64 {
	return b.bridge.perSecond() / b.loop().perSecond()
}

// loop is both loops together.
func (b batch) loop() invitations { return b.before.and(b.after) }

// steady reports whether both loops were about as fast. If not, something else was going on, and the ratio says little.
func (b batch) steady() bool {
	change := b.after.perSecond() / b.before.perSecond()
	return change > 0.8 && change < 1.25
}

// busy is the share of the time in which an invite request was under way.
func (i invitations) busy() float64 { return float64(i.asked) / float64(i.took) }

// watch looks at what a row of invitations costs.
type watch struct {
	b               *bench
	log             *logFile
	began           time.Time
	synapse, bridge time.Duration
}

func (b *bench) startWatch() (*watch, error) {
	w := &watch{b: b}
	var err, errSynapse, errBridge error
	w.log, err = openLog(b.stage.Synapse.Log)
	w.synapse, errSynapse = used(b.stage.Synapse.PID())
	w.bridge, errBridge = used(b.stage.Bridge.PID())
	w.began = time.Now()
	return w, errors.Join(err, errSynapse, errBridge)
}

// stop writes down what it took, and returns the requests that the bots made meanwhile.
func (w *watch) stop(into *invitations, ended time.Time) ([]request, error) {
	synapse, errSynapse := used(w.b.stage.Synapse.PID())
	bridge, errBridge := used(w.b.stage.Bridge.PID())
	into.took, into.synapse, into.bridge = ended.Sub(w.began), synapse-w.synapse, bridge-w.bridge
	requests, err := w.log.requests()
	return requests, errors.Join(err, errSynapse, errBridge)
}

func batchEvent(size int) string { return fmt.Sprintf("batch%d", size) }

// batch sells tickets, links a room, and has everybody invited. The loops invite people of their own: the first invite of somebody is less
// work for the homeserver than those after it.
func (b *bench) batch(ctx context.Context, size int) (batch, error) {
	got, event := batch{size: size}, batchEvent(size)
	b.say(fmt.Sprintf("registering %d people and selling tickets to %d of them", 3*size, size))
	var crowds [3][]*parts.User
	for i := range crowds {
		var err error
		if crowds[i], err = b.crowd(ctx, fmt.Sprintf("guest%d%c-", size, 'a'+i), size); err != nil {
			return got, err
		}
	}
	guests := crowds[1]
	if _, err := b.org.Events[event].ManyOrders(ctx, size, func(i int) string { return guests[i].UserID }); err != nil {
		return got, fmt.Errorf("sell tickets: %w", err)
	}
	room, err := b.linkedRoom(ctx, event)
	if err != nil {
		return got, err
	}
	b.say(fmt.Sprintf("inviting %d people by a plain loop, by the bridge, and by a plain loop again", size))
	if got.before, err = b.plainLoop(ctx, fmt.Sprintf("loop%da", size), crowds[0]); err != nil {
		return got, err
	}
	peak := watchMemory(b.stage.Bridge.PID())
	got.bridge, got.besides, err = b.batchInvite(ctx, event, room, size)
	got.peak = peak()
	if err != nil {
		return got, err
	}
	got.after, err = b.plainLoop(ctx, fmt.Sprintf("loop%db", size), crowds[2])
	return got, err
}

// crowd is people who have keys for encryption, as everybody has who has used a client once.
func (b *bench) crowd(ctx context.Context, prefix string, size int) ([]*parts.User, error) {
	people, err := b.stage.Synapse.Users(ctx, prefix, size)
	if err != nil {
		return nil, err
	}
	for _, who := range people {
		if err := b.stage.Synapse.GiveKeys(ctx, who); err != nil {
			return nil, err
		}
	}
	return people, nil
}

// batchInvite says the command and waits for the bridge's line about the last order. Nobody looks at the room meanwhile. It also
// says what else the homeserver was asked for.
func (b *bench) batchInvite(ctx context.Context, event, room string, size int) (invitations, []kind, error) {
	got := invitations{n: size}
	bridge, err := openLog(b.stage.Bridge.Log)
	if err != nil {
		return got, nil, err
	}
	heard := b.olga.Now()
	w, err := b.startWatch()
	if err != nil {
		return got, nil, err
	}
	if err := b.olga.Say(ctx, b.direct, "!batchinvite bench/"+event); err != nil {
		return got, nil, err
	}
	orders, err := bridge.awaitOrders(ctx, event, size)
	if err != nil {
		return got, nil, err
	}
	requests, err := w.stop(&got, orders[len(orders)-1].at)
	if err != nil {
		return got, nil, err
	}
	invites := invitesInto(requests, room)
	if len(invites) != size {
		return got, nil, fmt.Errorf("the homeserver was asked for %d invitations, want %d", len(invites), size)
	}
	got.asked, got.first = timeOf(invites), invites[0].began.Sub(w.began)
	if n, err := b.invitedIn(ctx, room); err != nil || n != size {
		return got, nil, fmt.Errorf("%d are invited, want %d (%w)", n, size, err)
	}
	_, err = b.olga.Hear(ctx, heard, time.Minute, "Done", fmt.Sprintf("%d invitations sent", size))
	return got, kindsOf(requests), err
}

func (b *bench) invitedIn(ctx context.Context, room string) (int, error) {
	var members struct {
		Chunk []struct{} `json:"chunk"`
	}
	err := b.olga.Call(ctx, "GET", stage.RoomPath(room)+"/members?membership=invite", nil, &members)
	return len(members.Chunk), err
}
