package api_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/pretixconn/api"
)

func TestRealEventsAreListedWithWhatRoomsNeed(t *testing.T) {
	s := newShop(t, parts.OrganizerSpec{Events: []parts.EventSpec{
		{Slug: "conf", Name: "Conference", German: "Konferenz"}, {Slug: "Try.Out-1", Name: "Trial", Testmode: true, Offline: true},
		{Slug: "dates", Name: "Dates", Subevents: 2},
	}})
	client := s.by("readonly")
	organizers, err := client.Organizers(t.Context())
	if err != nil || len(organizers) != 1 || organizers[0].Slug != s.Slug {
		t.Fatalf("organizers %+v, %v; want %s alone", organizers, err, s.Slug)
	}
	events, err := client.Events(t.Context(), s.Slug)
	if err != nil || len(events) != 3 {
		t.Fatalf("events %+v, %v; want three", events, err)
	}
	found := map[string]api.Event{}
	for _, event := range events {
		found[event.Slug] = event
	}
	conf, trial := found["conf"], found["Try.Out-1"]
	if conf.Name["de"] != "Konferenz" || conf.Name.Any() != "Conference" || conf.PublicURL != s.lab.Pretix.URL+"/"+s.Slug+"/conf/" ||
		!conf.Live || conf.Testmode || conf.HasSubevents || conf.DateFrom.IsZero() || conf.DateTo.IsZero() || conf.Timezone == "" {
		t.Errorf("the event is %+v", conf)
	}
	if trial.Live || !trial.Testmode || !found["dates"].HasSubevents {
		t.Errorf("the others are %+v, %+v; want one in test mode and closed, one series", trial, found["dates"])
	}
	single, err := client.Event(t.Context(), s.Slug, "Try.Out-1")
	if err != nil || single.Slug != "Try.Out-1" {
		t.Errorf("the event alone is %+v, %v", single, err)
	}
	subevents, err := client.Subevents(t.Context(), s.Slug, "dates")
	if err != nil || len(subevents) != 2 || subevents[1].Name["de"] != "Termin 2" || subevents[1].DateFrom.IsZero() || !subevents[1].Active {
		t.Errorf("its dates are %+v, %v", subevents, err)
	}
	items, err := client.Items(t.Context(), s.Slug, "conf")
	if err != nil || len(items) != 5 || items[0].Name["de"] != "Eintrittskarte" || len(items[0].Variations) != 2 ||
		items[0].Variations[1].Value["de"] != "Ermäßigt" || !items[0].Active {
		t.Errorf("its items are %+v, %v", items, err)
	}
}

func TestRealShopUnderADomainOfItsOwnShowsItInItsPublicURL(t *testing.T) {
	s := newShop(t, parts.OrganizerSpec{})
	domain := parts.Unique("shop") + ".example.org"
	if err := s.conf.SetDomain(t.Context(), domain); err != nil {
		t.Fatal(err)
	}
	event, err := s.by("readonly").Event(t.Context(), s.Slug, "conf")
	if err != nil || !strings.Contains(event.PublicURL, "//"+domain) {
		t.Errorf("its public URL is %q, %v; want one at %s", event.PublicURL, err, domain)
	}
}

