package pretixconn

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/bridgev2"
	bridgedb "maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/networkid"

	"matrix-pretix/database"
)

// connect tries a token at Pretix and stores it as a login of this person. A token that this person has connected already revives
// that login. Other people's logins with the same token do not matter: each stands for itself, and nobody learns of another's.
func (c *Connector) connect(ctx context.Context, user *bridgev2.User, instance Instance, token string) (*bridgev2.UserLogin, error) {
	views, err := c.survey(ctx, instance, c.apiClient(instance, token))
	if err != nil {
		return nil, fmt.Errorf("try token at %s: %w", instance.Key, err)
	}
	if len(views) == 0 {
		return nil, ErrSeesNothing
	}
	c.connecting.Lock()
	defer c.connecting.Unlock()
	client := c.withToken(user, instance, token)
	if client == nil {
		if client, err = c.newLogin(ctx, user, instance, token); err != nil {
			return nil, err
		}
	}
	if err = c.establish(ctx, client, views); err != nil {
		return nil, err
	}
	c.log.Info("connected", zap.String("login", client.id()), zap.String("instance", instance.Key), zap.Int("organizers", len(views)))
	c.replaceDead(ctx, client)
	return client.login, nil
}

// withToken finds this person's login that has the token, dead or alive.
func (c *Connector) withToken(user *bridgev2.User, instance Instance, token string) *Client {
	for _, client := range c.clientsOf(user.MXID) {
		client.mu.Lock()
		same := !client.gone && client.instance.Key == instance.Key && subtle.ConstantTimeCompare([]byte(client.token), []byte(token)) == 1
		client.mu.Unlock()
		if same {
			return client
		}
	}
	return nil
}

func (c *Connector) newLogin(ctx context.Context, user *bridgev2.User, instance Instance, token string) (*Client, error) {
	// The framework gives a login to whoever has its ID first, and tells the next one who that is. Nobody can hit a random one.
	loginID := strings.ToLower(rand.Text())
	login, err := user.NewLogin(ctx, &bridgedb.UserLogin{
		ID:         networkid.UserLoginID(loginID),
		RemoteName: c.remoteName(instance, nil),
		Metadata:   &LoginMetadata{Instance: instance.Key, Token: c.keys.Seal(token, sealPurpose(loginID))},
	}, &bridgev2.NewLoginParams{DontReuseExisting: true})
	if err != nil {
		c.mu.Lock()
		delete(c.clients, loginID)
		c.mu.Unlock()
		return nil, fmt.Errorf("store login: %w", err)
	}
	return login.Client.(*Client), nil
}

// establish makes a login live with what Pretix has just shown it. A stop in between leaves a login that sees nothing, which the
// next look at Pretix mends.
func (c *Connector) establish(ctx context.Context, client *Client, views map[string]view) error {
	look := client.beginLook() // whatever else is being asked began with less knowledge
	client.mu.Lock()
	client.meta().DeadSince, client.meta().DeadReason = 0, ""
	client.meta().Connected = c.now().UnixMilli()
	client.meta().Organizers = nil // so that it is stored
	client.mu.Unlock()
	if err := c.keepViews(ctx, client, look, views); err != nil {
		return err
	}
	for organizer := range views {
		key := database.OrganizerKey{Instance: client.instance.Key, Organizer: organizer}
		c.sweeps.retry(key)
		c.webhooks.check(key)
	}
	return nil
}

// replaceDead removes this person's dead logins whose organizers the new one serves as well: they are what it replaces. One that
// cannot be removed now does no harm.
func (c *Connector) replaceDead(ctx context.Context, fresh *Client) {
	for _, old := range c.clientsOf(fresh.login.UserMXID) {
		if old == fresh || old.live() || old.instance.Key != fresh.instance.Key || !fresh.servesAll(old.summary().Organizers) {
			continue
		}
		if err := c.remove(ctx, old); err != nil {
			c.log.Error("dead login not removed", zap.String("login", old.id()), zap.Error(err))
		}
	}
}

func (cl *Client) servesAll(organizers []string) bool {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	served := slices.Collect(maps.Keys(cl.views))
	return !slices.ContainsFunc(organizers, func(organizer string) bool { return !slices.Contains(served, organizer) })
}
