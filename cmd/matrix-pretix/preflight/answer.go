package preflight

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/matrix-pretix/listener"
)

// Kind is how an answer came about.
type Kind int

const (
	Replied     Kind = iota // the homeserver spoke
	Unreachable             // nobody answered
	TimedOut                // somebody is there and says nothing
	Untrusted               // its certificate is not valid
	NotMatrix               // what answers is no homeserver
)

// Answer is what came of a question, as plain values. The homeserver's own sentences are left out: they change, and hold names.
type Answer struct {
	Kind    Kind
	Status  int
	Errcode string
	// User is who the homeserver says we are.
	User id.UserID
	// Inner is the status that the homeserver got when it pinged, WrongToken whether it came from a matrix-pretix that expects
	// another hs_token, Arrived whether the ping came to this process.
	Inner      int
	WrongToken bool
	Arrived    bool
}

// questionTimeout bounds one question. A ping's is longer: the homeserver may itself be waiting for us.
const (
	questionTimeout = 10 * time.Second
	pingTimeout     = 25 * time.Second
	answerLimit     = 64 << 10
)

// asker puts questions to one homeserver.
type asker struct {
	address string
	token   string
	client  *http.Client
}

func newAsker(address, token string) *asker {
	return &asker{address: strings.TrimRight(address, "/"), token: token, client: &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: questionTimeout, DisableKeepAlives: true},
		// A homeserver does not redirect, and the token must not go elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// ask sends one request; token is "" where none is to be sent. It always returns an answer, the lack of one included.
func (a *asker) ask(ctx context.Context, limit time.Duration, token, method, path, body string) Answer {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, a.address+path, strings.NewReader(body))
	if err != nil {
		return Answer{Kind: Unreachable}
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := a.client.Do(request)
	if err != nil {
		return Answer{Kind: kindOf(err)}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return Answer{Kind: kindOf(err)}
	}
	return read(response.StatusCode, text)
}

// read makes an answer of a response. Whatever is not a JSON object with an errcode, or without one at 200, is no homeserver's.
func read(status int, text []byte) Answer {
	var body struct {
		Errcode string    `json:"errcode"`
		User    id.UserID `json:"user_id"`
		Status  int       `json:"status"`
		Body    string    `json:"body"`
	}
	err := json.Unmarshal(text, &body)
	if err != nil || status != http.StatusOK && body.Errcode == "" {
		return Answer{Kind: NotMatrix, Status: status}
	}
	return Answer{
		Status: status, Errcode: body.Errcode, User: body.User,
		Inner: body.Status, WrongToken: strings.Contains(body.Body, listener.WrongToken),
	}
}

func kindOf(err error) Kind {
	var unsure *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(err, &unsure):
		return Untrusted
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	default:
		return Unreachable
	}
}
