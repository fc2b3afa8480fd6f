package pretixconn

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/bridgev2"
)

// FlowToken connects an account by an API token that somebody has made in Pretix.
const FlowToken = "token"

// The steps of a login, and what is filled in there.
const (
	StepInstance = "io.github.matrix-pretix.instance"
	StepToken    = "io.github.matrix-pretix.token"
	StepComplete = "io.github.matrix-pretix.complete"

	FieldInstance = "instance"
	FieldToken    = "token"
)

// Why a step was not taken. After any error of SubmitUserInput the same step may be tried again.
var (
	// ErrUnknownInstance says that no instance of that name stands in the config.
	ErrUnknownInstance = errors.New("no such instance")
	// ErrNotAToken says that what was given cannot be an API token. Pretix was not asked.
	ErrNotAToken = errors.New("that cannot be an API token")
	// ErrSeesNothing says that Pretix accepts the credential but shows it no organizer.
	ErrSeesNothing = errors.New("the credential sees no organizer")
)

// loginFlow is one way to connect an account. Another way is another entry in loginFlows.
type loginFlow struct {
	bridgev2.LoginFlow
	begin func(*Connector, *bridgev2.User) bridgev2.LoginProcess
}

var loginFlows = []loginFlow{{
	LoginFlow: bridgev2.LoginFlow{ID: FlowToken, Name: "API token", Description: "Connect with an API token of a team in Pretix"},
	begin: func(c *Connector, user *bridgev2.User) bridgev2.LoginProcess {
		return &tokenLogin{conn: c, user: user}
	},
}}

// GetLoginFlows lists the ways to connect an account.
func (c *Connector) GetLoginFlows() []bridgev2.LoginFlow {
	flows := make([]bridgev2.LoginFlow, 0, len(loginFlows))
	for _, flow := range loginFlows {
		flows = append(flows, flow.LoginFlow)
	}
	return flows
}

// CreateLogin begins to connect an account for a person.
func (c *Connector) CreateLogin(_ context.Context, user *bridgev2.User, flowID string) (bridgev2.LoginProcess, error) {
	for _, flow := range loginFlows {
		if flow.ID == flowID {
			return flow.begin(c, user), nil
		}
	}
	return nil, fmt.Errorf("%w: %q", bridgev2.ErrInvalidLoginFlowID, flowID)
}

var _ bridgev2.LoginProcessUserInput = (*tokenLogin)(nil)

// tokenLogin asks for the instance, where there are several, and then for a token. Whoever drives it hands in one answer at a time.
type tokenLogin struct {
	conn     *Connector
	user     *bridgev2.User
	instance *Instance // nil until it is chosen
}

// Start gives the first step.
func (l *tokenLogin) Start(context.Context) (*bridgev2.LoginStep, error) {
	if instances := l.conn.cfg.Instances; len(instances) == 1 {
		l.instance = &instances[0]
	}
	return l.question(), nil
}

// Cancel has nothing to undo: nothing is stored before the end.
func (l *tokenLogin) Cancel() {}

// SubmitUserInput takes the answer to the step given last.
func (l *tokenLogin) SubmitUserInput(ctx context.Context, input map[string]string) (*bridgev2.LoginStep, error) {
	if l.instance == nil {
		instance, err := chooseInstance(l.conn.cfg.Instances, input[FieldInstance])
		if err != nil {
			return nil, err
		}
		l.instance = &instance
		return l.question(), nil
	}
	token, err := cleanToken(input[FieldToken])
	if err != nil {
		return nil, err
	}
	login, err := l.conn.connect(ctx, l.user, *l.instance, token)
	if err != nil {
		return nil, err
	}
	return &bridgev2.LoginStep{
		Type: bridgev2.LoginStepTypeComplete, StepID: StepComplete, Instructions: "Connected to " + login.RemoteName,
		CompleteParams: &bridgev2.LoginCompleteParams{UserLoginID: login.ID, UserLogin: login},
	}, nil
}

// question is the step that is now to be answered.
func (l *tokenLogin) question() *bridgev2.LoginStep {
	step := &bridgev2.LoginStep{Type: bridgev2.LoginStepTypeUserInput}
	if l.instance == nil {
		step.StepID, step.Instructions = StepInstance, "Which Pretix server is it?"
		field := bridgev2.LoginInputDataField{Type: bridgev2.LoginInputFieldTypeSelect, ID: FieldInstance, Name: "Pretix server"}
		for _, instance := range l.conn.cfg.Instances {
			field.Options = append(field.Options, instance.Key)
		}
		step.UserInputParams = &bridgev2.LoginUserInputParams{Fields: []bridgev2.LoginInputDataField{field}}
		return step
	}
	step.StepID, step.Instructions = StepToken, "Send an API token of a team at "+l.instance.Title(l.conn.cfg.Instances)
	step.UserInputParams = &bridgev2.LoginUserInputParams{Fields: []bridgev2.LoginInputDataField{
		{Type: bridgev2.LoginInputFieldTypeToken, ID: FieldToken, Name: "API token"},
	}}
	return step
}

// longestToken is more than any Pretix makes; whatever is longer is something else.
const longestToken = 256

// cleanToken takes away what comes along when a token is copied, and refuses what cannot be one.
func cleanToken(typed string) (string, error) {
	token := strings.Trim(typed, " \t\r\n\u00a0`'\"<>")
	if len(token) < 16 || len(token) > longestToken || strings.ContainsFunc(token, func(r rune) bool { return !isASCIIAlnum(r) }) {
		return "", ErrNotAToken
	}
	return token, nil
}
