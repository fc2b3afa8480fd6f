package pretixconn

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// lostKeyKit has one login with a registered webhook, and starts anew with another seal key.
func lostKeyKit(t *testing.T) (before, after *kit, pretix *fakePretix) {
	t.Helper()
	before, pretix = sweepKit(t)
	if _, err := before.EnsureWebhook(t.Context(), lab); err != nil {
		t.Fatal(err)
	}
	return before, before.restartWith(keysSealing(t, 9), pretix.URL, ""), pretix
}

func TestLoginUnderALostKeyIsDeadAndItsOwnerToldOnce(t *testing.T) {
	k, lost, pretix := lostKeyKit(t)
	pretix.requests()
	lost.tellUnreadable(t.Context())
	lost.tellUnreadable(t.Context())
	logins, err := lost.LoginsOf(t.Context(), mira)
	if err != nil || len(logins) != 1 || logins[0].Live || logins[0].DeadReason != DeadUnreadable || len(lost.died) != 1 {
		t.Errorf("got %+v, %v, told %d times; want one that is dead and told once", logins, err, len(lost.died))
	}
	again := k.restartWith(keysSealing(t, 9), pretix.URL, "")
	again.tellUnreadable(t.Context())
	if asked := pretix.requests(); len(again.died) > 0 || len(asked) > 0 {
		t.Errorf("the next start told %d times and asked %v", len(again.died), asked)
	}
}

func TestLoginServesAgainWhenTheKeyIsFound(t *testing.T) {
	k, lost, pretix := lostKeyKit(t)
	lost.tellUnreadable(t.Context())
	found := k.restart(pretix.URL, "")
	found.tellUnreadable(t.Context())
	dead := found.pick((*Client).refused)
	if len(dead) != 1 || len(found.died) > 0 {
		t.Fatalf("got %d to be tried, told %d times", len(dead), len(found.died))
	}
	if err := found.revive(t.Context(), dead[0]); err != nil || !dead[0].live() {
		t.Errorf("got %v, live %v", err, dead[0].live())
	}
}

func TestConnectingAnewAfterALossMovesTheWebhookThatThereIs(t *testing.T) {
	_, lost, pretix := lostKeyKit(t)
	former := pretix.hooksOf("lab")[0]
	pretix.grant(tokenOf("b"), grant{organizer: "lab"})
	login := lost.login(mira, tokenOf("b"))
	if err := lost.webhooks.ensure(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	secret, err := lost.store.Secret(t.Context(), lab)
	hooks := pretix.hooksOf("lab")
	if err != nil || len(hooks) != 1 || hooks[0].ID != former.ID || hooks[0].TargetURL == former.TargetURL ||
		hooks[0].TargetURL != "https://bridge.example.org"+WebhookPath+secret {
		t.Errorf("got %+v, %v, want webhook %d at the new address", hooks, err, former.ID)
	}
	if logins, err := lost.LoginsOf(t.Context(), mira); err != nil || len(logins) != 1 || logins[0].ID != login.ID {
		t.Errorf("got %+v, %v, want the new login in the place of the dead one", logins, err)
	}
}

// TestAWebhookThatComesAfterALossNeedNoNewAddress has one come before anybody has connected anew: those that people have entered by hand go on so.
func TestAWebhookThatComesAfterALossNeedNoNewAddress(t *testing.T) {
	_, lost, pretix := lostKeyKit(t)
	former := pretix.hooksOf("lab")
	if err := lost.webhooks.ensure(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	body := strings.NewReader(`{"organizer": "lab", "event": "conf", "code": "AAAAA", "action": "pretix.event.order.paid"}`)
	answer := httptest.NewRecorder()
	lost.Webhook().ServeHTTP(answer, httptest.NewRequest(http.MethodPost, former[0].TargetURL, body))
	if answer.Code != http.StatusOK {
		t.Fatalf("it is answered with %d", answer.Code)
	}
	wantDue(t, lost, conf, "AAAAA")
	pretix.grant(tokenOf("b"), grant{organizer: "lab"})
	lost.login(mira, tokenOf("b"))
	if _, err := lost.EnsureWebhook(t.Context(), lab); err != nil {
		t.Fatal(err)
	}
	if hooks := pretix.hooksOf("lab"); !reflect.DeepEqual(hooks, former) {
		t.Errorf("got %d webhooks, changed; want the one as it was", len(hooks))
	}
}

func TestAfterALossWhoMayNotRegisterIsToldWhatToEnter(t *testing.T) {
	_, lost, pretix := lostKeyKit(t)
	pretix.grant(tokenOf("b"), grant{organizer: "lab", noHooks: true})
	lost.login(mira, tokenOf("b"))
	report, err := lost.EnsureWebhook(t.Context(), lab)
	secret, secretErr := lost.store.Secret(t.Context(), lab)
	if want := (WebhookReport{WebhookManual, "https://bridge.example.org" + WebhookPath + secret}); err != nil || secretErr != nil || report != want {
		t.Errorf("got state %d, %v, %v", report.State, err, secretErr)
	}
}

func TestWhoLeavesAfterALossIsNotKept(t *testing.T) {
	_, lost, _ := lostKeyKit(t)
	left, err := lost.Logout(t.Context(), mira, lost.clientsOf(mira)[0].id())
	if want := []database.OrganizerKey{lab}; err != nil || !reflect.DeepEqual(left.Webhooks, want) {
		t.Errorf("got %+v, %v, want %v by hand", left, err, want)
	}
}

func TestAWebhookOfWhichSomebodyHasMadeSomethingElseIsNotTaken(t *testing.T) {
	ours := api.Webhook{ID: 3, TargetURL: "https://bridge.example.org" + WebhookPath + "FORMER", AllEvents: true, ActionTypes: listensTo}
	for name, c := range map[string]struct {
		known  int64
		change func(h *api.Webhook)
		want   bool
	}{
		"ours":                   {3, func(*api.Webhook) {}, true},
		"none known":             {0, func(*api.Webhook) {}, false},
		"another one":            {4, func(*api.Webhook) {}, false},
		"leads elsewhere":        {3, func(h *api.Webhook) { h.TargetURL = "https://crm.example.org/hook" }, false},
		"limited to some events": {3, func(h *api.Webhook) { h.AllEvents = false }, false},
		"listens to little":      {3, func(h *api.Webhook) { h.ActionTypes = nil }, false},
	} {
		hook := ours
		c.change(&hook)
		if got, found := outdatedWebhook([]api.Webhook{{ID: 1}, hook}, c.known); found != c.want || found && got.ID != 3 {
			t.Errorf("%s: got %v", name, found)
		}
	}
}
