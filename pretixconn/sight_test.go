package pretixconn

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// After a start, a login looks at one organizer: what it saw of the other one must still be known.
func TestLookAtOneOrganizerForgetsNoOther(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf", "gala")
	pretix.organizer("other", "party")
	pretix.grant(tokenOf("a"), grant{organizer: "lab", also: "other"})
	k := newKit(t, pretix.URL, "")
	party := database.EventKey{Instance: "eu", Organizer: "other", Event: "party"}
	if login := k.login(mira, tokenOf("a")); !reflect.DeepEqual(login.Events, append(keys("conf", "gala"), party)) {
		t.Fatalf("got %v", login.Events)
	}
	again := k.restart(pretix.URL, "")
	pretix.grant(tokenOf("a"), grant{organizer: "lab", also: "other", events: []string{"gala"}})
	client := again.clientsOf(mira)[0]
	if err := again.refresh(t.Context(), client, "lab", time.Time{}); err != nil {
		t.Fatal(err)
	}
	seen, err := again.store.SeenBy(t.Context(), client.id())
	if want := append(keys("gala"), party); err != nil || !reflect.DeepEqual(seen, want) {
		t.Errorf("got %v, %v, want %v", seen, err, want)
	}
}

func TestLookIsSparedWhereSomebodyJustLooked(t *testing.T) {
	k, pretix := sweepKit(t)
	client := k.clientsOf(mira)[0]
	pretix.requests()
	if err := k.refresh(t.Context(), client, "lab", k.clock.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if asked := pretix.requests(); len(asked) > 0 {
		t.Errorf("asked %v", asked)
	}
	if err := k.refresh(t.Context(), client, "lab", k.clock.Now()); err != nil {
		t.Fatal(err)
	}
	if asked := pretix.requests(); len(asked) == 0 {
		t.Error("asked nothing: what was seen before a moment proves nothing for after it")
	}
}

func TestWholeLookSeesNewOrganizersAndPermissions(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.organizer("other", "party")
	pretix.grant(tokenOf("a"), grant{organizer: "lab", also: "other", noHooks: true})
	if err := k.refreshAll(t.Context(), k.clientsOf(mira)[0]); err != nil {
		t.Fatal(err)
	}
	for name, k := range map[string]*kit{"at once": k, "after a restart": k.restart(pretix.URL, "")} {
		logins, err := k.LoginsOf(t.Context(), mira)
		if err != nil || len(logins) != 1 {
			t.Fatalf("%s: got %v, %v", name, logins, err)
		}
		if got, want := logins[0].Organizers, []string{"lab", "other"}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got organizers %v, want %v", name, got, want)
		}
		if got, want := logins[0].Lacks, []string{api.PermissionWebhooks}; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got lacks %v, want %v", name, got, want)
		}
	}
}

// Whoever still holds a login that was logged out must not write down again what it sees.
func TestLookAfterLogoutLeavesNothing(t *testing.T) {
	k, _ := sweepKit(t)
	client := k.clientsOf(mira)[0]
	if _, err := k.Logout(t.Context(), mira, client.id()); err != nil {
		t.Fatal(err)
	}
	if err := k.refreshAll(t.Context(), client); !errors.Is(err, ErrNoLogin) {
		t.Errorf("got %v, want %v", err, ErrNoLogin)
	}
	if seen, err := k.store.SeenBy(t.Context(), client.id()); err != nil || len(seen) > 0 {
		t.Errorf("it sees %v, %v", seen, err)
	}
}
