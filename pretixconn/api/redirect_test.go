package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRedirectToAnotherServerIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the other server was asked") }))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 307, 308} {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL+r.URL.Path, status) })
		_, err := client.Event(t.Context(), "lab", "conf")
		if !only(err, ErrRedirected) {
			t.Errorf("redirect %d: %v, want %v", status, err, ErrRedirected)
		}
		holdsNothingSecret(t, client, err)
	}
}

func TestRedirectOnTheSameServerIsFollowedByReadingOnly(t *testing.T) {
	written := 0
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			written++
		}
		if !strings.HasPrefix(r.URL.Path, "/moved") {
			http.Redirect(w, r, "/moved"+r.URL.Path, http.StatusPermanentRedirect)
			return
		}
		fmt.Fprint(w, `{"slug":"conf"}`)
	})
	if event, err := client.Event(t.Context(), "lab", "conf"); err != nil || event.Slug != "conf" {
		t.Errorf("reading: %+v, %v; want the event", event, err)
	}
	if _, err := client.CreateWebhook(t.Context(), "lab", "https://bridge.example.org/", ""); !only(err, ErrRedirected) || written != 1 {
		t.Errorf("writing: %v after %d requests, want %v after 1", err, written, ErrRedirected)
	}
}

func TestRedirectsWithoutEndStop(t *testing.T) {
	asked := 0
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, r.URL.Path+"x/", http.StatusFound)
	})
	if _, err := client.Event(t.Context(), "lab", "conf"); !only(err, ErrRedirected) || asked != maxRedirects+1 {
		t.Errorf("got %v after %d requests, want %v after %d", err, asked, ErrRedirected, maxRedirects+1)
	}
}

func TestRedirectMayOnlyMoveToHTTPS(t *testing.T) {
	for target, want := range map[string]error{
		"https://pretix.example/x": nil, "https://pretix.example:8443/x": nil, "http://pretix.example/y": nil,
		"http://pretix.example:81/x": http.ErrUseLastResponse, "https://www.pretix.example/x": http.ErrUseLastResponse,
		"ftp://pretix.example/x": http.ErrUseLastResponse,
	} {
		from := httptest.NewRequest(http.MethodGet, "http://pretix.example/x", nil)
		if got := sameServer(httptest.NewRequest(http.MethodGet, target, nil), []*http.Request{from}); got != want {
			t.Errorf("from http to %s: %v, want %v", target, got, want)
		}
	}
	from := httptest.NewRequest(http.MethodGet, "https://pretix.example/x", nil)
	if got := sameServer(httptest.NewRequest(http.MethodGet, "http://pretix.example/x", nil), []*http.Request{from}); got == nil {
		t.Error("a redirect from https to http was followed")
	}
}
