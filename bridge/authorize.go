package bridge

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/bridgev2"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// authorize begins to connect a Pretix account, always in a talk of two: a token typed among others is not one any more.
func (b *Bridge) authorize(ctx context.Context, c *call) {
	if _, ok := c.may(ctx, authority.Authorize, database.EventKey{}, ""); !ok {
		return
	}
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
	b.burning.Watch(asked{Room: c.room, User: c.sender}, c.direct)
	if c.direct && len(c.args) == 1 && step.StepID == pretixconn.StepToken {
		b.takeStep(ctx, c, process, step, c.args[0])
		return
	}
	b.askStep(ctx, c, process, step, "")
}

// askStep asks for what the login needs next, with what was wrong before if anything was.
func (b *Bridge) askStep(ctx context.Context, c *call, process bridgev2.LoginProcess, step *bridgev2.LoginStep, wrong string) {
	where := authority.Answer{Kind: authority.InDirect}
	if c.direct {
		where = authority.Answer{Kind: authority.Here, Room: c.room}
	}
	c.ask(ctx, where, wrong+sayLoginStep(step, b.pretix.Instances()), func(ctx context.Context, c *call, text string) {
		b.takeStep(ctx, c, process, step, text)
	})
}

// takeStep hands an answer to the login. It was asked for in private; should somebody have come in since, a token is not used.
func (b *Bridge) takeStep(ctx context.Context, c *call, process bridgev2.LoginProcess, step *bridgev2.LoginStep, text string) {
	input, ok := process.(bridgev2.LoginProcessUserInput)
	if !ok || step.UserInputParams == nil || len(step.UserInputParams.Fields) == 0 {
		c.failed(ctx, "answer login step", errors.ErrUnsupported)
		return
	}
	field := step.UserInputParams.Fields[0]
	wrong := ""
	if field.ID == pretixconn.FieldToken {
		if !b.alone(ctx, c.heard.Evt.RoomID, c.sender) {
			b.burnt(ctx, c)
			return
		}
		wrong = b.redactSecret(ctx, c)
	} else {
		text = numbered(text, field.Options)
	}
	next, err := input.SubmitUserInput(ctx, map[string]string{field.ID: text})
	switch {
	case err != nil && ctx.Err() != nil:
		return
	case err != nil:
		b.log.Info("login step refused", zap.String("step", step.StepID), zap.Error(err))
		b.askStep(ctx, c, process, step, wrong+sayLoginRefused(err))
	case next.Type == bridgev2.LoginStepTypeComplete:
		b.connected(ctx, c, string(next.CompleteParams.UserLoginID), wrong)
	default:
		b.askStep(ctx, c, process, next, wrong)
	}
}

// connected says what a new login sees, and lets what waited for one go on.
func (b *Bridge) connected(ctx context.Context, c *call, loginID, before string) {
	logins, err := b.pretix.LoginsOf(ctx, c.sender)
	if err != nil {
		c.failed(ctx, "list logins", err)
		return
	}
	for _, login := range logins {
		if login.ID != loginID {
			continue
		}
		c.tell(ctx, authority.Answer{Kind: authority.Here, Room: c.room}, before+sayConnected(login))
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
	c.tell(ctx, decision.Answer, sayLogins(logins))
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
	loginID, ok := chooseLogin(logins, c.args)
	if !ok {
		c.tell(ctx, decision.Answer, sayWhichLogin(logins))
		return
	}
	left, err := b.pretix.Logout(ctx, c.sender, loginID)
	if errors.Is(err, pretixconn.ErrUnknownLogin) {
		c.tell(ctx, decision.Answer, sayWhichLogin(logins))
		return
	}
	if err != nil {
		c.failed(ctx, "log out", err)
		return
	}
	told := c.tell(ctx, decision.Answer, sayLoggedOut(left))
	for _, key := range left.Unserved {
		b.tellUnserved(key, told.message.Room)
	}
}

// chooseLogin finds the login meant by the words after the command.
func chooseLogin(logins []pretixconn.Login, args []string) (string, bool) {
	if len(args) == 0 && len(logins) == 1 {
		return logins[0].ID, true
	}
	if len(args) != 1 {
		return "", false
	}
	for i, login := range logins {
		if args[0] == login.ID || strings.TrimPrefix(args[0], "#") == strconv.Itoa(i+1) {
			return login.ID, true
		}
	}
	return "", false
}

// numbered lets a person answer with the number of an option instead of its name.
func numbered(text string, options []string) string {
	if n, err := strconv.Atoi(strings.Trim(text, " .)#")); err == nil && n >= 1 && n <= len(options) {
		return options[n-1]
	}
	return text
}

// redactSecret takes a message with a token out of the room's history. Where the bot may not, the person is asked to; the answer is the sentence.
func (b *Bridge) redactSecret(ctx context.Context, c *call) string {
	err := b.hs.Redact(ctx, c.heard.Evt.RoomID, c.heard.Evt.ID)
	if err != nil {
		b.log.Info("token message not redacted", zap.Error(err))
		return sayDeleteYourself
	}
	return ""
}
