package api

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	requestTimeout = 30 * time.Second
	maxRedirects   = 3
)

// Client asks one Pretix instance with one token. It keeps no cookies and gives its token to no other host.
type Client struct {
	base      *url.URL
	authorize func(http.Header) // a closure, so that printing a Client never prints the token
	usable    bool              // whether the token can stand in a header at all
	limit     *Limiter
	http      *http.Client
	elsewhere http.RoundTripper // to servers other than the instance's own, for pictures; never with the token
	userAgent string
}

// Option changes how a [Client] asks.
type Option func(*Client)

// WithUserAgent names the program that asks, for the log of the instance's admin.
func WithUserAgent(name string) Option {
	return func(c *Client) { c.userAgent = name }
}

// NewClient asks the instance at the base address (which may have a path) with a team's API token, within the limiter. Without a
// limiter nothing holds it back.
func NewClient(base *url.URL, token string, limit *Limiter, options ...Option) *Client {
	token = strings.TrimSpace(token)
	c := &Client{
		base:      base,
		authorize: func(h http.Header) { h.Set("Authorization", "Token "+token) },
		usable:    token != "" && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }),
		limit:     limit,
		http:      &http.Client{Transport: newTransport(), Timeout: requestTimeout, CheckRedirect: sameServer},
		elsewhere: newPublicTransport(),
		userAgent: "matrix-pretix",
	}
	for _, option := range options {
		option(c)
	}
	return c
}

// Under gives the same client within another limiter: the limit is the organizer's, while a token may see several of them.
func (c *Client) Under(limit *Limiter) *Client {
	under := *c
	under.limit = limit
	return &under
}

// sameServer follows a redirect only where it stays on the server that was asked (or goes to its https), and never with a change in
// tow. Every other one is left as the answer, so that the token does not travel.
func sameServer(req *http.Request, via []*http.Request) error {
	from := via[len(via)-1]
	same := req.URL.Scheme == from.URL.Scheme && req.URL.Host == from.URL.Host
	secured := from.URL.Scheme == "http" && req.URL.Scheme == "https" && req.URL.Hostname() == from.URL.Hostname()
	if from.Method != http.MethodGet || len(via) > maxRedirects || !same && !secured {
		return http.ErrUseLastResponse
	}
	return nil
}

func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    4,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}
