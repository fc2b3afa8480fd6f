package api

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const secretToken = "sesame0123456789"

// serve runs a stand-in for Pretix that answers as it is told, and gives a client of it.
func serve(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL)
}

func clientOf(t *testing.T, address string) *Client {
	t.Helper()
	base, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return NewClient(base, secretToken, nil)
}

func TestRequestCarriesTokenAndNameToTheInstancesPath(t *testing.T) {
	var got *http.Request
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "x"})
		fmt.Fprint(w, `{"code":"ABCDE"}`)
	})
	client.base = client.base.JoinPath("shops", "pre tix/")
	client.userAgent = "matrix-pretix/1.2.3"
	for range 2 {
		if _, err := client.Order(t.Context(), "o/x", "e?y", "A#B"); err != nil {
			t.Fatal(err)
		}
	}
	if want := "/shops/pre%20tix/api/v1/organizers/o%2Fx/events/e%3Fy/orders/A%23B/"; got.URL.EscapedPath() != want {
		t.Errorf("asked for %s, want %s", got.URL.EscapedPath(), want)
	}
	for header, want := range map[string]string{
		"Authorization": "Token " + secretToken, "User-Agent": "matrix-pretix/1.2.3", "Cookie": "", "Accept": "application/json",
	} {
		if got.Header.Get(header) != want {
			t.Errorf("header %s is %q, want %q", header, got.Header.Get(header), want)
		}
	}
}

func TestNameThatLeadsElsewhereIsNeverAskedFor(t *testing.T) {
	client := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) })
	for _, name := range []string{"", ".", ".."} {
		if _, err := client.Event(t.Context(), "lab", name); !errors.Is(err, ErrNotFound) {
			t.Errorf("Event(%q): %v, want %v", name, err, ErrNotFound)
		}
	}
}

func TestTokenThatCannotBeOneIsNotTried(t *testing.T) {
	client := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked for %s", r.URL) })
	for _, token := range []string{"", " ", "two words", "line\nbreak", "tökén"} {
		if _, err := NewClient(client.base, token, nil).Organizers(t.Context()); !errors.Is(err, ErrUnauthorized) {
			t.Errorf("with the token %q: %v, want %v", token, err, ErrUnauthorized)
		}
	}
}

var allKinds = []error{
	ErrUnauthorized, ErrForbidden, ErrNotFound, ErrLimited, ErrUnavailable, ErrRedirected, ErrRefused,
	context.Canceled, context.DeadlineExceeded,
}

// only reports whether the error is of that kind and no other.
func only(err, kind error) bool {
	for _, other := range allKinds {
		if errors.Is(err, other) != (other == kind) {
			return false
		}
	}
	return true
}

func TestStatusSaysWhatAnErrorIs(t *testing.T) {
	for status, want := range map[int]error{
		200: nil, 201: nil, 204: ErrUnavailable, // success, but nothing to decode
		400: ErrRefused, 401: ErrUnauthorized, 403: ErrForbidden, 404: ErrNotFound, 405: ErrRefused, 408: ErrUnavailable,
		409: ErrRefused, 410: ErrNotFound, 418: ErrRefused, 429: ErrLimited, 500: ErrUnavailable, 502: ErrUnavailable,
		503: ErrUnavailable, 504: ErrUnavailable, 300: ErrRedirected, 304: ErrRedirected,
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			if status != 204 && status != 304 {
				fmt.Fprint(w, `{"detail":"Ada was here"}`)
			}
		})
		_, err := client.Event(t.Context(), "lab", "conf")
		if want == nil && err != nil || want != nil && !only(err, want) {
			t.Errorf("status %d: %v, want %v", status, err, want)
		}
		if failed, ok := errors.AsType[*Error](err); err != nil && (!ok || failed.Status != status || failed.Op != "get event") {
			t.Errorf("status %d: %#v, want an *Error of that status for \"get event\"", status, err)
		}
	}
}

// While Pretix restarts, or before it, others answer in its place. What they refuse is no verdict on a token or an order.
func TestRefusalThatIsNotPretixsOwnIsUnavailability(t *testing.T) {
	for name, body := range map[string]string{
		"a proxy without a way":  "404 page not found\n",
		"a page":                 "<html><head><title>401 Authorization Required</title></head></html>",
		"nothing":                "",
		"another API":            `{"message":"no such route","code":404}`,
		"a list":                 `["detail"]`,
		"a word":                 `"detail"`,
		"an empty reason":        `{"detail":""}`,
		"a reason without words": `{"detail":null}`,
		"cut off":                `{"detail":"Not fou`,
		"without end":            `{"detail":"` + strings.Repeat("a", maxRefusal) + `"}`,
	} {
		for _, status := range []int{401, 403, 404, 410} {
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				fmt.Fprint(w, body)
			})
			_, err := client.Order(t.Context(), "lab", "conf", "ABCDE")
			if failed, ok := errors.AsType[*Error](err); !only(err, ErrUnavailable) || !ok || failed.Status != status {
				t.Errorf("%s, %d: %v, want %v with the status", name, status, err, ErrUnavailable)
			}
			holdsNothingSecret(t, client, err)
		}
	}
}

