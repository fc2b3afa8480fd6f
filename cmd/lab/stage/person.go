package stage

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"matrix-pretix/cmd/lab/parts"
)

// Password is everybody's, so that who tries it has little to type. The parts listen on the loopback interface only.
const Password = "lab-password"

// Person is somebody with a Matrix account and a client that does not encrypt. What happens in their rooms they learn only while
// they wait for it, so an idle person costs the homeserver nothing. One goroutine at a time may use a person.
type Person struct {
	Name string
	ID   string

	synapse *parts.Synapse
	token   string
	since   string
	seen    []Happening
	sent    int
}

// Join registers somebody who knows nobody yet. Their requests are not limited, since they type faster than a person.
func (s *Stage) Join(ctx context.Context, name string) (*Person, error) {
	user, err := s.Synapse.Register(ctx, name, parts.UserOptions{Unlimited: true, Password: Password})
	if err != nil {
		return nil, err
	}
	p := &Person{Name: name, ID: user.UserID, synapse: s.Synapse, token: user.AccessToken}
	return p, p.look(ctx, 0)
}

// Call asks the homeserver as this person, with a path below the client API.
func (p *Person) Call(ctx context.Context, method, path string, body, into any) error {
	return p.synapse.Call(ctx, p.token, method, "/_matrix/client/v3"+path, body, into)
}

// Room makes a private room with these people invited.
func (p *Person) Room(ctx context.Context, name string, invite ...string) (string, error) {
	return p.create(ctx, map[string]any{"preset": "private_chat", "name": name}, invite)
}

// Direct begins a talk with somebody.
func (p *Person) Direct(ctx context.Context, with string) (string, error) {
	return p.create(ctx, map[string]any{"preset": "trusted_private_chat", "is_direct": true}, []string{with})
}

func (p *Person) create(ctx context.Context, room map[string]any, invite []string) (string, error) {
	if len(invite) > 0 {
		room["invite"] = invite
	}
	var made struct {
		RoomID string `json:"room_id"`
	}
	if err := p.Call(ctx, "POST", "/createRoom", room, &made); err != nil {
		return "", fmt.Errorf("make a room: %w", err)
	}
	return made.RoomID, nil
}

// Membership reads from the room's state what somebody is to it; "" if nothing.
func (p *Person) Membership(ctx context.Context, room, who string) string {
	var member struct {
		Membership string `json:"membership"`
	}
	if p.Call(ctx, "GET", RoomPath(room)+"/state/m.room.member/"+url.PathEscape(who), nil, &member) != nil {
		return ""
	}
	return member.Membership
}

// Say says something in a room.
func (p *Person) Say(ctx context.Context, room, text string) error {
	p.sent++
	path := fmt.Sprintf("%s/send/m.room.message/%d-%d", RoomPath(room), time.Now().UnixNano(), p.sent)
	if err := p.Call(ctx, "PUT", path, map[string]string{"msgtype": "m.text", "body": text}, nil); err != nil {
		return fmt.Errorf("say something: %w", err)
	}
	return nil
}

// RoomPath is where a room's things are below the client API.
func RoomPath(room string) string { return "/rooms/" + url.PathEscape(room) }
