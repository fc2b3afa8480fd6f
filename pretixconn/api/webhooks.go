package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
)

// orderActions are the changes of an order that Pretix can tell of, with its wildcard where it has one.
var orderActions = []string{
	"pretix.event.order.placed",
	"pretix.event.order.placed.require_approval",
	"pretix.event.order.paid",
	"pretix.event.order.canceled",
	"pretix.event.order.reactivated",
	"pretix.event.order.expired",
	"pretix.event.order.expirychanged",
	"pretix.event.order.modified",
	"pretix.event.order.changed.*",
	"pretix.event.order.refund.done",
	"pretix.event.order.payment.confirmed",
	"pretix.event.order.approved",
	"pretix.event.order.denied",
	"pretix.event.order.deleted",
}

// oldOrderActions are those of them that an instance of many years knows too: it refuses a list that holds any it does not know.
var oldOrderActions = []string{
	"pretix.event.order.placed",
	"pretix.event.order.paid",
	"pretix.event.order.canceled",
	"pretix.event.order.expired",
	"pretix.event.order.modified",
	"pretix.event.order.changed.*",
}

// Webhooks lists the organizer's webhooks, disabled ones included. This and all that changes them takes the permission
// [PermissionWebhooks].
func (c *Client) Webhooks(ctx context.Context, organizer string) ([]Webhook, error) {
	return listAll[Webhook](ctx, c, "list webhooks", []string{"organizers", organizer, "webhooks"}, nil)
}

// CreateWebhook has Pretix tell the target of every change of an order in any of the organizer's events.
func (c *Client) CreateWebhook(ctx context.Context, organizer, target, comment string) (Webhook, error) {
	created, err := c.createWebhook(ctx, organizer, target, comment, orderActions)
	if errors.Is(err, ErrRefused) {
		created, err = c.createWebhook(ctx, organizer, target, comment, oldOrderActions)
	}
	return created, err
}

func (c *Client) createWebhook(ctx context.Context, organizer, target, comment string, actions []string) (Webhook, error) {
	wanted := Webhook{
		Enabled: true, TargetURL: target, AllEvents: true, LimitEvents: []string{}, ActionTypes: actions, Comment: comment,
	}
	var created Webhook
	_, err := c.do(ctx, request{
		op: "create webhook", method: http.MethodPost, path: []string{"organizers", organizer, "webhooks"},
		body: wanted, into: &created,
	})
	return created, err
}

// UpdateWebhook gives the webhook another target and enables it. What it listens to stays.
func (c *Client) UpdateWebhook(ctx context.Context, organizer string, webhook int64, target string) (Webhook, error) {
	change := map[string]any{"enabled": true, "target_url": target}
	return c.patchWebhook(ctx, "update webhook", organizer, webhook, change)
}

// DisableWebhook has Pretix stop using it; it cannot be deleted. One that does not exist is [ErrNotFound].
func (c *Client) DisableWebhook(ctx context.Context, organizer string, webhook int64) error {
	_, err := c.patchWebhook(ctx, "disable webhook", organizer, webhook, map[string]any{"enabled": false})
	return err
}

func (c *Client) patchWebhook(
	ctx context.Context, op, organizer string, webhook int64, change map[string]any,
) (Webhook, error) {
	var changed Webhook
	_, err := c.do(ctx, request{
		op: op, method: http.MethodPatch, body: change, into: &changed,
		path: []string{"organizers", organizer, "webhooks", strconv.FormatInt(webhook, 10)},
	})
	return changed, err
}