func TestRefusalThatHangsIsGivenUp(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	client.http.Timeout = 50 * time.Millisecond
	if _, err := client.Order(t.Context(), "lab", "conf", "ABCDE"); !only(err, ErrUnavailable) {
		t.Errorf("got %v, want %v", err, ErrUnavailable)
	}
	ctx, cancel := context.WithCancel(t.Context())
	client.http.Timeout = 0
	client.http.Transport = canceling{client.http.Transport, cancel}
	if _, err := client.Order(ctx, "lab", "conf", "ABCDE"); !only(err, context.Canceled) {
		t.Errorf("canceled meanwhile: %v, want %v", err, context.Canceled)
	}
}

// canceling ends the context as soon as an answer begins.
type canceling struct {
	way    http.RoundTripper
	cancel context.CancelFunc
}

func (c canceling) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := c.way.RoundTrip(req)
	c.cancel()
	return answer, err
}

func TestUselessAnswersAreUnavailability(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a page of a proxy": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Ada was here</html>") },
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, `{"slug":"co`)
		},
		"half a JSON":    func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"slug":"conf","name":{"en":"Ada`) },
		"another type":   func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `["Ada"]`) },
		"nothing":        func(http.ResponseWriter, *http.Request) {},
		"without end":    func(w http.ResponseWriter, _ *http.Request) { flood(w, maxAnswer+1) },
		"closed at once": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		client := serve(t, answer)
		_, err := client.Event(t.Context(), "lab", "conf")
		if !only(err, ErrUnavailable) {
			t.Errorf("%s: %v, want %v", name, err, ErrUnavailable)
		}
		holdsNothingSecret(t, client, err)
	}
}

// flood writes a JSON string that is as long as asked.
func flood(w io.Writer, length int) {
	block := strings.Repeat("a", 64<<10)
	fmt.Fprint(w, `{"slug":"`)
	for sent := 0; sent < length; sent += len(block) {
		if _, err := io.WriteString(w, block); err != nil {
			return
		}
	}
	fmt.Fprint(w, `"}`)
}

func holdsNothingSecret(t *testing.T, client *Client, err error) {
	t.Helper()
	for _, secret := range []string{secretToken, client.base.Host, "Ada", "lab", "://"} {
		if text := fmt.Sprintf("%v %+v", err, err); strings.Contains(text, secret) {
			t.Errorf("the error says %q: %s", secret, text)
		}
	}
}

func TestUnreachableServerIsSaidInOurWords(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of the handshake that must fail
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	for address, want := range map[string]string{
		closed.URL:    "get event: the server refuses connections",
		untrusted.URL: "get event: the certificate of the server is not trusted",
	} {
		client := clientOf(t, address)
		_, err := client.Event(t.Context(), "lab", "conf")
		if !only(err, ErrUnavailable) || err.Error() != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestReasonsOfTheNetworkAreTold(t *testing.T) {
	for want, cause := range map[string]error{
		"the name of the server is not known":          &net.DNSError{Err: "no such host", Name: "ada.example.org", IsNotFound: true},
		"no answer in time":                            &net.OpError{Op: "read", Err: context.DeadlineExceeded},
		"the connection broke":                         io.ErrUnexpectedEOF,
		"the certificate of the server is not trusted": &tls.CertificateVerificationError{Err: errors.New("ada")},
	} {
		client := NewClient(&url.URL{Scheme: "https", Host: "pretix.example"}, secretToken, nil)
		client.http.Transport = failing{cause}
		_, err := client.Event(t.Context(), "lab", "conf")
		if !only(err, ErrUnavailable) || err.Error() != "get event: "+want {
			t.Errorf("%T: %v, want %q", cause, err, want)
		}
		for _, told := range []error{ErrUnknownServer, ErrUntrusted} {
			if got := errors.Is(err, told); got != (told.Error() == want) {
				t.Errorf("%T is %q: %v", cause, told, got)
			}
		}
	}
}

type failing struct{ cause error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.cause }

func TestEndOfContextIsNoFaultOfPretix(t *testing.T) {
	asked := make(chan struct{}, 1)
	client := serve(t, func(_ http.ResponseWriter, r *http.Request) { asked <- struct{}{}; <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if _, err := client.Event(ctx, "lab", "conf"); !only(err, context.Canceled) {
		t.Errorf("canceled while asking: %v, want %v", err, context.Canceled)
	}
	late, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	if _, err := client.Event(late, "lab", "conf"); !only(err, context.DeadlineExceeded) {
		t.Errorf("past its deadline: %v, want %v", err, context.DeadlineExceeded)
	}
}

func TestSilentServerIsGivenUp(t *testing.T) {
	client := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	client.http.Timeout = 50 * time.Millisecond
	_, err := client.Event(t.Context(), "lab", "conf")
	if !only(err, ErrUnavailable) || err.Error() != "get event: no answer in time" {
		t.Errorf("got %v, want no answer in time", err)
	}
	if got := clientOf(t, "http://127.0.0.1").http.Timeout; got != requestTimeout {
		t.Errorf("a client gives up after %v, want %v", got, requestTimeout)
	}
}

func TestPrintingAClientShowsNoToken(t *testing.T) {
	client := clientOf(t, "https://pretix.example")
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format+format, client, *client); strings.Contains(text, secretToken) {
			t.Errorf("%s prints the token: %s", format, text)
		}
	}
	//lint:ignore SA9005 that nothing comes out is the claim
	if text, err := json.Marshal(client); strings.Contains(string(text), secretToken) {
		t.Errorf("as JSON it holds the token: %s (%v)", text, err)
	}
}
