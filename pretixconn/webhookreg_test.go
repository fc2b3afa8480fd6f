package pretixconn

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

func TestOurWebhookIsFoundAmongOthers(t *testing.T) {
	const target = "https://bridge.example.org/_pretix/webhook/SECRET"
	hook := func(id int64, address string, change ...func(*api.Webhook)) api.Webhook {
		h := api.Webhook{ID: id, Enabled: true, TargetURL: address, AllEvents: true, ActionTypes: slices.Clone(listensTo)}
		for _, c := range change {
			c(&h)
		}
		return h
	}
	disabled := func(h *api.Webhook) { h.Enabled = false }
	limited := func(h *api.Webhook) { h.AllEvents, h.LimitEvents = false, []string{"conf"} }
	deaf := func(h *api.Webhook) { h.ActionTypes = h.ActionTypes[:1] }
	for name, tt := range map[string]struct {
		hooks []api.Webhook
		want  int64 // 0: none
	}{
		"none at all":                 {nil, 0},
		"somebody else's":             {[]api.Webhook{hook(1, "https://crm.example.org/hook")}, 0},
		"another bridge's":            {[]api.Webhook{hook(1, "https://bridge.example.org/_pretix/webhook/OTHER")}, 0},
		"a secret that begins so":     {[]api.Webhook{hook(1, target+"MORE")}, 0},
		"ours":                        {[]api.Webhook{hook(1, "https://crm.example.org/hook"), hook(2, target)}, 2},
		"disabled":                    {[]api.Webhook{hook(2, target, disabled)}, 2},
		"entered with a slash":        {[]api.Webhook{hook(2, target+"/")}, 2},
		"from a former address":       {[]api.Webhook{hook(2, "https://old.example.org/sub/_pretix/webhook/SECRET")}, 2},
		"limited to some events":      {[]api.Webhook{hook(2, target, limited)}, 0},
		"listening to too little":     {[]api.Webhook{hook(2, target, deaf)}, 0},
		"one at work before disabled": {[]api.Webhook{hook(2, target, disabled), hook(3, target)}, 3},
		"here, disabled, before a former address": {
			[]api.Webhook{hook(2, "https://old.example.org/_pretix/webhook/SECRET"), hook(3, target, disabled)}, 3},
	} {
		got, found := usableWebhook(tt.hooks, target)
		if got.ID != tt.want || found != (tt.want != 0) {
			t.Errorf("%s: got %d, %v, want %d", name, got.ID, found, tt.want)
		}
	}
}

// registeredKit has two logins, of which the first asked may not touch webhooks.
func registeredKit(t *testing.T, firstMay, secondMay bool) (*kit, *fakePretix, string) {
	t.Helper()
	pretix := newFakePretix(t)
	k, first, second, tokens := twoLogins(t, pretix)
	pretix.grant(tokens[first.ID], grant{organizer: "lab", noHooks: !firstMay})
	pretix.grant(tokens[second.ID], grant{organizer: "lab", noHooks: !secondMay})
	secret, err := k.store.Secret(t.Context(), lab)
	if err != nil {
		t.Fatal(err)
	}
	return k, pretix, "https://bridge.example.org/_pretix/webhook/" + secret
}

