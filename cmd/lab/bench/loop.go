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
	w, err := b.startWatch()
	if err != nil {
		return got, err
	}
	for _, who := range people {
		if err := loop.invite(ctx, room, who.UserID); err != nil {
			return got, err
		}
	}
	requests, err := w.stop(&got, time.Now())
	got.asked = timeOf(invitesInto(requests, room))
	return got, err
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
