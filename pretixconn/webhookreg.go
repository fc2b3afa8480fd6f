package pretixconn

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// WebhookState is how an organizer's webhook stands.
type WebhookState int

const (
	// WebhookNone says that Pretix cannot reach us, since we have no public address: sweeps alone do the work.
	WebhookNone WebhookState = iota
	// WebhookRegistered says that Pretix will tell us.
	WebhookRegistered
	// WebhookManual says that no login may register it: somebody has to enter the target in Pretix by hand.
	WebhookManual
)

// WebhookReport says how an organizer's webhook stands and, where somebody has to enter it by hand, its target, which holds the secret:
// it must not be shown in a room that tickets open. It belongs there with "all events" and everything that happens to orders ticked.
type WebhookReport struct {
	State  WebhookState
	Target string // with WebhookManual
}

const (
	webhookComment  = "Matrix invitations"
	farewellTimeout = 15 * time.Second // to disable webhooks; Pretix being away must not keep anybody from leaving
)

// listensTo are the actions without which a webhook entered by hand would miss what matters.
var listensTo = []string{"pretix.event.order.placed", "pretix.event.order.paid", "pretix.event.order.modified"}

// EnsureWebhook has Pretix tell us what happens at an organizer: by any live login that may, with the webhook that is there already
// if there is one, however often it is called.
func (c *Connector) EnsureWebhook(ctx context.Context, organizer database.OrganizerKey) (WebhookReport, error) {
	if c.cfg.PublicAddress == "" {
		return WebhookReport{State: WebhookNone}, nil
	}
	unlock, err := c.webhooks.lock(ctx, organizer)
	if err != nil {
		return WebhookReport{}, err
	}
	defer unlock()
	target, err := c.webhookTarget(ctx, organizer)
	if err != nil {
		return WebhookReport{}, err
	}
	known, err := c.store.Organizer(ctx, organizer)
	if err != nil {
		return WebhookReport{}, err
	}
	for _, client := range c.clientsAt(organizer) {
		webhook, err := registerWebhook(ctx, client.at(organizer), organizer.Organizer, target, known.WebhookID)
		if err == nil {
			return WebhookReport{State: WebhookRegistered}, c.store.SetWebhook(ctx, organizer, webhook)
		}
		if err = c.mayNot(ctx, client, err); err != nil {
			return WebhookReport{}, err
		}
	}
	return WebhookReport{State: WebhookManual, Target: target}, nil
}

// DropWebhook has Pretix stop telling us about an organizer. It says manual where somebody has to see to that in Pretix.
func (c *Connector) DropWebhook(ctx context.Context, organizer database.OrganizerKey) (manual bool, err error) {
	return c.dropWebhook(ctx, organizer, c.clientsAt(organizer), time.Now().Add(farewellTimeout))
}

// dropWebhooksWith drops the webhooks of the organizers that no other login serves than the one that is about to go. The
// deadline is for all of them together.
func (c *Connector) dropWebhooksWith(
	ctx context.Context, leaving *Client, deadline time.Time,
) ([]database.OrganizerKey, error) {
	var byHand []database.OrganizerKey
	for _, slug := range leaving.summary().Organizers {
		organizer := database.OrganizerKey{Instance: leaving.instance.Key, Organizer: slug}
		others := slices.DeleteFunc(c.clientsAt(organizer), func(client *Client) bool { return client == leaving })
		if len(others) > 0 {
			continue
		}
		var able []*Client
		if leaving.live() {
			able = []*Client{leaving}
		}
		manual, err := c.dropWebhook(ctx, organizer, able, deadline)
		if err != nil {
			return nil, err
		}
		if manual {
			byHand = append(byHand, organizer)
		}
	}
	return byHand, nil
}