func TestWebhookIsRegisteredOnceByWhoeverMay(t *testing.T) {
	k, pretix, target := registeredKit(t, false, true)
	for range 2 {
		got, err := k.EnsureWebhook(t.Context(), lab)
		if want := (WebhookReport{State: WebhookRegistered}); err != nil || got != want {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
	}
	hooks := pretix.webhooks["lab"]
	if len(hooks) != 1 || hooks[0].TargetURL != target || !hooks[0].AllEvents || !hooks[0].Enabled || !listens(hooks[0].ActionTypes) {
		t.Errorf("got %+v, want one that tells us of orders of all events", hooks)
	}
	organizer, err := k.store.Organizer(t.Context(), lab)
	if err != nil || organizer.WebhookID != hooks[0].ID {
		t.Errorf("got %+v, %v, want webhook %d noted", organizer, err, hooks[0].ID)
	}
}

func TestDisabledOrMovedWebhookIsMended(t *testing.T) {
	k, pretix, target := registeredKit(t, true, true)
	if _, err := k.EnsureWebhook(t.Context(), lab); err != nil {
		t.Fatal(err)
	}
	pretix.webhooks["lab"][0].Enabled = false
	k.cfg.PublicAddress = "https://moved.example.org/"
	if got, err := k.EnsureWebhook(t.Context(), lab); err != nil || got.State != WebhookRegistered {
		t.Fatalf("got %+v, %v", got, err)
	}
	hooks := pretix.webhooks["lab"]
	want := strings.Replace(target, "bridge.example.org", "moved.example.org", 1)
	if len(hooks) != 1 || !hooks[0].Enabled || hooks[0].TargetURL != want {
		t.Errorf("got %+v, want the one webhook enabled at the new address", hooks)
	}
}

func TestWebhookThatNobodyMayRegisterIsEnteredByHand(t *testing.T) {
	k, _, target := registeredKit(t, false, false)
	got, err := k.EnsureWebhook(t.Context(), lab)
	if want := (WebhookReport{State: WebhookManual, Target: target}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if manual, err := k.DropWebhook(t.Context(), lab); err != nil || manual {
		t.Errorf("drop, never heard: got manual %v, %v, want no: nobody has entered it", manual, err)
	}
	if err := k.store.Heard(t.Context(), lab); err != nil {
		t.Fatal(err)
	}
	if manual, err := k.DropWebhook(t.Context(), lab); err != nil || !manual {
		t.Errorf("drop, heard: got manual %v, %v, want yes", manual, err)
	}
}

func TestWithoutAPublicAddressNothingIsRegistered(t *testing.T) {
	k, pretix, _ := registeredKit(t, true, true)
	k.cfg.PublicAddress = ""
	pretix.requests()
	got, err := k.EnsureWebhook(t.Context(), lab)
	if want := (WebhookReport{State: WebhookNone}); err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if asked := pretix.requests(); len(asked) > 0 {
		t.Errorf("asked %v", asked)
	}
}

func TestWebhookNotRegisteredWhilePretixIsDownIsAnError(t *testing.T) {
	k, pretix, _ := registeredKit(t, true, true)
	pretix.interfere(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true })
	if got, err := k.EnsureWebhook(t.Context(), lab); err == nil {
		t.Errorf("got %+v and no error", got)
	}
}

func TestDroppedWebhookIsDisabledAtPretix(t *testing.T) {
	k, pretix, _ := registeredKit(t, false, true)
	if _, err := k.EnsureWebhook(t.Context(), lab); err != nil {
		t.Fatal(err)
	}
	pretix.webhooks["lab"] = append(pretix.webhooks["lab"], api.Webhook{ID: 9, Enabled: true, TargetURL: "https://crm.example.org/hook"})
	if manual, err := k.DropWebhook(t.Context(), lab); err != nil || manual {
		t.Errorf("got manual %v, %v", manual, err)
	}
	hooks := pretix.webhooks["lab"]
	if hooks[0].Enabled || !hooks[1].Enabled {
		t.Errorf("got %+v, want ours disabled and the other left alone", hooks)
	}
	if organizer, err := k.store.Organizer(t.Context(), lab); err != nil || organizer.WebhookID != 0 {
		t.Errorf("got %+v, %v, want no webhook noted", organizer, err)
	}
}

func TestWebhookGoesWithTheLastLogin(t *testing.T) {
	k, pretix, _ := registeredKit(t, true, true)
	if _, err := k.EnsureWebhook(t.Context(), lab); err != nil {
		t.Fatal(err)
	}
	logout := func() LoggedOut {
		client := k.clientsAt(lab)[0]
		left, err := k.Logout(t.Context(), client.login.UserMXID, client.id())
		if err != nil {
			t.Fatal(err)
		}
		return left
	}
	if left := logout(); len(left.Webhooks) > 0 || !pretix.webhooks["lab"][0].Enabled {
		t.Errorf("first logout: got %+v, webhook enabled %v, want it left to the other login", left, pretix.webhooks["lab"][0].Enabled)
	}
	if left := logout(); len(left.Webhooks) > 0 || pretix.webhooks["lab"][0].Enabled {
		t.Errorf("last logout: got %+v, webhook enabled %v, want it disabled", left, pretix.webhooks["lab"][0].Enabled)
	}
}

// Nobody is kept from leaving because Pretix is down, or because the login is dead already.
func TestLogoutNamesWebhooksThatItCannotDisable(t *testing.T) {
	for name, trouble := range map[string]func(*fakePretix){
		"pretix is down": func(p *fakePretix) {
			p.interfere(func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true })
		},
		"the token is refused": func(p *fakePretix) { p.revoke(tokenOf("a")) },
		"it may not":           func(p *fakePretix) { p.grant(tokenOf("a"), grant{organizer: "lab", noHooks: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			k, pretix := sweepKit(t)
			if _, err := k.EnsureWebhook(t.Context(), lab); err != nil {
				t.Fatal(err)
			}
			trouble(pretix)
			client := k.clientsAt(lab)[0]
			left, err := k.Logout(t.Context(), mira, client.id())
			if want := []database.OrganizerKey{lab}; err != nil || !reflect.DeepEqual(left.Webhooks, want) {
				t.Errorf("got %+v, %v, want %v by hand", left, err, want)
			}
			if k.client(client.id()) != nil {
				t.Error("the login is still there")
			}
		})
	}
}