func TestRealCapitalsAndUnknownNames(t *testing.T) {
	s := newShop(t, parts.OrganizerSpec{})
	placed := s.order(parts.OrderSpec{})
	client := s.by("minimal")
	for name, c := range map[string]struct {
		organizer, event, code string
		want                   error
	}{
		"as it is":                {s.Slug, "conf", placed.Code, nil},
		"unknown code":            {s.Slug, "conf", "ZZZZZ", api.ErrNotFound},
		"unknown event":           {s.Slug, "nope", placed.Code, api.ErrForbidden},
		"unknown organizer":       {"nope", "conf", placed.Code, api.ErrForbidden},
		"organizer in capitals":   {strings.ToUpper(s.Slug), "conf", placed.Code, api.ErrForbidden},
		"event in capitals":       {s.Slug, "CONF", placed.Code, api.ErrForbidden},
		"code in small letters":   {s.Slug, "conf", strings.ToLower(placed.Code), api.ErrNotFound},
		"names that are no names": {s.Slug + "/../x", "con f", "?#%", api.ErrUnavailable}, // a page for people says so, not the API
	} {
		_, err := client.Order(t.Context(), c.organizer, c.event, c.code)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	base, err := url.Parse(s.lab.Pretix.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := api.NewClient(base, "not-a-token", nil).Organizers(t.Context()); !errors.Is(err, api.ErrUnauthorized) {
		t.Errorf("with a wrong token: %v, want %v", err, api.ErrUnauthorized)
	}
}

func TestRealTokensShowWhatTheyLack(t *testing.T) {
	s := newShop(t, parts.OrganizerSpec{Teams: []parts.TeamSpec{
		{Name: "nothing"},
		{Name: "hooks", OrganizerPermissions: []string{api.PermissionWebhooks}},
		{Name: "one", EventPermissions: []string{api.PermissionOrders}, Events: []string{"conf"}},
	}})
	s.order(parts.OrderSpec{})
	for team, c := range map[string]struct {
		lacks          []string
		events, orders int // what it sees
	}{
		"admin":    {nil, 2, 1},
		"minimal":  {nil, 2, 1},
		"readonly": {[]string{api.PermissionWebhooks}, 2, 1},
		"hooks":    {[]string{api.PermissionOrders}, 2, 0},
		"nothing":  {[]string{api.PermissionOrders, api.PermissionWebhooks}, 2, 0},
		"one":      {[]string{api.PermissionWebhooks}, 1, 1},
	} {
		client := s.by(team)
		orders, err := client.MayReadOrders(t.Context(), s.Slug, "conf")
		if want := !slices.Contains(c.lacks, api.PermissionOrders); err != nil || orders != want {
			t.Errorf("team %s may read orders: %v, %v; want %v", team, orders, err, want)
		}
		hooks, err := client.MayChangeWebhooks(t.Context(), s.Slug)
		if want := !slices.Contains(c.lacks, api.PermissionWebhooks); err != nil || hooks != want {
			t.Errorf("team %s may change webhooks: %v, %v; want %v", team, hooks, err, want)
		}
		events, err := client.Events(t.Context(), s.Slug)
		if err != nil || len(events) != c.events {
			t.Errorf("team %s sees %d events, %v; want %d", team, len(events), err, c.events)
		}
		if codes, _ := codesOf(t, client, s.Slug, api.OrderQuery{Brief: true}); len(codes) != c.orders {
			t.Errorf("team %s reads %d orders of the organizer, want %d and no error", team, len(codes), c.orders)
		}
	}
	if may, err := s.by("one").MayReadOrders(t.Context(), s.Slug, "series"); err != nil || may {
		t.Errorf("asking about an event out of sight: %v, %v; want no", may, err)
	}
	if _, err := s.by("nothing").Order(t.Context(), s.Slug, "conf", "ZZZZZ"); !errors.Is(err, api.ErrForbidden) {
		t.Errorf("an order without the permission: %v, want %v", err, api.ErrForbidden)
	}
}

func TestRealQuestionsPerOrderAreMarked(t *testing.T) {
	s := newShop(t, parts.OrganizerSpec{})
	var made struct {
		ID int64 `json:"id"`
	}
	err := s.conf.API(t.Context(), "POST", "questions/", map[string]any{
		"question": map[string]string{"en": "Matrix ID of all of you"}, "type": "T", "required": false, "items": []int64{}, "identifier": "all",
	}, &made)
	if err != nil {
		t.Fatal(err)
	}
	s.sql(`UPDATE pretixbase_question SET container_type = 'O' WHERE id = $1`, made.ID)
	questions, err := s.by("readonly").Questions(t.Context(), s.Slug, "conf")
	if err != nil || len(questions) != 3 {
		t.Fatalf("questions %+v, %v; want three", questions, err)
	}
	matrix, diet, whole := questions[0], questions[1], questions[2]
	if matrix.Identifier != "matrix" || matrix.Type != api.QuestionLine || matrix.PerOrder || matrix.Question["de"] != "Deine Matrix-ID" ||
		matrix.HelpText.Any() == "" || !slices.Contains(matrix.Items, s.conf.Items.Ticket) || slices.Contains(matrix.Items, s.conf.Items.Workshop) {
		t.Errorf("the question is %+v", matrix)
	}
	if diet.ID != s.conf.Questions.Diet || diet.Type != "C" || diet.PerOrder {
		t.Errorf("the second is %+v, want the one for the diet", diet)
	}
	if whole.ID != made.ID || !whole.PerOrder || whole.Type != api.QuestionText {
		t.Errorf("the one per order is %+v, want it marked", whole)
	}
}

func TestRealWebhookIsMadeChangedAndDisabled(t *testing.T) {
	s := newShop(t, parts.OrganizerSpec{})
	client, ctx := s.by("minimal"), t.Context()
	const first, second = "https://bridge.example.org/_pretix/webhook/one", "https://bridge.example.org/_pretix/webhook/two"
	made, err := client.CreateWebhook(ctx, s.Slug, first, "matrix-pretix")
	if err != nil || made.ID == 0 || !made.Enabled || !made.AllEvents || made.TargetURL != first || made.Comment != "matrix-pretix" {
		t.Fatalf("made %+v, %v", made, err)
	}
	for _, action := range []string{"pretix.event.order.placed", "pretix.event.order.changed.*", "pretix.event.order.expirychanged"} {
		if !slices.Contains(made.ActionTypes, action) {
			t.Errorf("it listens to %q, want %s among them", made.ActionTypes, action)
		}
	}
	if err := client.DisableWebhook(ctx, s.Slug, made.ID); err != nil {
		t.Fatal(err)
	}
	listed, err := client.Webhooks(ctx, s.Slug)
	if err != nil || len(listed) != 1 || listed[0].ID != made.ID || listed[0].Enabled {
		t.Errorf("after disabling it the list is %+v, %v; want it disabled", listed, err)
	}
	changed, err := client.UpdateWebhook(ctx, s.Slug, made.ID, second)
	if err != nil || !changed.Enabled || changed.TargetURL != second || !slices.Equal(changed.ActionTypes, made.ActionTypes) {
		t.Errorf("changed to %+v, %v; want it enabled for the second target, listening as before", changed, err)
	}
	if err := client.DisableWebhook(ctx, s.Slug, made.ID+1_000_000); !errors.Is(err, api.ErrNotFound) {
		t.Errorf("disabling an unknown one: %v, want %v", err, api.ErrNotFound)
	}
	for name, try := range map[string]func(context.Context, *api.Client) error{
		"list": func(ctx context.Context, c *api.Client) error { _, err := c.Webhooks(ctx, s.Slug); return err },
		"create": func(ctx context.Context, c *api.Client) error {
			_, err := c.CreateWebhook(ctx, s.Slug, first, "")
			return err
		},
		"update": func(ctx context.Context, c *api.Client) error {
			_, err := c.UpdateWebhook(ctx, s.Slug, made.ID, first)
			return err
		},
		"disable": func(ctx context.Context, c *api.Client) error { return c.DisableWebhook(ctx, s.Slug, made.ID) },
	} {
		if err := try(ctx, s.by("readonly")); !errors.Is(err, api.ErrForbidden) {
			t.Errorf("%s without the permission: %v, want %v", name, err, api.ErrForbidden)
		}
	}
}

func TestRealEventsPictureIsFoundByATokenThatOnlyReadsOrders(t *testing.T) {
	s := newShop(t, parts.OrganizerSpec{})
	if _, err := s.by("readonly").EventImage(t.Context(), s.Slug, "conf"); !errors.Is(err, api.ErrNotFound) {
		t.Errorf("without a picture: %v, want %v", err, api.ErrNotFound)
	}
	media := filepath.Join(s.lab.Pretix.Dir, "data", "media", "pub", s.Slug)
	if err := os.MkdirAll(media, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(media, "logo.png"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.conf.Set(t.Context(), map[string]any{"logo_image": "file://pub/" + s.Slug + "/logo.png"}); err != nil {
		t.Fatal(err)
	}
	// Pretix leaves it to a web server to serve the file, and the lab has none: that the file was asked for is all it can show.
	_, err := s.by("readonly").EventImage(t.Context(), s.Slug, "conf")
	if failed, ok := errors.AsType[*api.Error](err); !ok || failed.Status != 404 {
		t.Errorf("with a picture: %v, want the answer 404 of the server", err)
	}
}
