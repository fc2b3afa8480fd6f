package parts

import (
	"context"
	"errors"
	"net/http"
	"testing"
)

func TestOrderGoesThroughItsLife(t *testing.T) {
	event := newOrganizer(t, Need(t)).Events["conf"]
	order, err := event.CreateOrder(t.Context(), OrderSpec{Pending: true, Positions: []PositionSpec{{MatrixID: "@ada:lab.example"}, {Item: event.Items.Online}}})
	if err != nil {
		t.Fatal(err)
	}
	code, first, second := order.Code, order.Positions[0].ID, order.Positions[1].ID
	steps := []struct {
		name   string
		do     func(context.Context) error
		status string
	}{
		{"paid", func(ctx context.Context) error { return event.MarkPaid(ctx, code) }, "p"},
		{"pending", func(ctx context.Context) error { return event.MarkPending(ctx, code) }, "n"},
		{"paid again", func(ctx context.Context) error { return event.MarkPaid(ctx, code) }, "p"},
		{"ID changed", func(ctx context.Context) error { return event.SetMatrixID(ctx, first, "@grace:lab.example") }, "p"},
		{"position canceled", func(ctx context.Context) error { return event.CancelPosition(ctx, second) }, "p"},
		{"canceled", func(ctx context.Context) error { return event.Cancel(ctx, code, "") }, "c"},
		{"reactivated", func(ctx context.Context) error { return event.Reactivate(ctx, code) }, "p"},
		{"canceled for a fee", func(ctx context.Context) error { return event.Cancel(ctx, code, "5.00") }, "p"},
	}
	for _, step := range steps {
		if err := step.do(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got, err := event.Order(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != step.status {
			t.Errorf("%s: got status %q, want %q", step.name, got.Status, step.status)
		}
	}
	if got := answered(t, event, code); !sameAnswers(got, []string{"@grace:lab.example", ""}) {
		t.Errorf("got answers %q, want the changed ID", got)
	}
	got, err := event.Order(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range got.Positions {
		if !p.Canceled {
			t.Errorf("position %d is not canceled, want all canceled", p.PositionID)
		}
	}
}

func TestOrdersThatAreSpecial(t *testing.T) {
	org := newOrganizer(t, Need(t))
	conf, series := org.Events["conf"], org.Events["series"]
	tests := []struct {
		name   string
		event  *Event
		spec   OrderSpec
		status string
	}{
		{"free", conf, OrderSpec{Positions: []PositionSpec{{Item: conf.Items.Free}}}, "p"},
		{"valid if pending", conf, OrderSpec{Pending: true, ValidIfPending: true}, "n"},
		{"waits for approval", conf, OrderSpec{RequireApproval: true, Positions: []PositionSpec{{Item: conf.Items.Approval}}}, "n"},
		{"test", conf, OrderSpec{Testmode: true}, "p"},
		{"with an add-on", conf, OrderSpec{Positions: []PositionSpec{{}, {Item: conf.Items.Workshop, AddOnTo: 1}}}, "p"},
		{"of a date", series, OrderSpec{Positions: []PositionSpec{{Subevent: series.Subevents[1], Variation: series.Variations.Student}}}, "p"},
	}
	for _, test := range tests {
		got, err := test.event.CreateOrder(t.Context(), test.spec)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got.Status != test.status || got.Testmode != test.spec.Testmode || got.ValidIfPending != test.spec.ValidIfPending {
			t.Errorf("%s: got %+v, want status %q", test.name, got, test.status)
		}
		if test.spec.RequireApproval {
			if err := test.event.Approve(t.Context(), got.Code); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
	}
}

func TestTeamSeesWhatItMay(t *testing.T) {
	l := Need(t)
	org, err := l.Pretix.NewOrganizer(t.Context(), OrganizerSpec{
		Events:        []EventSpec{{Slug: "open"}, {Slug: "hidden"}},
		Teams:         []TeamSpec{{Name: "narrow", EventPermissions: []string{"event.orders:read"}, Events: []string{"open"}}},
		OAuthRedirect: "http://127.0.0.1:1/callback",
	})
	if err != nil {
		t.Fatal(err)
	}
	if org.OAuth == nil || org.OAuth.ClientSecret == "" {
		t.Errorf("got OAuth client %+v, want one", org.OAuth)
	}
	for slug, want := range map[string]int{"open": 0, "hidden": http.StatusForbidden} {
		err := l.Pretix.API(t.Context(), org.Tokens["narrow"], "GET", "organizers/"+org.Slug+"/events/"+slug+"/orders/", nil, nil)
		got := 0
		if refusal, ok := errors.AsType[*HTTPError](err); ok {
			got = refusal.Status
		}
		if got != want {
			t.Errorf("%s: got status %d, want %d", slug, got, want)
		}
	}
}
