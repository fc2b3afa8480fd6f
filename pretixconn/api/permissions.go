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

// Permissions is what a token may do, as far as it matters here.
type Permissions struct {
	Orders, Webhooks bool
}

// Lacks names the permissions that are missing.
func (p Permissions) Lacks() []string {
	var lacks []string
	if !p.Orders {
		lacks = append(lacks, PermissionOrders)
	}
	if !p.Webhooks {
		lacks = append(lacks, PermissionWebhooks)
	}
	return lacks
}

// Permissions finds out by asking for the lists that take them, which changes nothing. Orders are asked for in the event named:
// a team's token may do the same in each event that it sees. Without an event it is left at no.
func (c *Client) Permissions(ctx context.Context, organizer, event string) (Permissions, error) {
	webhooks, err := c.mayList(ctx, "try webhooks", []string{"organizers", organizer, "webhooks"})
	if err != nil || event == "" {
		return Permissions{Webhooks: webhooks}, err
	}
	orders, err := c.mayList(ctx, "try orders", eventPath(organizer, event, "orders"))
	return Permissions{Orders: orders, Webhooks: webhooks}, err
}

func (c *Client) mayList(ctx context.Context, op string, path []string) (bool, error) {
	query := url.Values{"page_size": {"1"}, "include": {"code"}, "exclude": unwantedParts}
	_, err := c.do(ctx, request{op: op, path: path, query: query})
	if errors.Is(err, ErrForbidden) {
		return false, nil
	}
	return err == nil, err
}
