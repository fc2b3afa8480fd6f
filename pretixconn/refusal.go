package pretixconn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// refused draws the conclusion from an error that a login got when it asked about events of one organizer, and tells whether another
// login may have better luck. 401 can be the end of the login, 403 of its sight of the events; whatever else is wrong would be wrong
// for each login. An error together with yes says that the login still sees one of the events as far as Pretix tells, so that nobody
// may conclude from its refusal that it does not. The time is from before it asked.
func (c *Connector) refused(
	ctx context.Context, client *Client, events []database.EventKey, asked time.Time, err error,
) (next bool, _ error) {
	switch {
	case errors.Is(err, api.ErrUnauthorized):
		err := c.confirmDeath(ctx, client)
		return err == nil, err
	case errors.Is(err, api.ErrForbidden):
		return c.forbidden(ctx, client, events, asked, err)
	default:
		return false, err
	}
}

// forbidden has a login look anew after it was refused.
func (c *Connector) forbidden(
	ctx context.Context, client *Client, events []database.EventKey, asked time.Time, cause error,
) (next bool, _ error) {
	if err := c.refresh(ctx, client, events[0].Organizer, asked); err != nil {
		if !client.live() {
			return true, nil
		}
		return false, err
	}
	seen, err := c.store.SeenBy(ctx, client.id())
	if err != nil {
		return false, err
	}
	if len(common(events, seen)) > 0 {
		return true, cause
	}
	for _, event := range events {
		c.log.Warn("login does not see event any more", append(event.Fields(), zap.String("login", client.id()))...)
	}
	return true, nil
}

// confirmDeath asks a second time whether Pretix accepts a login at all, and buries it if not. An error says that it is not known to
// be dead: whoever got the refusal has no answer then.
func (c *Connector) confirmDeath(ctx context.Context, client *Client) error {
	if !client.live() {
		return nil // somebody else has found out
	}
	_, err := client.asks.Organizers(ctx)
	switch {
	case errors.Is(err, api.ErrUnauthorized):
		c.died(ctx, client, DeadRefused)
		return nil
	case err == nil:
		return fmt.Errorf("login %s was refused and then accepted: %w", client.id(), api.ErrUnavailable)
	default:
		return fmt.Errorf("ask whether login %s is accepted: %w", client.id(), err)
	}
}

// died notes that a login is of no use any more, and tells it once.
func (c *Connector) died(ctx context.Context, client *Client, reason string) {
	if !client.bury(ctx, reason) {
		return
	}
	login, err := c.describe(ctx, client)
	if err != nil {
		c.log.Error("events of a dead login not read", zap.String("login", client.id()), zap.Error(err))
	}
	c.LoginDied(ctx, &login, reason)
}

// bury stores that the login is dead and tells whether that is news.
func (cl *Client) bury(ctx context.Context, reason string) bool {
	cl.mu.Lock()
	defer cl.mu.Unlock()
	meta := cl.meta()
	if cl.gone || meta.DeadSince != 0 {
		return false
	}
	meta.DeadSince, meta.DeadReason = cl.conn.now().UnixMilli(), reason
	cl.conn.log.Warn("login found dead", zap.String("login", cl.id()), zap.String("instance", meta.Instance), zap.String("reason", reason))
	if err := cl.login.Save(context.WithoutCancel(ctx)); err != nil {
		cl.conn.log.Error("dead login not stored", zap.String("login", cl.id()), zap.Error(err))
	}
	return true
}

// tellUnreadable buries the logins whose credential cannot be opened, because the key is lost under which it was sealed. Should that
// be found again, they are tried like refused ones.
func (c *Connector) tellUnreadable(ctx context.Context) {
	for _, client := range c.pick((*Client).unreadable) {
		c.died(ctx, client, DeadUnreadable)
	}
}

// revive tries a login that was found dead. What comes back, such as a team's token after a restored backup, serves again without
// anybody's doing; that Pretix still refuses it is nothing new.
func (c *Connector) revive(ctx context.Context, client *Client) error {
	views, err := c.survey(ctx, client.instance, client.asks)
	if errors.Is(err, api.ErrUnauthorized) || err == nil && len(views) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.establish(ctx, client, views); err != nil {
		return err
	}
	c.log.Info("refused login is accepted again", zap.String("login", client.id()), zap.String("instance", client.instance.Key))
	return nil
}
