package replies

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/bridgev2"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
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

// TestConnectionsOfOneOrganizerAreToldApart has two tokens, one of a team with less rights, connected on another day.
func TestConnectionsOfOneOrganizerAreToldApart(t *testing.T) {
	one := pretixconn.Login{Name: "acme", Live: true, Events: []database.EventKey{evil}, Connected: noon}
	other := one
	other.Connected, other.Lacks = noon.Add(-30*24*time.Hour), []string{api.PermissionWebhooks}
	older := one
	older.Connected = time.Time{}
	for _, said := range []string{Logins([]pretixconn.Login{one, other, older}), WhichLogin([]pretixconn.Login{one, other, older})} {
		for _, line := range []string{
			"1. **acme**, 1 event, connected 2030-05-01 12:00 UTC\n",
			"2. **acme**, 1 event, connected 2030-04-01 12:00 UTC, may not register webhooks\n",
			"3. **acme**, 1 event\n",
		} {
			if !strings.Contains(said, line) {
				t.Errorf("not said: %q in %s", line, said)
			}
		}
	}
}
