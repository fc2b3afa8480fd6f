package api

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// maxImage bounds an event's picture; a larger one is left alone.
const maxImage = 5 << 20

// Image is a picture in one of the formats that Matrix clients show.
type Image struct {
	MIME string // image/png, image/jpeg, image/gif or image/webp
	Data []byte
}

// EventImage reads the event's logo, or the picture for social media where it has no logo; [ErrNotFound] where it has neither. Any
// token that sees the event may ask. The picture may lie on another server (a store of files), so it is fetched without the token,
// without following redirects, and from addresses of the public internet only, unless it is the instance's own server.
func (c *Client) EventImage(ctx context.Context, organizer, event string) (Image, error) {
	var settings struct {
		Logo   string `json:"logo_image"`
		Social string `json:"og_image"`
	}
	_, err := c.do(ctx, request{op: "get event settings", path: eventPath(organizer, event, "settings"), into: &settings})
	if err != nil {
		return Image{}, err
	}
	for _, address := range []string{settings.Logo, settings.Social} {
		if address != "" {
			return c.fetchImage(ctx, address)
		}
	}
	return Image{}, &Error{Op: opImage, kind: ErrNotFound, reason: "the event has none"}
}

const opImage = "get event image"

func (c *Client) fetchImage(ctx context.Context, address string) (Image, error) {
	at, err := c.base.Parse(address)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" || at.Host == "" {
		return Image{}, &Error{Op: opImage, kind: ErrRefused, reason: "its address is none"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return Image{}, &Error{Op: opImage, kind: ErrRefused, reason: "its address is none"}
	}
	req.Header.Set("User-Agent", c.userAgent)
	answer, err := c.imageClient(at).Do(req)
	if err != nil {
		return Image{}, unanswered(ctx, opImage, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return Image{}, &Error{Op: opImage, Status: answer.StatusCode, kind: kindOf(answer.StatusCode)}
	}
	data, err := readAnswer(ctx, opImage, answer.Body, maxImage)
	if err != nil {
		return Image{}, err
	}
	switch mime := http.DetectContentType(data); mime {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return Image{MIME: mime, Data: data}, nil
	}
	return Image{}, &Error{Op: opImage, Status: answer.StatusCode, kind: ErrRefused, reason: "it is no picture"}
}

// imageClient reaches the instance's own server as ever, and others only where they are public: an organizer chooses what stands in
// the settings of an event, and must not have us ask inside our own network.
func (c *Client) imageClient(at *url.URL) *http.Client {
	client := &http.Client{
		Transport: c.http.Transport, Timeout: requestTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if !strings.EqualFold(at.Host, c.base.Host) {
		client.Transport = c.elsewhere
	}
	return client
}

// newPublicTransport connects to addresses of the public internet only. The address is looked at when it is dialed, so that a name
// cannot stand for another one by then.
func newPublicTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); err != nil || !public(at.Addr()) {
			return syscall.EACCES
		}
		return nil
	}}
	return &http.Transport{
		DialContext: dialer.DialContext, DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// notPublic are the ranges that [netip.Addr] has no question for: shared address space, protocol assignments, documentation,
// benchmarks, reserved, and the prefixes that carry an IPv4 address inside.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("100::/64"),
}

func public(at netip.Addr) bool {
	at = at.Unmap()
	if !at.IsGlobalUnicast() || at.IsPrivate() {
		return false
	}
	for _, prefix := range notPublic {
		if prefix.Contains(at) {
			return false
		}
	}
	return true
}
