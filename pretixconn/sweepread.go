package pretixconn

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// provenFor is how long watermarks may stand still while orders are swept. Then the login is asked which events it sees.
const provenFor = 3 * time.Minute

// sweep makes those orders of an organizer's events due that have changed since the watermarks, by the fewest logins that together
// see the events. A login that turns out to be refused is left out, and others take over what they can.
func (c *Connector) sweep(ctx context.Context, key database.OrganizerKey, from floors, state *sweepState) error {
	left := slices.SortedFunc(maps.Keys(from), func(a, b database.EventKey) int { return strings.Compare(a.Event, b.Event) })
	for len(left) > 0 {
		clients, sees, err := c.eyes(ctx, left)
		if err != nil {
			return err
		}
		shares, unseen := cover(left, sees)
		if len(shares) == 0 {
			c.log.Debug("events not swept: no login sees them", append(organizerFields(key), zap.Int("events", len(unseen)))...)
			return nil
		}
		if left, err = c.sweepShares(ctx, key, shares, clients, from, state); err != nil {
			return err
		}
	}
	state.handed.prune(from)
	if err := c.store.Swept(ctx, key); err != nil {
		return fmt.Errorf("note that %s was swept: %w", key, err)
	}
	return nil
}

// eyes lists who can read the events.
func (c *Connector) eyes(ctx context.Context, events []database.EventKey) (map[string]*Client, map[string][]database.EventKey, error) {
	clients, sees := make(map[string]*Client), make(map[string][]database.EventKey)
	for _, event := range events {
		seeing, err := c.seeing(ctx, event)
		if err != nil {
			return nil, nil, err
		}
		for _, client := range seeing {
			clients[client.id()] = client
			sees[client.id()] = append(sees[client.id()], event)
		}
	}
	return clients, sees, nil
}
