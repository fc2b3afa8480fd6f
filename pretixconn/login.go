package pretixconn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

var (
	// ErrNoLogin says that no live login sees the event: nobody vouches for it now.
	ErrNoLogin = errors.New("no live login sees the event")
	// ErrUnknownLogin says that the person has no login of that ID. Other people's logins are unknown to them too.
	ErrUnknownLogin = errors.New("no such login")
)

// Login is one person's connection to a Pretix account, as it may be shown to that person.
type Login struct {
	ID         string
	Owner      id.UserID
	Instance   string
	Name       string // for people: host of the instance and organizers
	Live       bool
	DeadReason string // why it is not live
	Organizers []string
	Events     []database.EventKey // whose orders it can read
	Lacks      []string            // permissions that Pretix does not grant it
	Connected  time.Time           // when its owner last gave us the credential; zero: before that was kept
}

// Why a login is not live. The first two are stored, when the owner is told; the others follow from the config.
const (
	DeadRefused    = "refused"    // Pretix has answered that the credential is worth nothing
	DeadUnreadable = "unreadable" // the stored credential cannot be opened: its key is lost
	DeadNoInstance = "instance"   // its instance no longer stands in the config
)

// LoginMetadata is what is stored with a login.
type LoginMetadata struct {
	Instance   string   `json:"instance"`
	Token      string   `json:"token"` // sealed for this login alone
	Organizers []string `json:"organizers"`
	Lacks      []string `json:"lacks,omitempty"`
	Connected  int64    `json:"connected,omitempty"`  // unix milliseconds
	DeadSince  int64    `json:"dead_since,omitempty"` // unix milliseconds
	DeadReason string   `json:"dead_reason,omitempty"`
}

// sealPurpose binds a sealed token to its login: moved to another row it does not open.
func sealPurpose(loginID string) string { return "login:" + loginID }

// remoteName says for people what a login connects to.
func (c *Connector) remoteName(instance Instance, organizers []string) string {
	name := instance.Title(c.cfg.Instances)
	if len(organizers) == 0 {
		return name
	}
	return name + ": " + strings.Join(organizers, ", ")
}

// LoginsOf lists what a person has connected, the dead ones too.
func (c *Connector) LoginsOf(ctx context.Context, owner id.UserID) ([]Login, error) {
	var logins []Login
	for _, client := range c.clientsOf(owner) {
		login, err := c.describe(ctx, client)
		if err != nil {
			return nil, err
		}
		logins = append(logins, login)
	}
	return logins, nil
}

// OwnersSeeing lists whose live logins see an event, each person once, in a fixed order.
func (c *Connector) OwnersSeeing(ctx context.Context, event database.EventKey) ([]id.UserID, error) {
	clients, err := c.seeing(ctx, event)
	if err != nil {
		return nil, err
	}
	var owners []id.UserID
	for _, client := range clients {
		if !slices.Contains(owners, client.login.UserMXID) {
			owners = append(owners, client.login.UserMXID)
		}
	}
	return owners, nil
}

// describe says what its owner may know of a login.
func (c *Connector) describe(ctx context.Context, client *Client) (Login, error) {
	login := client.summary()
	events, err := c.store.SeenBy(ctx, login.ID)
	login.Events = events
	return login, err
}

// LoggedOut says what a logout leaves behind.
type LoggedOut struct {
	Login    Login
	Given    []database.EventKey     // events known here for which the person does not vouch any more
	Unserved []database.EventKey     // those of them that no live login sees any more: nothing for this person, who would learn of others' logins
	Webhooks []database.OrganizerKey // whose webhook somebody has to delete by hand in Pretix
}

// Logout forgets a login of this person for good, credential included. Where it was the last that could, it disables the
// organizer's webhook first, since nobody could do so afterwards.
func (c *Connector) Logout(ctx context.Context, owner id.UserID, loginID string) (LoggedOut, error) {
	client := c.client(loginID)
	if client == nil || client.login.UserMXID != owner {
		return LoggedOut{}, ErrUnknownLogin
	}
	login, err := c.describe(ctx, client)
	if err != nil {
		return LoggedOut{}, err
	}
	left := LoggedOut{Login: login}
	if left.Webhooks, err = c.dropWebhooksWith(ctx, client, time.Now().Add(farewellTimeout)); err != nil {
		return LoggedOut{}, err
	}
	if err = c.remove(ctx, client); err != nil {
		return LoggedOut{}, err
	}
	c.log.Info("logged out", zap.String("login", loginID), zap.String("instance", login.Instance))
	left.Given, left.Unserved, err = c.givenUp(ctx, owner, login.Events)
	return left, err
}

// remove deletes a login. Whoever is asking Pretix with it meanwhile is not waited for: what they see is not written down any more.
func (c *Connector) remove(ctx context.Context, client *Client) error {
	if !client.leave() {
		return ErrUnknownLogin
	}
	if err := c.erase(ctx, client); err != nil {
		client.stay()
		return err
	}
	client.login.Logout(ctx)
	return nil
}

// erase deletes a login's rows: sight first, so that a stop in between leaves a login that sees nothing rather than sight of nobody.
func (c *Connector) erase(ctx context.Context, client *Client) error {
	client.keeping.Lock()
	defer client.keeping.Unlock()
	if err := c.store.ForgetLogin(ctx, client.id()); err != nil {
		return err
	}
	// The framework only logs when it cannot delete the row; a credential must not stay behind unnoticed.
	if err := c.bridge.DB.UserLogin.Delete(ctx, client.login.ID); err != nil {
		return fmt.Errorf("delete login %s: %w", client.id(), err)
	}
	return nil
}

// givenUp lists those of the events that are known here and that no live login of the owner sees, and of them those that nobody's sees.
func (c *Connector) givenUp(ctx context.Context, owner id.UserID, events []database.EventKey) (given, unserved []database.EventKey, _ error) {
	for _, event := range events {
		if _, err := c.store.Event(ctx, event); errors.Is(err, database.ErrNotFound) {
			continue
		} else if err != nil {
			return nil, nil, err
		}
		clients, err := c.seeing(ctx, event)
		if err != nil {
			return nil, nil, err
		}
		if !slices.ContainsFunc(clients, func(client *Client) bool { return client.login.UserMXID == owner }) {
			given = append(given, event)
		}
		if len(clients) == 0 {
			unserved = append(unserved, event)
		}
	}
	return given, unserved, nil
}

// client gives a login by its ID, or nil.
func (c *Connector) client(loginID string) *Client {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.clients[loginID]
}

// clientsOf lists a person's logins, in a fixed order.
func (c *Connector) clientsOf(owner id.UserID) []*Client {
	return c.pick(func(client *Client) bool { return client.login.UserMXID == owner })
}

// clientsAt lists the live logins that an organizer has granted something.
func (c *Connector) clientsAt(key database.OrganizerKey) []*Client {
	return c.pick(func(client *Client) bool { return client.live() && client.sees(key) })
}

func (c *Connector) pick(wanted func(*Client) bool) []*Client {
	c.mu.Lock()
	all := make([]*Client, 0, len(c.clients))
	for _, client := range c.clients {
		all = append(all, client)
	}
	c.mu.Unlock()
	picked := slices.DeleteFunc(all, func(client *Client) bool { return !wanted(client) })
	slices.SortFunc(picked, func(a, b *Client) int { return strings.Compare(string(a.login.ID), string(b.login.ID)) })
	return picked
}
