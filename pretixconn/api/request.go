package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	maxAnswer     = 10 << 20
	maxRefusal    = 64 << 10         // of a refusal of Pretix's own, which is one sentence
	maxPause      = time.Hour        // however long Pretix asks us to stay away
	unstatedPause = 10 * time.Second // where it limits us without a time
)

// request is one call of the API: the segments of its path below /api/v1, unescaped, and what it is about in words.
type request struct {
	op     string
	method string // "" is GET
	path   []string
	query  url.Values
	body   any // sent as JSON
	into   any // the answer's JSON goes there
}

// do sends the request within the limiter and decodes its answer. Every request of the package comes through here.
func (c *Client) do(ctx context.Context, r request) (http.Header, error) {
	patient, cancel := patient(ctx)
	defer cancel()
	req, err := c.build(patient, r)
	if err != nil {
		return nil, err
	}
	if err := c.wait(ctx, r.op); err != nil {
		return nil, err
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, unanswered(ctx, r.op, err)
	}
	defer answer.Body.Close()
	if err := c.check(ctx, r.op, answer); err != nil {
		return nil, err
	}
	body, err := readAnswer(ctx, r.op, answer.Body, maxAnswer)
	if err != nil || r.into == nil {
		return answer.Header, err
	}
	if json.Unmarshal(body, r.into) != nil {
		return nil, &Error{Op: r.op, Status: answer.StatusCode, kind: ErrUnavailable, reason: "not the JSON that was expected"}
	}
	return answer.Header, nil
}

func (c *Client) build(ctx context.Context, r request) (*http.Request, error) {
	if !c.usable {
		return nil, &Error{Op: r.op, kind: ErrUnauthorized, reason: "that cannot be a token"}
	}
	address, ok := c.address(r)
	if !ok {
		return nil, &Error{Op: r.op, kind: ErrNotFound, reason: "no such name can exist"}
	}
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, &Error{Op: r.op, kind: ErrRefused, reason: "the request cannot be written as JSON"}
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method(r), address, body)
	if err != nil {
		return nil, &Error{Op: r.op, kind: ErrUnavailable, reason: "the address cannot be asked"}
	}
	c.authorize(req.Header)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

func method(r request) string {
	if r.method == "" {
		return http.MethodGet
	}
	return r.method
}

// address joins the path below the instance's own. A segment that would lead out of its place is refused.
func (c *Client) address(r request) (string, bool) {
	var b strings.Builder
	b.WriteString(c.base.Scheme + "://" + c.base.Host)
	if path := strings.Trim(c.base.EscapedPath(), "/"); path != "" {
		b.WriteString("/" + path)
	}
	b.WriteString("/api/v1/")
	for _, segment := range r.path {
		if segment == "" || segment == "." || segment == ".." {
			return "", false
		}
		b.WriteString(url.PathEscape(segment) + "/")
	}
	if len(r.query) > 0 {
		b.WriteString("?" + r.query.Encode())
	}
	return b.String(), true
}

// check turns every answer but a success into an error, and holds everybody back where Pretix asks for it.
func (c *Client) check(ctx context.Context, op string, answer *http.Response) error {
	if answer.StatusCode >= 200 && answer.StatusCode < 300 {
		return nil
	}
	failed := &Error{Op: op, Status: answer.StatusCode, kind: kindOf(answer.StatusCode)}
	if final(failed.kind) {
		body, err := readAnswer(ctx, op, answer.Body, maxRefusal)
		if ctx.Err() != nil {
			return err
		}
		if err != nil || !ownWords(body) {
			failed.kind, failed.reason = ErrUnavailable, "not in Pretix's own words"
		}
	}
	switch answer.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		failed.RetryAfter = retryAfter(answer.Header, time.Now())
		if failed.RetryAfter == 0 && answer.StatusCode == http.StatusTooManyRequests {
			failed.RetryAfter = unstatedPause
		}
	}
	if failed.RetryAfter > 0 && c.limit != nil {
		c.limit.Pause(failed.RetryAfter)
	}
	if failed.kind == ErrRedirected {
		failed.reason = ErrRedirected.Error()
	}
	return failed
}

// retryAfter reads the header of that name: seconds, or a date by the server's clock, which ours need not agree with. What cannot be
// read is 0.
func retryAfter(header http.Header, now time.Time) time.Duration {
	asked, pause := header.Get("Retry-After"), time.Duration(0)
	if seconds, err := strconv.ParseInt(asked, 10, 64); err == nil {
		pause = time.Duration(min(max(seconds, 0), int64(maxPause/time.Second))) * time.Second
	} else if date, err := http.ParseTime(asked); err == nil {
		if theirs := dated(header); !theirs.IsZero() {
			now = theirs
		}
		pause = date.Sub(now)
	}
	return min(max(pause, 0), maxPause)
}

func readAnswer(ctx context.Context, op string, from io.Reader, limit int) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(from, int64(limit)+1))
	if err != nil {
		return nil, unanswered(ctx, op, err)
	}
	if len(body) > limit {
		return nil, &Error{Op: op, kind: ErrUnavailable, reason: "the answer is too long"}
	}
	return body, nil
}

// unanswered says why there was no (whole) answer, in words of our own: the libraries' hold the address.
func unanswered(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return ended(ctx, op)
	}
	kind, reason := ErrUnavailable, "the connection broke"
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		reason = "no answer in time"
	} else if _, ok := errors.AsType[*net.DNSError](err); ok {
		kind, reason = ErrUnknownServer, ErrUnknownServer.Error()
	} else if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		kind, reason = ErrUntrusted, ErrUntrusted.Error()
	} else if errors.Is(err, syscall.ECONNREFUSED) {
		reason = "the server refuses connections"
	}
	return &Error{Op: op, kind: kind, reason: reason}
}
