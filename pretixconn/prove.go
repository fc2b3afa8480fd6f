package pretixconn

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// Prove has a person's live logins look anew whether they see an event, unless they have within the last minute, so that
// [Connector.LoginsOf] tells what holds now: a right that was taken away in Pretix a moment ago proves nothing any more. An error says that a login which
// was known to see the event got no answer, and no other one has shown that it does.
func (c *Connector) Prove(ctx context.Context, owner id.UserID, event database.EventKey) error {
	asking, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	since := c.now().Add(-resolvedFor)
	var unproven error
	for _, client := range c.clientsOf(owner) {
		if !client.live() || !client.sees(event.OrganizerKey()) {
			continue
		}
		unanswered := c.refresh(asking, client, event.Organizer, since)
		seen, err := c.store.SeenBy(ctx, client.id())
		if err != nil {
			return err
		}
		switch sees := client.live() && slices.Contains(seen, event); {
		case sees && unanswered == nil:
			return nil
		case sees:
			unproven = unanswered
		}
	}
	if errors.Is(unproven, context.DeadlineExceeded) && ctx.Err() == nil {
		unproven = api.ErrUnavailable // it is Pretix that took too long, and not who asked
	}
	if unproven != nil {
		return fmt.Errorf("prove that somebody sees %s: %w", event, unproven)
	}
	return nil
}
