package bridge

import (
	"context"
	"errors"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/bridgev2"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// authorize begins to connect a Pretix account, always in a talk of two: a token typed among others is not one any more.
func (b *Bridge) authorize(ctx context.Context, c *call) {
	if _, ok := c.may(ctx, authority.Authorize, database.EventKey{}, ""); !ok {
		return
	}
	b.burning.Watch(asked{Room: c.room, User: c.sender}, c.direct)
	token, before := "", ""
	if c.direct {
		token = typed.Token(c.args)
	}
	if token != "" {
		before = b.redactSecret(ctx, c)
	}
	b.connect(ctx, c, token, before)
}

// connecting is an account on the way to being connected.
type connecting struct {
	process bridgev2.LoginProcess
	step    *bridgev2.LoginStep // what is asked for now
	token   string              // came before it was asked for, and waits
}

// connect begins a login, with a token if one is there already. before is what there is to say first.
func (b *Bridge) connect(ctx context.Context, c *call, token, before string) {
	user, err := b.framework.GetUserByMXID(ctx, c.sender)
	if err != nil {
		c.failed(ctx, "load user", err)
		return
	}
	process, err := b.pretix.CreateLogin(ctx, user, pretixconn.FlowToken)
	if err != nil {
		c.failed(ctx, "begin login", err)
		return
	}
	step, err := process.Start(ctx)
	if err != nil {
		c.failed(ctx, "begin login", err)
		return
	}
	b.nextStep(ctx, c, connecting{process: process, step: step, token: token}, before)
}

// nextStep goes on with the token that waits, if it is its turn, and else asks for what the login needs.
func (b *Bridge) nextStep(ctx context.Context, c *call, login connecting, before string) {
	if login.step.StepID == pretixconn.StepToken && login.token != "" {
		token := login.token
		login.token = ""
		b.submit(ctx, c, login, token, before)
		return
	}
	where := authority.Answer{Kind: authority.InDirect}
	if c.direct {
		where = c.here()
	}
	if login.token != "" {
		before += replies.TokenWaits
	}
	c.ask(ctx, where, before+replies.LoginStep(login.step, b.pretix.Instances()), question{
		login:  true,
		answer: func(ctx context.Context, c *call, text string) { b.takeStep(ctx, c, login, text) },
	})
}

// takeStep takes an answer of the person. It was asked for in private; should somebody have come in since, a token is not used. One that is typed
// where the server is asked for waits for its turn.
func (b *Bridge) takeStep(ctx context.Context, c *call, login connecting, text string) {
	asked, token := login.step.StepID == pretixconn.StepToken, pretixconn.FindToken(text)
	if asked && token == "" && pretixconn.MayBeToken(text) {
		token = text // a part of one, perhaps
	}
	before := ""
	if token != "" {
		if !b.alone(ctx, c.here().Room, c.sender) {
			b.burnt(ctx, c)
			return
		}
		before, text = b.redactSecret(ctx, c), token
	}
	if token != "" && !asked {
		login.token = token
		b.nextStep(ctx, c, login, before)
		return
	}
	b.submit(ctx, c, login, text, before)
}

// submit hands an answer to the login and goes on with what comes next.
func (b *Bridge) submit(ctx context.Context, c *call, login connecting, text, before string) {
	input, ok := login.process.(bridgev2.LoginProcessUserInput)
	if !ok || login.step.UserInputParams == nil || len(login.step.UserInputParams.Fields) == 0 {
		c.failed(ctx, "answer login step", errors.ErrUnsupported)
		return
	}
	field := login.step.UserInputParams.Fields[0]
	next, err := input.SubmitUserInput(ctx, map[string]string{field.ID: typed.Numbered(text, field.Options)})
	switch {
	case err != nil && ctx.Err() != nil:
		return
	case err != nil:
		b.log.Info("login step refused", zap.String("step", login.step.StepID), zap.Error(err))
		b.nextStep(ctx, c, login, before+replies.LoginRefused(err))
	case next.Type == bridgev2.LoginStepTypeComplete:
		b.connected(ctx, c, string(next.CompleteParams.UserLoginID), before)
	default:
		login.step = next
		b.nextStep(ctx, c, login, before)
	}
}

// connected says what a new login sees, and lets what waited for one go on.
func (b *Bridge) connected(ctx context.Context, c *call, loginID, before string) {
	b.burning.End(c.sender)
	logins, err := b.pretix.LoginsOf(ctx, c.sender)
	if err != nil {
		c.failed(ctx, "list logins", err)
		return
	}
	for _, login := range logins {
		if login.ID != loginID {
			continue
		}
		c.tell(ctx, c.here(), before+replies.Connected(login))
		for _, key := range login.Events {
			if err := b.inviter.Resume(ctx, key); err != nil {
				b.log.Error("waiting orders not resumed", zap.Stringer("event", key), zap.Error(err))
			}
		}
	}
}

// logins lists one's own connections.
func (b *Bridge) logins(ctx context.Context, c *call) {
	decision, ok := c.may(ctx, authority.Logins, database.EventKey{}, "")
	if !ok {
		return
	}
	logins, err := b.pretix.LoginsOf(ctx, c.sender)
	if err != nil {
		c.failed(ctx, "list logins", err)
		return
	}
	c.tell(ctx, decision.Answer, replies.Logins(logins))
}

// logout forgets one of one's own connections, the only one or the one with the number of the list.
func (b *Bridge) logout(ctx context.Context, c *call) {
	decision, ok := c.may(ctx, authority.Logins, database.EventKey{}, "")
	if !ok {
		return
	}
	logins, err := b.pretix.LoginsOf(ctx, c.sender)
	if err != nil {
		c.failed(ctx, "list logins", err)
		return
	}
	loginID, ok := typed.Login(logins, c.args)
	if !ok {
		c.tell(ctx, decision.Answer, replies.WhichLogin(logins))
		return
	}
	if decision, ok = c.mayForget(ctx, loginID); !ok {
		return
	}
	left, err := b.pretix.Logout(ctx, c.sender, loginID)
	if errors.Is(err, pretixconn.ErrUnknownLogin) {
		c.tell(ctx, decision.Answer, replies.WhichLogin(logins))
		return
	}
	if err != nil {
		c.failed(ctx, "log out", err)
		return
	}
	c.tell(ctx, decision.Answer, replies.LoggedOut(left))
	for _, key := range left.Unserved {
		b.notices.Unserved(key)
	}
}

// redactSecret takes a message with a token out of the room's history. Where the bot may not, the person is asked to; the answer is the sentence.
func (b *Bridge) redactSecret(ctx context.Context, c *call) string {
	err := b.hs.Redact(ctx, c.heard.Evt.RoomID, c.heard.Evt.ID)
	if err != nil {
		b.log.Info("token message not redacted", zap.Error(err))
		return replies.DeleteYourself
	}
	return ""
}
