package parts

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// browser is a person's browser: it keeps cookies, follows redirects and sends forms back as they were, but for what was typed.
type browser struct {
	client *http.Client
	at     *url.URL
	page   string
}

func newBrowser() *browser {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &browser{client: &http.Client{Transport: client.Transport, Timeout: client.Timeout, Jar: jar}}
}

// open goes to an address, relative to the page that is open.
func (b *browser) open(ctx context.Context, address string) error {
	return b.send(ctx, "GET", address, "")
}

func (b *browser) send(ctx context.Context, method, address, body string) error {
	to, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("open a page: %w", err)
	}
	if b.at != nil {
		to = b.at.ResolveReference(to)
	}
	req, err := http.NewRequestWithContext(ctx, method, to.String(), strings.NewReader(body))
	if err != nil {
		return fmt.Errorf("open %s: %w", to.Path, err)
	}
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Referer", b.at.String())
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return fmt.Errorf("open %s: %w", to.Path, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read %s: %w", to.Path, err)
	}
	b.at, b.page = resp.Request.URL, string(text)
	if resp.StatusCode >= 400 {
		return fmt.Errorf("open %s: status %d%s", to.Path, resp.StatusCode, b.complaint())
	}
	return nil
}

// submit sends a form of the page with what was typed.
func (b *browser) submit(ctx context.Context, f form, typed url.Values) error {
	values := url.Values{}
	for _, from := range []url.Values{f.values, typed} {
		for name, value := range from {
			values[name] = value
		}
	}
	return b.send(ctx, "POST", f.action, values.Encode())
}

// form returns the page's form that sends to an address with that in it; "" means the form that sends to its own page.
func (b *browser) form(action string) (form, error) {
	for _, f := range forms(b.page) {
		if f.method == "POST" && (action == "" && f.action == "" || action != "" && strings.Contains(f.action, action)) {
			return f, nil
		}
	}
	return form{}, fmt.Errorf("find the form %q on %s%s", action, b.at.Path, b.complaint())
}

var (
	alerts = regexp.MustCompile(`(?s)class="[^"]*(?:alert-danger|help-block)[^"]*"[^>]*>(.*?)</div>`)
	tags   = regexp.MustCompile(`(?s)<[^>]*>|\s+`)
)

// complaint returns what the page says went wrong, for an error's text.
func (b *browser) complaint() string {
	if match := alerts.FindStringSubmatch(b.page); match != nil {
		return ": " + strings.Join(strings.Fields(tags.ReplaceAllString(match[1], " ")), " ")
	}
	return ""
}
