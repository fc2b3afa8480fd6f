package api

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

const tinyPNG = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

// shopWithPicture stands in for an instance whose event's settings name the pictures, and which serves one at /media/x.png.
func shopWithPicture(t *testing.T, logo, social string, media http.HandlerFunc) *Client {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/settings/") {
			fmt.Fprintf(w, `{"logo_image":%s,"og_image":%s,"organizer_info_text":""}`, logo, social)
			return
		}
		if r.Header.Get("Authorization") != "" {
			t.Errorf("%s was asked for with the token", r.URL.Path)
		}
		media(w, r)
	})
}

func TestEventsPictureIsItsLogoOrElseThatForSocialMedia(t *testing.T) {
	for name, c := range map[string]struct {
		logo, social, path string
		err                error
	}{
		"logo":           {`"/media/logo.png"`, `"/media/og.png"`, "/media/logo.png", nil},
		"social media":   {`null`, `"/media/og.png"`, "/media/og.png", nil},
		"neither":        {`null`, `null`, "", ErrNotFound},
		"empty":          {`""`, `""`, "", ErrNotFound},
		"no web address": {`"file:///etc/passwd"`, `null`, "", ErrRefused},
		"no address":     {`"http://[::1"`, `null`, "", ErrRefused},
		"without a host": {`"http:///x"`, `null`, "", ErrRefused},
	} {
		path := ""
		client := shopWithPicture(t, c.logo, c.social, func(w http.ResponseWriter, r *http.Request) {
			path = r.URL.Path
			fmt.Fprint(w, tinyPNG)
		})
		got, err := client.EventImage(t.Context(), "lab", "conf")
		if !only(err, c.err) || path != c.path || err == nil && (got.MIME != "image/png" || string(got.Data) != tinyPNG) {
			t.Errorf("%s: %s from %q, %v; want a PNG from %q, %v", name, got.MIME, path, err, c.path, c.err)
		}
	}
}

func TestOnlyAPictureOfSensibleSizeIsTaken(t *testing.T) {
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		err    error
	}{
		"a page": {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, ErrRefused},
		"a drawing": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `<svg xmlns="http://www.w3.org/2000/svg">`)
		}, ErrRefused},
		"huge":   {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, tinyPNG); flood(w, maxImage) }, ErrUnavailable},
		"gone":   {http.NotFound, ErrNotFound},
		"moved":  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) }, ErrRedirected},
		"broken": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ErrUnavailable},
	} {
		client := shopWithPicture(t, `"/media/logo.png"`, `null`, c.answer)
		if _, err := client.EventImage(t.Context(), "lab", "conf"); !only(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
	}
}

func TestPictureOnAnotherServerIsNotFetchedFromInsideOurNetwork(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a server inside was asked") }))
	t.Cleanup(inside.Close)
	_, port, err := net.SplitHostPort(inside.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{inside.URL, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://0.0.0.0:" + port} {
		client := shopWithPicture(t, `"`+address+`/x.png"`, `null`, func(http.ResponseWriter, *http.Request) { t.Error("the instance was asked") })
		if _, err := client.EventImage(t.Context(), "lab", "conf"); !only(err, ErrUnavailable) {
			t.Errorf("%s: %v, want %v", address, err, ErrUnavailable)
		}
	}
}

func TestPublicAddressesAreThoseOfTheInternet(t *testing.T) {
	for address, want := range map[string]bool{
		"9.9.9.9": true, "2620:fe::fe": true, "172.32.0.1": true, "198.20.0.1": true,
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"192.0.2.1": false, "198.51.100.1": false, "203.0.113.1": false, "198.18.0.1": false, "fe80::1": false, "fc00::1": false,
		"fd12::1": false, "ff02::1": false, "::": false, "::ffff:127.0.0.1": false, "::ffff:9.9.9.9": true, "64:ff9b::7f00:1": false,
		"2002:7f00:1::": false, "2001:db8::1": false, "2001::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("public(%s) = %v, want %v", address, got, want)
		}
	}
}

func TestPictureOnAPublicServerIsFetchedWithoutTheToken(t *testing.T) {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the other server was given the token")
		}
		fmt.Fprint(w, tinyPNG)
	}))
	t.Cleanup(store.Close)
	client := shopWithPicture(t, `"`+store.URL+`/x.png"`, `null`, func(http.ResponseWriter, *http.Request) { t.Error("the instance was asked") })
	client.elsewhere = http.DefaultTransport // the store is not on the internet, but stands for one that is
	if got, err := client.EventImage(t.Context(), "lab", "conf"); err != nil || string(got.Data) != tinyPNG {
		t.Errorf("got %q, %v; want the picture", got.Data, err)
	}
}
