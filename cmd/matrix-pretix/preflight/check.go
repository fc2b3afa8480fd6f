package preflight

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"go.uber.org/zap"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// ghostName is registered to see whether the event bots' namespace is ours. An event's bot has underscores in its name, between
// instance, organizer and event, so this one is none, for ever.
const ghostName = "preflight"

// Listener knows which pings arrived.
type Listener interface {
	ExpectPing(transaction string) <-chan struct{}
	ForgetPing(transaction string)
}

// Refused is an answer with which the program cannot work. Its text is a sentence with the remedy.
type Refused struct {
	Step Step
	Text string
}

func (r *Refused) Error() string { return r.Text }

// Check goes through all steps. While the homeserver is away it waits, as long as ctx lets it, and logs what it waits for. A
// registration that cannot work is a [*Refused].
func Check(ctx context.Context, c *config.Config, l Listener, log *zap.Logger) error {
	return newCheck(c, l, log).run(ctx)
}

// check is one run of the steps.
type check struct {
	facts    Facts
	config   *config.Config
	asker    *asker
	listener Listener
	log      *zap.Logger
	// brief is how long what the homeserver meets at our address may take to become us: proxies and orchestrators are slow to
	// notice that we are ready.
	brief     time.Duration
	pingLimit time.Duration
	// remind is how often it is said again what is waited for: the line that said it first may be far up in the log by now.
	remind time.Duration
	pause  func(try int) time.Duration
}

func newCheck(c *config.Config, l Listener, log *zap.Logger) *check {
	return &check{
		config: c, listener: l, log: log, asker: newAsker(c.Homeserver.Address, c.AppService.ASToken),
		facts: Facts{
			Homeserver: c.Homeserver.Address, Domain: c.Homeserver.Domain, Address: c.AppService.Address, ID: c.AppService.ID,
			Bot: string(c.BotID()), Ghost: string(c.GhostID(ghostName)),
			File: readFile(c),
		},
		brief: 30 * time.Second, pingLimit: pingTimeout, remind: 5 * time.Minute,
		pause: Pause,
	}
}

// Pause is how long to wait before a homeserver that did not answer is asked once more.
func Pause(try int) time.Duration { return min(10*time.Second, time.Second<<min(try, 4)) }

// readFile compares the registration's file with the config. It often is not on this machine.
func readFile(c *config.Config) File {
	if c.RegistrationFile == "" {
		return File{}
	}
	r, err := config.ReadRegistration(c.RegistrationFile)
	if err != nil {
		return File{}
	}
	return File{Path: c.RegistrationFile, Same: r.ASToken == c.AppService.ASToken, URL: r.URL}
}

func (c *check) run(ctx context.Context) error {
	for step := Token; step <= Ping; step++ {
		if err := c.pass(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// pass asks until a step is passed or cannot be.
func (c *check) pass(ctx context.Context, step Step) error {
	began, said, saidAt := time.Now(), "", time.Time{}
	for try := 0; ; try++ {
		answer := c.ask(ctx, step)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("ask the homeserver about the %s: %w", step, err)
		}
		verdict := Judge(step, answer, c.facts)
		switch {
		case verdict.OK && verdict.Text != "":
			c.log.Warn("homeserver agrees, but", zap.Stringer("step", step), zap.String("reason", verdict.Text))
			return nil
		case verdict.OK:
			c.log.Debug("homeserver agrees", zap.Stringer("step", step))
			return nil
		case !verdict.Again, !verdict.Patient && time.Since(began) >= c.brief:
			return &Refused{Step: step, Text: verdict.Text}
		case verdict.Text != said || time.Since(saidAt) >= c.remind:
			c.log.Warn("waiting for the homeserver", zap.Stringer("step", step), zap.String("reason", verdict.Text))
			said, saidAt = verdict.Text, time.Now()
		}
		select {
		case <-ctx.Done():
		case <-time.After(c.pause(try)):
		}
	}
}

func (c *check) ask(ctx context.Context, step Step) Answer {
	const whoami = "/_matrix/client/v3/account/whoami"
	a, token := c.asker, c.asker.token
	switch step {
	case Token:
		answer := a.ask(ctx, questionTimeout, token, http.MethodGet, whoami, "")
		if answer.Errcode == "M_UNKNOWN_TOKEN" {
			c.facts.Reserved = c.reserved(ctx)
		}
		return answer
	case Act:
		return a.ask(ctx, questionTimeout, token, http.MethodGet, whoami+"?user_id="+url.QueryEscape(c.facts.Bot), "")
	case Bot:
		return c.register(ctx, string(c.config.BotID().Localpart()))
	case Ghost:
		return c.register(ctx, string(c.config.GhostID(ghostName).Localpart()))
	default:
		return c.ping(ctx)
	}
}

// register makes a user, without a session: there is no use for one, and where an authentication service stands beside the
// homeserver it is not allowed.
func (c *check) register(ctx context.Context, localpart string) Answer {
	body, _ := json.Marshal(map[string]any{"type": "m.login.application_service", "username": localpart, "inhibit_login": true})
	return c.asker.ask(ctx, questionTimeout, c.asker.token, http.MethodPost, "/_matrix/client/v3/register", string(body))
}

// reserved asks, as a stranger would, whether the bot's name may be registered. Most homeservers let no stranger register, and
// do not say.
func (c *check) reserved(ctx context.Context) Reserved {
	path := "/_matrix/client/v3/register/available?username=" + url.QueryEscape(string(c.config.BotID().Localpart()))
	switch answer := c.asker.ask(ctx, questionTimeout, "", http.MethodGet, path, ""); {
	case answer.Errcode == "M_EXCLUSIVE":
		return Kept
	case answer.Kind == Replied && (answer.Status == http.StatusOK || answer.Errcode == "M_USER_IN_USE"):
		return Free
	default:
		return Unknown
	}
}

func (c *check) ping(ctx context.Context) Answer {
	transaction := "preflight-" + rand.Text()
	arrived := c.listener.ExpectPing(transaction)
	defer c.listener.ForgetPing(transaction)
	body, _ := json.Marshal(map[string]string{"transaction_id": transaction})
	path := "/_matrix/client/v1/appservice/" + url.PathEscape(c.facts.ID) + "/ping"
	answer := c.asker.ask(ctx, c.pingLimit, c.asker.token, http.MethodPost, path, string(body))
	select {
	case <-arrived:
		answer.Arrived = true
	default:
	}
	return answer
}