// dropWebhook asks Pretix until the deadline. It bounds the requests alone: what is to be done here is done even when Pretix hangs.
func (c *Connector) dropWebhook(
	ctx context.Context, key database.OrganizerKey, clients []*Client, deadline time.Time,
) (manual bool, err error) {
	organizer, err := c.store.Organizer(ctx, key)
	if errors.Is(err, database.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if organizer.WebhookID == 0 && organizer.HeardAt.IsZero() {
		return false, nil // nobody has ever entered it
	}
	target, err := c.webhookTarget(ctx, key)
	if err != nil {
		return false, err
	}
	asking, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	unlock, err := c.webhooks.lock(asking, key)
	if err != nil {
		return true, ctx.Err()
	}
	defer unlock()
	for _, client := range clients {
		err := disableWebhooks(asking, client.at(key), key.Organizer, target)
		if err == nil {
			return false, c.store.SetWebhook(ctx, key, 0)
		}
		if err = c.mayNot(asking, client, err); err != nil {
			c.log.Warn("webhook not disabled", append(key.Fields(), zap.Error(err))...)
			return true, nil
		}
	}
	return true, nil
}

// mayNot passes over an error that says that this login may not; another one perhaps may.
func (c *Connector) mayNot(ctx context.Context, client *Client, err error) error {
	switch {
	case errors.Is(err, api.ErrUnauthorized):
		return c.confirmDeath(ctx, client)
	case errors.Is(err, api.ErrForbidden), errors.Is(err, api.ErrRefused):
		return nil
	}
	return err
}

// webhookTarget is the address that Pretix has to call for an organizer.
func (c *Connector) webhookTarget(ctx context.Context, organizer database.OrganizerKey) (string, error) {
	if _, err := c.store.EnsureOrganizer(ctx, organizer); err != nil {
		return "", err
	}
	secret, err := c.store.Secret(ctx, organizer)
	if errors.Is(err, database.ErrUnsealable) {
		c.log.Warn("secret of a webhook cannot be opened and is made anew", organizer.Fields()...)
		secret, err = c.store.RenewSecret(ctx, organizer)
	}
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(c.cfg.PublicAddress, "/") + WebhookPath + secret, nil
}

// registerWebhook makes Pretix call the target and gives the webhook's ID. The known one is that of the last time, which has another
// secret in its address when that was lost here.
func registerWebhook(ctx context.Context, asks *api.Client, organizer, target string, known int64) (int64, error) {
	webhooks, err := asks.Webhooks(ctx, organizer)
	if err != nil {
		return 0, err
	}
	ours, found := usableWebhook(webhooks, target)
	if !found {
		ours, found = outdatedWebhook(webhooks, known)
	}
	switch {
	case !found:
		ours, err = asks.CreateWebhook(ctx, organizer, target, webhookComment)
	case !ours.Enabled || ours.TargetURL != target:
		ours, err = asks.UpdateWebhook(ctx, organizer, ours.ID, target)
	}
	return ours.ID, err
}

// disableWebhooks makes Pretix not call the target any more.
func disableWebhooks(ctx context.Context, asks *api.Client, organizer, target string) error {
	webhooks, err := asks.Webhooks(ctx, organizer)
	if err != nil {
		return err
	}
	for _, webhook := range webhooks {
		if !webhook.Enabled || !sameTarget(webhook.TargetURL, target) {
			continue
		}
		if err = asks.DisableWebhook(ctx, organizer, webhook.ID); err != nil {
			return err
		}
	}
	return nil
}

// usableWebhook finds our webhook among an organizer's, one that is at work rather than a disabled one, and at this address rather
// than at a former one. One that somebody has entered to listen to less than we need is not ours to widen: another is added to it.
func usableWebhook(webhooks []api.Webhook, target string) (api.Webhook, bool) {
	best, rank := api.Webhook{}, 0
	for _, webhook := range webhooks {
		if !sameTarget(webhook.TargetURL, target) || !webhook.AllEvents || !listens(webhook.ActionTypes) {
			continue
		}
		mine := 1
		if webhook.TargetURL == target {
			mine += 2
		}
		if webhook.Enabled {
			mine++
		}
		if mine > rank {
			best, rank = webhook, mine
		}
	}
	return best, rank > 0
}

// outdatedWebhook finds the webhook that was ours, unless somebody has made something else of it since.
func outdatedWebhook(webhooks []api.Webhook, known int64) (api.Webhook, bool) {
	for _, webhook := range webhooks {
		if webhook.ID == known && strings.Contains(webhook.TargetURL, WebhookPath) && webhook.AllEvents && listens(webhook.ActionTypes) {
			return webhook, true
		}
	}
	return api.Webhook{}, false
}

func listens(actions []string) bool {
	return !slices.ContainsFunc(listensTo, func(action string) bool { return !slices.Contains(actions, action) })
}

// sameTarget tells whether an address is the target, also from the time when our public address was another one: the secret in it
// is ours alone.
func sameTarget(address, target string) bool {
	_, secret, ok := strings.Cut(target, WebhookPath)
	return ok && strings.HasSuffix(strings.TrimSuffix(address, "/"), WebhookPath+secret)
}
