package pretixconn

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

func seen(key, publicURL string) SeenEvent {
	k, err := database.ParseEventKey(key)
	if err != nil {
		panic(err) // a typing error in the table below
	}
	return SeenEvent{Key: k, Event: api.Event{Slug: k.Event, PublicURL: publicURL}}
}

func TestReferenceMeansWhatItIsSpelledLike(t *testing.T) {
	all := []SeenEvent{
		seen("eu/lab/conf", "https://eu.example.org/lab/conf/"),
		seen("eu/lab/Conf", "https://eu.example.org/lab/Conf/"),
		seen("eu/other/conf", "https://tickets.other.example/conf/"),
		seen("eu/other/gala", "https://gala.other.example/"),
		seen("us/lab/conf", "https://us.example.org/lab/conf/"),
	}
	for name, tt := range map[string]struct {
		ref  reference
		want []string
	}{
		"instance, organizer, event":        {reference{Instance: "us", Organizer: "lab", Event: "conf"}, []string{"us/lab/conf"}},
		"organizer and event":               {reference{Organizer: "other", Event: "conf"}, []string{"eu/other/conf"}},
		"in capitals that one has":          {reference{Instance: "eu", Organizer: "lab", Event: "Conf"}, []string{"eu/lab/Conf"}},
		"in capitals that none has":         {reference{Instance: "eu", Organizer: "LAB", Event: "CONF"}, []string{"eu/lab/conf", "eu/lab/Conf"}},
		"one in other capitals":             {reference{Event: "GALA"}, []string{"eu/other/gala"}},
		"a slug that several have":          {reference{Event: "conf"}, []string{"eu/lab/conf", "eu/other/conf", "us/lab/conf"}},
		"an organizer alone":                {reference{Instance: "eu", Organizer: "other"}, []string{"eu/other/conf", "eu/other/gala"}},
		"a domain of its own":               {reference{Host: "gala.other.example", Path: "/"}, []string{"eu/other/gala"}},
		"a page below a shop on its domain": {reference{Host: "tickets.other.example", Path: "/conf/redeem/"}, []string{"eu/other/conf"}},
		"an unknown domain":                 {reference{Host: "elsewhere.example", Path: "/conf/"}, nil},
		"an unknown event":                  {reference{Event: "party"}, nil},
	} {
		var got []string
		for _, event := range matching(tt.ref, all) {
			got = append(got, event.Key.String())
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

func TestPersonNamesEventsOfTheirOwnLoginsOnly(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf", "gala")
	pretix.organizer("other", "conf")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	pretix.grant(tokenOf("b"), grant{organizer: "other"})
	k := newKit(t, pretix.URL, "")
	k.login(mira, tokenOf("a"))
	k.login(noor, tokenOf("b"))
	for _, text := range []string{"conf", "lab/conf", "LAB/Conf", pretix.URL + "/lab/conf/?voucher=x", pretix.URL + "/control/event/lab/conf/orders/"} {
		got, err := k.Resolve(t.Context(), mira, text)
		if err != nil || got.Event.Key != conf || len(got.Candidates) > 0 || got.Event.Name["en"] != "Event conf" {
			t.Errorf("%s: got %+v, %v, want %v", text, got, err, conf)
		}
	}
	for _, text := range []string{"other/conf", "party", pretix.URL + "/other/conf/", "https://elsewhere.example/lab/conf/", "", "?!"} {
		if got, err := k.Resolve(t.Context(), mira, text); !errors.Is(err, ErrUnknownEvent) {
			t.Errorf("%s: got %+v, %v, want %v", text, got, err, ErrUnknownEvent)
		}
	}
	other := database.EventKey{Instance: "eu", Organizer: "other", Event: "conf"}
	if got, err := k.Resolve(t.Context(), mira, "conf", other); err != nil || len(got.Candidates) != 2 {
		t.Errorf("with an event known by its control room: got %+v, %v, want two to choose from", got, err)
	}
	if got, err := k.Resolve(t.Context(), mira, "other/conf", other); err != nil || got.Event.Key != other {
		t.Errorf("the one known by its control room: got %+v, %v, want %v", got, err, other)
	}
}

func TestEventMadeAMomentAgoIsFound(t *testing.T) {
	k, pretix := sweepKit(t)
	for _, text := range []string{"lab/party", "fest"} {
		slug := text[strings.LastIndex(text, "/")+1:]
		k.clock.forward(resolvedFor)
		pretix.mu.Lock()
		pretix.events["lab"] = append(pretix.events["lab"], slug)
		pretix.mu.Unlock()
		if got, err := k.Resolve(t.Context(), mira, text); err != nil || got.Event.Key != lab.Event(slug) {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
	}
}

func TestReferenceToOneInstanceAsksNoOther(t *testing.T) {
	eu, us := newFakePretix(t), newFakePretix(t)
	for _, pretix := range []*fakePretix{eu, us} {
		pretix.organizer("lab", "conf")
		pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	}
	k := newKit(t, eu.URL, us.URL)
	for _, instance := range []string{"eu", "us"} {
		if _, err := k.tryLogin(mira, instance, tokenOf("a")); err != nil {
			t.Fatal(err)
		}
	}
	k.clock.forward(resolvedFor)
	eu.requests()
	if got, err := k.Resolve(t.Context(), mira, us.URL+"/lab/party/"); !errors.Is(err, ErrUnknownEvent) {
		t.Errorf("got %+v, %v, want %v", got, err, ErrUnknownEvent)
	}
	if asked := eu.requests(); len(asked) > 0 {
		t.Errorf("the other instance was asked %v", asked)
	}
}

func TestDeadLoginNamesNothing(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.revoke(tokenOf("a"))
	if err := k.refreshAll(t.Context(), k.clientsOf(mira)[0]); !errors.Is(err, api.ErrUnauthorized) {
		t.Fatal(err)
	}
	if got, err := k.Resolve(t.Context(), mira, "lab/conf"); !errors.Is(err, ErrUnknownEvent) {
		t.Errorf("got %+v, %v, want %v", got, err, ErrUnknownEvent)
	}
}

func TestEventsAreNamedWhilePretixIsDown(t *testing.T) {
	k, pretix := sweepKit(t)
	again := k.restart(pretix.URL, "")
	pretix.interfere(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true })
	for _, text := range []string{"conf", "lab/conf"} {
		got, err := again.Resolve(t.Context(), mira, text)
		if err != nil || got.Event.Key != conf || got.Event.Name.Any() != "Conference" {
			t.Errorf("%s: got %+v, %v, want %v by what is stored", text, got, err, conf)
		}
	}
	if _, err := again.Resolve(t.Context(), mira, "lab/party"); !errors.Is(err, api.ErrUnavailable) {
		t.Errorf("an unknown one: got %v, want %v: it may have been made a moment ago", err, api.ErrUnavailable)
	}
}

// Somebody who pastes an address must not be able to make us call it.
func TestPastedHostIsNeverAsked(t *testing.T) {
	var asked atomic.Int32
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer trap.Close()
	k, _ := sweepKit(t)
	for _, text := range []string{
		trap.URL, trap.URL + "/lab/conf/", trap.URL + "/control/event/lab/conf/", trap.URL + "/api/v1/organizers/lab/events/conf/",
		strings.TrimPrefix(trap.URL, "http://") + "/lab/conf",
	} {
		if got, err := k.Resolve(t.Context(), mira, text); !errors.Is(err, ErrUnknownEvent) {
			t.Errorf("%s: got %+v, %v, want %v", text, got, err, ErrUnknownEvent)
		}
	}
	if got := asked.Load(); got > 0 {
		t.Errorf("the pasted host was asked %d times", got)
	}
}
