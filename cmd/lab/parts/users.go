package parts

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"
)

// User is a person on the homeserver, logged in once.
type User struct {
	UserID      string `json:"user_id"`
	AccessToken string `json:"access_token"`
	DeviceID    string `json:"device_id"`
	Password    string `json:"password"`
}

// UserOptions says what is special about a user.
type UserOptions struct {
	// Admin makes them a server administrator.
	Admin bool
	// NoName takes away the display name, which Synapse sets to the localpart. Their profile then looks as if there were nobody.
	NoName bool
	// Unlimited exempts them from the rate limits, as somebody needs to be who makes many rooms.
	Unlimited bool
	// Password is a random one if empty.
	Password string
}

// Call asks the homeserver, with an access token unless that is empty. The path begins with /_matrix or /_synapse. The answer
// is decoded into the value that into points to, unless that is nil. A refusal is an [*HTTPError].
func (s *Synapse) Call(ctx context.Context, accessToken, method, path string, body, into any) error {
	header := http.Header{}
	if accessToken != "" {
		header.Set("Authorization", "Bearer "+accessToken)
	}
	return call(ctx, method, s.URL+path, header, body, into)
}

// Register makes a user of that localpart, which must be new.
func (s *Synapse) Register(ctx context.Context, localpart string, o UserOptions) (*User, error) {
	const path = "/_synapse/admin/v1/register"
	var nonce struct {
		Nonce string `json:"nonce"`
	}
	if err := s.Call(ctx, "", "GET", path, nil, &nonce); err != nil {
		return nil, fmt.Errorf("register %s: %w", localpart, err)
	}
	role := "notadmin"
	if o.Admin {
		role = "admin"
	}
	password := orElse(o.Password, token(16))
	mac := hmac.New(sha1.New, []byte(s.SharedSecret))
	mac.Write([]byte(strings.Join([]string{nonce.Nonce, localpart, password, role}, "\x00")))
	user := &User{}
	err := s.Call(ctx, "", "POST", path, map[string]any{
		"nonce": nonce.Nonce, "username": localpart, "password": password, "admin": o.Admin,
		"mac": hex.EncodeToString(mac.Sum(nil)),
	}, user)
	if err != nil {
		return nil, fmt.Errorf("register %s: %w", localpart, err)
	}
	user.Password = password
	if o.NoName {
		if err := s.Call(ctx, user.AccessToken, "PUT", profilePath(user.UserID)+"/displayname", map[string]string{"displayname": ""}, nil); err != nil {
			return nil, fmt.Errorf("take away the name of %s: %w", localpart, err)
		}
	}
	if o.Unlimited {
		return user, s.unlimited(ctx, user)
	}
	return user, nil
}

// GiveKeys gives somebody's device keys for encryption, as a client does when it is first used. They fit nothing.
func (s *Synapse) GiveKeys(ctx context.Context, user *User) error {
	const key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	device := map[string]any{
		"user_id": user.UserID, "device_id": user.DeviceID, "algorithms": []string{"m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"},
		"keys":       map[string]string{"curve25519:" + user.DeviceID: key, "ed25519:" + user.DeviceID: key},
		"signatures": map[string]any{user.UserID: map[string]string{"ed25519:" + user.DeviceID: key + key}},
	}
	if err := s.Call(ctx, user.AccessToken, "POST", "/_matrix/client/v3/keys/upload", map[string]any{"device_keys": device}, nil); err != nil {
		return fmt.Errorf("upload keys of %s: %w", user.UserID, err)
	}
	return nil
}

func profilePath(userID string) string {
	return "/_matrix/client/v3/profile/" + url.PathEscape(userID)
}

// unlimited lifts the limits by the administrator's token, which for the first administrator is their own.
func (s *Synapse) unlimited(ctx context.Context, user *User) error {
	by := user
	if s.Admin != nil {
		by = s.Admin
	}
	path := "/_synapse/admin/v1/users/" + url.PathEscape(user.UserID) + "/override_ratelimit"
	none := map[string]int{"messages_per_second": 0, "burst_count": 0}
	if err := s.Call(ctx, by.AccessToken, "POST", path, none, nil); err != nil {
		return fmt.Errorf("lift the limits of %s: %w", user.UserID, err)
	}
	return nil
}

// Users registers n users at once, named prefix0001, prefix0002 and so on, in that order.
func (s *Synapse) Users(ctx context.Context, prefix string, n int) ([]*User, error) {
	users := make([]*User, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for i := range users {
		group.Go(func() error {
			user, err := s.Register(ctx, fmt.Sprintf("%s%04d", prefix, i+1), UserOptions{})
			users[i] = user
			return err
		})
	}
	return users, group.Wait()
}
