package pretixconn

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

// These tests show on a real Pretix what the others take for granted of it.

// realKit is a connector for the lab's Pretix, with an organizer of its own there that has the events "conf" and "series".
func realKit(t *testing.T, teams ...parts.TeamSpec) (*kit, *parts.Organizer, database.OrganizerKey) {
	t.Helper()
	pretix := parts.Need(t).Pretix
	organizer, err := pretix.NewOrganizer(t.Context(), parts.OrganizerSpec{Teams: teams})
	if err != nil {
		t.Fatal(err)
	}
	return newKit(t, pretix.URL, ""), organizer, database.OrganizerKey{Instance: "eu", Organizer: organizer.Slug}
}

func mustOrder(t *testing.T, event *parts.Event, spec parts.OrderSpec) string {
	t.Helper()
	order, err := event.CreateOrder(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return order.Code
}

// limit narrows a team to some events.
func limit(t *testing.T, o *parts.Organizer, team string, events ...string) {
	t.Helper()
	body := map[string]any{"all_events": false, "limit_events": events}
	if err := o.API(t.Context(), http.MethodPatch, fmt.Sprintf("teams/%d/", o.Teams[team].ID), body, nil); err != nil {
		t.Fatal(err)
	}
}

func TestRealTokensSeeAndLackWhatTheirTeamHas(t *testing.T) {
	k, organizer, key := realKit(t,
		parts.TeamSpec{Name: "narrow", EventPermissions: []string{"event.orders:read"}, Events: []string{"series"}},
		parts.TeamSpec{Name: "hooks", OrganizerPermissions: []string{"organizer.settings.general:write"}},
		parts.TeamSpec{Name: "nothing", Events: []string{"conf"}},
	)
	both := []database.EventKey{key.Event("conf"), key.Event("series")}
	for team, want := range map[string]struct {
		events []database.EventKey
		lacks  []string
	}{
		"admin":    {both, nil},
		"minimal":  {both, nil},
		"readonly": {both, []string{api.PermissionWebhooks}},
		"narrow":   {both[1:], []string{api.PermissionWebhooks}},
		"hooks":    {nil, []string{api.PermissionOrders}},
		"nothing":  {nil, []string{api.PermissionOrders, api.PermissionWebhooks}},
	} {
		login, err := k.tryLogin(mira, "eu", organizer.Tokens[team])
		if err != nil {
			t.Errorf("%s: %v", team, err)
			continue
		}
		if !reflect.DeepEqual(login.Events, want.events) || !reflect.DeepEqual(login.Lacks, want.lacks) {
			t.Errorf("%s: got events %v, lacks %v, want %v, %v", team, login.Events, login.Lacks, want.events, want.lacks)
		}
	}
	if _, err := k.tryLogin(mira, "eu", tokenOf("wrong")); !errors.Is(err, api.ErrUnauthorized) {
		t.Errorf("a wrong token: got %v, want %v", err, api.ErrUnauthorized)
	}
}

// A token with the two permissions that we ask for can read all that we read: nothing of it is answered with 403, which would cost
// the login its sight.
func TestRealMinimalTokenReadsEverything(t *testing.T) {
	k, organizer, key := realKit(t)
	event := key.Event("series")
	k.link(event)
	if err := k.store.SetQuestion(t.Context(), event, organizer.Events["series"].Questions.Matrix, "matrix"); err != nil {
		t.Fatal(err)
	}
	code := mustOrder(t, organizer.Events["series"], parts.OrderSpec{Positions: []parts.PositionSpec{{MatrixID: "@ada:example.org"}}})
	login := k.login(mira, organizer.Tokens["minimal"])

	order, err := k.Order(t.Context(), event, code)
	if err != nil || len(order.Positions) != 1 || len(order.Positions[0].Answers) != 1 || order.Positions[0].Answers[0].Answer != "@ada:example.org" {
		t.Errorf("order: got %+v, %v", order, err)
	}
	if items, err := k.Items(t.Context(), event); err != nil || len(items) < 5 {
		t.Errorf("items: got %v, %v", items, err)
	}
	if dates, err := k.Subevents(t.Context(), event); err != nil || len(dates) != 2 {
		t.Errorf("subevents: got %v, %v", dates, err)
	}
	if questions, err := k.Questions(t.Context(), event); err != nil || FindQuestion(questions).Exact == nil {
		t.Errorf("questions: got %v, %v", questions, err)
	}
	if state, err := k.EventState(t.Context(), event); err != nil || !state.Live || !state.HasSubevents {
		t.Errorf("event: got %+v, %v", state, err)
	}
	if _, err := k.EventImage(t.Context(), event); !errors.Is(err, api.ErrNotFound) {
		t.Errorf("image: got %v, want %v", err, api.ErrNotFound)
	}
	if _, err := k.Order(t.Context(), event, "ZZZZZ"); !errors.Is(err, ErrNoOrder) {
		t.Errorf("unknown order: got %v, want %v", err, ErrNoOrder)
	}
	if seen, err := k.store.SeenBy(t.Context(), login.ID); err != nil || len(seen) != 2 || !k.client(login.ID).live() {
		t.Errorf("afterwards the login sees %v, %v", seen, err)
	}
}

func TestRealWebhookComesAndGoes(t *testing.T) {
	k, organizer, key := realKit(t)
	conf, series := key.Event("conf"), key.Event("series")
	k.link(conf)
	server := httptest.NewServer(k.Webhook())
	defer server.Close()
	k.cfg.PublicAddress = server.URL

	k.login(noor, organizer.Tokens["readonly"])
	report, err := k.EnsureWebhook(t.Context(), key)
	if err != nil || report.State != WebhookManual || !strings.HasPrefix(report.Target, server.URL+WebhookPath) {
		t.Fatalf("by a token that may not: got %+v, %v, want it to be entered by hand", report, err)
	}
	k.login(mira, organizer.Tokens["minimal"])
	for range 2 {
		if report, err = k.EnsureWebhook(t.Context(), key); err != nil || report.State != WebhookRegistered {
			t.Fatalf("got %+v, %v, want it registered", report, err)
		}
	}
	wantHooks(t, organizer, true)

	code := mustOrder(t, organizer.Events["conf"], parts.OrderSpec{})
	waitFor(t, func() bool { return slices.Equal(k.due(conf), []string{code}) })
	mustOrder(t, organizer.Events["series"], parts.OrderSpec{})
	if due := k.due(series); len(due) > 0 {
		t.Errorf("an event without a room has due %v", due)
	}

	if manual, err := k.DropWebhook(t.Context(), key); err != nil || manual {
		t.Fatalf("drop: got manual %v, %v", manual, err)
	}
	wantHooks(t, organizer, false)
	k.settle(conf)
	if report, err = k.EnsureWebhook(t.Context(), key); err != nil || report.State != WebhookRegistered {
		t.Fatalf("again: got %+v, %v, want it registered", report, err)
	}
	wantHooks(t, organizer, true)
	code = mustOrder(t, organizer.Events["conf"], parts.OrderSpec{})
	waitFor(t, func() bool { return slices.Equal(k.due(conf), []string{code}) })
}

// wantHooks wants the organizer to have one webhook, at work or not.
func wantHooks(t *testing.T, organizer *parts.Organizer, enabled bool) {
	t.Helper()
	var hooks struct{ Results []api.Webhook }
	if err := organizer.API(t.Context(), http.MethodGet, "webhooks/", nil, &hooks); err != nil {
		t.Fatal(err)
	}
	if len(hooks.Results) != 1 || hooks.Results[0].Enabled != enabled || !listens(hooks.Results[0].ActionTypes) {
		t.Errorf("got webhooks %+v, want one, enabled %v", hooks.Results, enabled)
	}
}

func TestRealSweepFindsWhatNoWebhookTold(t *testing.T) {
	k, organizer, key := realKit(t)
	conf := key.Event("conf")
	k.login(mira, organizer.Tokens["readonly"])
	paid := mustOrder(t, organizer.Events["conf"], parts.OrderSpec{})
	pending := mustOrder(t, organizer.Events["conf"], parts.OrderSpec{Pending: true})
	mustOrder(t, organizer.Events["series"], parts.OrderSpec{})
	k.link(conf)
	k.mustSweep(key)
	want := []string{paid, pending}
	slices.Sort(want)
	wantDue(t, k, conf, want...)
	if got := time.Since(k.watermark(conf)); got < 0 || got > time.Minute {
		t.Errorf("the watermark is %v old, want it at Pretix's clock", got)
	}
	k.settle(conf)
	k.mustSweep(key)
	wantDue(t, k, conf)
	if err := organizer.Events["conf"].MarkPaid(t.Context(), pending); err != nil {
		t.Fatal(err)
	}
	k.mustSweep(key)
	wantDue(t, k, conf, pending)
}

func TestRealLoginNeverMovesTheWatermarkOfAnEventItLost(t *testing.T) {
	k, organizer, key := realKit(t)
	conf, series := key.Event("conf"), key.Event("series")
	k.login(mira, organizer.Tokens["readonly"])
	k.link(conf)
	k.link(series)
	k.mustSweep(key)
	before, other := k.watermark(series), k.watermark(conf)
	limit(t, organizer, "readonly", "conf")
	missed := mustOrder(t, organizer.Events["series"], parts.OrderSpec{})
	for range 2 {
		k.clock.forward(provenFor)
		k.mustSweep(key)
	}
	if got := k.watermark(series); !got.Equal(before) {
		t.Errorf("series: moved from %v to %v", before, got)
	}
	if got := k.watermark(conf); !got.After(other) {
		t.Errorf("conf: stays at %v", got)
	}
	if _, err := k.Order(t.Context(), series, missed); !errors.Is(err, ErrNoLogin) {
		t.Errorf("order of the lost event: got %v, want %v", err, ErrNoLogin)
	}
	limit(t, organizer, "readonly", "conf", "series")
	if err := k.refreshAll(t.Context(), k.clientsOf(mira)[0]); err != nil {
		t.Fatal(err)
	}
	k.mustSweep(key)
	wantDue(t, k, series, missed)
}

func TestRealEventTakenFromATeamIsOutOfSight(t *testing.T) {
	k, organizer, key := realKit(t)
	conf := key.Event("conf")
	k.link(conf)
	login := k.login(mira, organizer.Tokens["readonly"])
	code := mustOrder(t, organizer.Events["conf"], parts.OrderSpec{})
	limit(t, organizer, "readonly", "series")
	if _, err := k.Order(t.Context(), conf, code); !errors.Is(err, ErrNoLogin) {
		t.Errorf("got %v, want %v", err, ErrNoLogin)
	}
	seen, err := k.store.SeenBy(t.Context(), login.ID)
	if want := []database.EventKey{key.Event("series")}; err != nil || !reflect.DeepEqual(seen, want) || !k.client(login.ID).live() {
		t.Errorf("got sight %v, %v, want %v of a live login", seen, err, want)
	}
	k.login(noor, organizer.Tokens["minimal"])
	if order, err := k.Order(t.Context(), conf, code); err != nil || order.Code != code {
		t.Errorf("by the other login: got %+v, %v", order, err)
	}
}

func TestRealRevokedTokenKillsItsLogin(t *testing.T) {
	k, organizer, key := realKit(t)
	conf := key.Event("conf")
	k.link(conf)
	login := k.login(mira, organizer.Tokens["readonly"])
	team := organizer.Teams["readonly"]
	if err := organizer.API(t.Context(), http.MethodDelete, fmt.Sprintf("teams/%d/tokens/%d/", team.ID, team.TokenID), nil, nil); err != nil {
		t.Fatal(err)
	}
	k.mustSweep(key)
	if !slices.Equal(k.deaths(), []string{login.ID}) || k.client(login.ID).live() {
		t.Errorf("told of the deaths of %v, want %v", k.deaths(), login.ID)
	}
	if _, err := k.tryLogin(mira, "eu", organizer.Tokens["readonly"]); !errors.Is(err, api.ErrUnauthorized) {
		t.Errorf("authorizing with it again: got %v, want %v", err, api.ErrUnauthorized)
	}
	fresh := k.login(mira, organizer.Tokens["minimal"])
	if logins, err := k.LoginsOf(t.Context(), mira); err != nil || len(logins) != 1 || logins[0].ID != fresh.ID {
		t.Errorf("got %+v, %v, want the new login in place of the dead one", logins, err)
	}
}

func TestRealReferencesAreFound(t *testing.T) {
	k, organizer, key := realKit(t)
	k.login(mira, organizer.Tokens["minimal"])
	domain := parts.Unique("tickets") + ".example.org"
	if err := organizer.Events["series"].SetDomain(t.Context(), domain); err != nil {
		t.Fatal(err)
	}
	k.clock.forward(resolvedFor)
	base := k.cfg.Instances[0].URL.String()
	shop := domain + ":" + k.cfg.Instances[0].URL.Port() // Pretix gives every shop the port of its own address
	for text, slug := range map[string]string{
		organizer.Slug + "/conf": "conf",
		"series":                 "series",
		strings.ToUpper(organizer.Slug) + "/Conf":                     "conf",
		base + "/" + organizer.Slug + "/conf/?locale=de":              "conf",
		base + "/control/event/" + organizer.Slug + "/series/orders/": "series",
		"http://" + shop + "/":                                        "series",
		"http://" + shop + "/redeem?voucher=ABC":                      "series",
		shop + "/":                                                    "series",
	} {
		got, err := k.Resolve(t.Context(), mira, text)
		if err != nil || got.Event.Key != key.Event(slug) {
			t.Errorf("%s: got %+v, %v, want %s", text, got, err, slug)
		}
	}
}
