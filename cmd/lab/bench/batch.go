package bench

import (
	"context"
	"fmt"
	"net/url"
	"strings"
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
}

// invitations are some that were sent in a row.
type invitations struct {
	n    int
	took time.Duration
	// asked is what the homeserver needed for the invite requests alone.
	asked time.Duration
	// first is when the first of them began, counted from the start.
	first time.Duration
}

func (i invitations) perSecond() float64 { return float64(i.n) / i.took.Seconds() }

// ratio compares the bridge with the mean of both loops: the homeserver grows slower or faster over a run.
func (b batch) ratio() float64 {
	return b.bridge.perSecond() / b.loop().perSecond()
}

// loop is both loops together.
func (b batch) loop() invitations {
	return invitations{n: b.before.n + b.after.n, took: b.before.took + b.after.took, asked: b.before.asked + b.after.asked}
}

// busy is the share of the time in which an invite request was under way.
func (i invitations) busy() float64 { return float64(i.asked) / float64(i.took) }

func batchEvent(size int) string { return fmt.Sprintf("batch%d", size) }

// batch sells tickets, links a room, and has everybody invited.
func (b *bench) batch(ctx context.Context, size int) (batch, error) {
	got, event := batch{size: size}, batchEvent(size)
	b.say(fmt.Sprintf("registering %d people and selling them tickets", size))
	people, err := b.stage.Synapse.Users(ctx, fmt.Sprintf("guest%d-", size), size)
	if err != nil {
		return got, err
	}
	if _, err := b.org.Events[event].ManyOrders(ctx, size, func(i int) string { return people[i].UserID }); err != nil {
		return got, fmt.Errorf("sell tickets: %w", err)
	}
	room, err := b.linkedRoom(ctx, event)
	if err != nil {
		return got, err
	}
	b.say(fmt.Sprintf("inviting %d people by a plain loop, by the bridge, and by a plain loop again", size))
	if got.before, err = b.plainLoop(ctx, fmt.Sprintf("loop%da", size), people); err != nil {
		return got, err
	}
	peak := watchMemory(b.stage.Bridge.PID())
	got.bridge, err = b.batchInvite(ctx, event, room, size)
	got.peak = peak()
	if err != nil {
		return got, err
	}
	got.after, err = b.plainLoop(ctx, fmt.Sprintf("loop%db", size), people)
	return got, err
}

// batchInvite says the command and waits for the bridge's line about the last order. Nobody looks at the room meanwhile.
func (b *bench) batchInvite(ctx context.Context, event, room string, size int) (invitations, error) {
	got := invitations{n: size}
	synapse, err := openLog(b.stage.Synapse.Log)
	if err != nil {
		return got, err
	}
	bridge, err := openLog(b.stage.Bridge.Log)
	if err != nil {
		return got, err
	}
	heard, began := b.olga.Now(), time.Now()
	if err := b.olga.Say(ctx, b.direct, "!batchinvite bench/"+event); err != nil {
		return got, err
	}
	orders, err := bridge.awaitOrders(ctx, event, size)
	if err != nil {
		return got, err
	}
	got.took = orders[len(orders)-1].at.Sub(began)
	requests, err := synapse.requests()
	if err != nil {
		return got, err
	}
	invites := invitesInto(requests, room)
	if len(invites) != size {
		return got, fmt.Errorf("the homeserver was asked for %d invitations, want %d", len(invites), size)
	}
	got.asked, got.first = timeOf(invites), invites[0].began.Sub(began)
	if n, err := b.invitedIn(ctx, room); err != nil || n != size {
		return got, fmt.Errorf("%d are invited, want %d (%w)", n, size, err)
	}
	_, err = b.olga.Hear(ctx, heard, time.Minute, "Done", fmt.Sprintf("%d invitations sent", size))
	return got, err
}

// plainLoop invites everybody into a new room by one request after the other, with the token that the bridge has too. The room is like
// the bridge's: three are in it.
func (b *bench) plainLoop(ctx context.Context, name string, people []*parts.User) (invitations, error) {
	got := invitations{n: len(people)}
	per, err := b.stage.Join(ctx, "per-"+name)
	if err != nil {
		return got, err
	}
	loop := looper{stage: b.stage, id: "@pretix_" + name + ":" + parts.ServerName}
	room, err := loop.room(ctx, name, b.olga, per)
	if err != nil {
		return got, err
	}
	synapse, err := openLog(b.stage.Synapse.Log)
	if err != nil {
		return got, err
	}
	began := time.Now()
	for _, who := range people {
		if err := loop.invite(ctx, room, who.UserID); err != nil {
			return got, err
		}
	}
	got.took = time.Since(began)
	requests, err := synapse.requests()
	got.asked = timeOf(invitesInto(requests, room))
	return got, err
}

func (b *bench) invitedIn(ctx context.Context, room string) (int, error) {
	var members struct {
		Chunk []struct{} `json:"chunk"`
	}
	err := b.olga.Call(ctx, "GET", stage.RoomPath(room)+"/members?membership=invite", nil, &members)
	return len(members.Chunk), err
}

// looper is a bot in the bridge's namespace that the bridge knows nothing of.
type looper struct {
	stage *stage.Stage
	id    string
}

func (l looper) call(ctx context.Context, method, path string, body, into any) error {
	path = "/_matrix/client/v3" + path + "?user_id=" + url.QueryEscape(l.id)
	return l.stage.Synapse.Call(ctx, l.stage.Bridge.ASToken, method, path, body, into)
}

// room registers the bot and makes a private room, into which the others come.
func (l looper) room(ctx context.Context, name string, others ...*stage.Person) (string, error) {
	localpart, _, _ := strings.Cut(strings.TrimPrefix(l.id, "@"), ":")
	err := l.stage.Synapse.Call(ctx, l.stage.Bridge.ASToken, "POST", "/_matrix/client/v3/register", map[string]any{
		"type": "m.login.application_service", "username": localpart, "inhibit_login": true,
	}, nil)
	if err != nil {
		return "", fmt.Errorf("register a bot: %w", err)
	}
	var made struct {
		RoomID string `json:"room_id"`
	}
	if err := l.call(ctx, "POST", "/createRoom", map[string]any{"preset": "private_chat", "name": name}, &made); err != nil {
		return "", fmt.Errorf("make a room: %w", err)
	}
	for _, other := range others {
		if err := l.invite(ctx, made.RoomID, other.ID); err != nil {
			return "", err
		}
		if err := other.Call(ctx, "POST", "/join/"+url.PathEscape(made.RoomID), map[string]any{}, nil); err != nil {
			return "", fmt.Errorf("join a room: %w", err)
		}
	}
	return made.RoomID, nil
}

func (l looper) invite(ctx context.Context, room, who string) error {
	body := map[string]string{"user_id": who, "reason": "You have a ticket for Lab conference."}
	if err := l.call(ctx, "POST", stage.RoomPath(room)+"/invite", body, nil); err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	return nil
}
