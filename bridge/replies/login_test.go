package replies

import (
	"net/url"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// TestWhoLogsOutDoesNotLearnOfOthers has one who was the last to serve an event, and one who was not.
func TestWhoLogsOutDoesNotLearnOfOthers(t *testing.T) {
	last := pretixconn.LoggedOut{Given: []database.EventKey{evil}, Unserved: []database.EventKey{evil}}
	first := pretixconn.LoggedOut{Given: []database.EventKey{evil}}
	if one, other := LoggedOut(last), LoggedOut(first); one != other || !strings.Contains(one, eventName(evil)) {
		t.Errorf("the last one is told %q, another one %q", one, other)
	}
}

func TestInstancesOnOneHostAreToldApart(t *testing.T) {
	step := &bridgev2.LoginStep{StepID: pretixconn.StepInstance}
	text := LoginStep(step, []pretixconn.Instance{
		{Key: "a", URL: &url.URL{Scheme: "https", Host: "tickets.example.org", Path: "/one/"}},
		{Key: "b", URL: &url.URL{Scheme: "https", Host: "tickets.example.org", Path: "/two/"}},
	}) + "\n"
	if !strings.Contains(text, quote("a (tickets.example.org/one)")+"\n") || !strings.Contains(text, quote("b (tickets.example.org/two)")+"\n") {
		t.Errorf("asks: %s", text)
	}
}
