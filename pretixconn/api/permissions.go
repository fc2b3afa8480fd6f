package api

import (
	"context"
	"errors"
	"net/url"
)

// What a token needs, by Pretix's own names.
const (
	PermissionOrders   = "event.orders:read"                // to read orders: without it there is nothing to do
	PermissionWebhooks = "organizer.settings.general:write" // to register our webhook; without it somebody enters it by hand
)

// MayReadOrders finds out whether the token has [PermissionOrders] in an event, by asking for its orders, which changes nothing.
func (c *Client) MayReadOrders(ctx context.Context, organizer, event string) (bool, error) {
	return c.mayList(ctx, "try orders", eventPath(organizer, event, "orders"))
}

// MayChangeWebhooks finds out whether the token has [PermissionWebhooks], by asking for the webhooks, which changes nothing.
func (c *Client) MayChangeWebhooks(ctx context.Context, organizer string) (bool, error) {
	return c.mayList(ctx, "try webhooks", []string{"organizers", organizer, "webhooks"})
}

func (c *Client) mayList(ctx context.Context, op string, path []string) (bool, error) {
	query := url.Values{"page_size": {"1"}, "include": {"code"}, "exclude": unwantedParts}
	_, err := c.do(ctx, request{op: op, path: path, query: query})
	if errors.Is(err, ErrForbidden) {
		return false, nil
	}
	return err == nil, err
}
