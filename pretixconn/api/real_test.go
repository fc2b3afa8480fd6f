package api_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/lib/pq"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/pretixconn/api"
)

// shop is an organizer of the lab's Pretix, and ways to ask about it.
type shop struct {
	*parts.Organizer
	conf *parts.Event
	lab  *parts.Lab
	t    *testing.T
}

func newShop(t *testing.T, spec parts.OrganizerSpec) shop {
	t.Helper()
	lab := parts.Need(t)
	organizer, err := lab.Pretix.NewOrganizer(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return shop{Organizer: organizer, conf: organizer.Events["conf"], lab: lab, t: t}
}

// by is a client with the token of a team.
func (s shop) by(team string) *api.Client {
	s.t.Helper()
	base, err := url.Parse(s.lab.Pretix.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	return api.NewClient(base, s.Tokens[team], api.NewLimiterAt(60_000, 1000))
}

func (s shop) order(spec parts.OrderSpec) *parts.Order {
	s.t.Helper()
	order, err := s.conf.CreateOrder(s.t.Context(), spec)
	if err != nil {
		s.t.Fatal(err)
	}
	return order
}

// sql changes Pretix's database where it has no other way to be changed.
func (s shop) sql(query string, args ...any) {
	s.t.Helper()
	config, err := os.ReadFile(filepath.Join(s.lab.Pretix.Dir, "pretix.cfg"))
	if err != nil {
		s.t.Fatal(err)
	}
	part := func(key string) string {
		match := regexp.MustCompile(`(?m)^`+key+`=(.+)$`).FindAllStringSubmatch(string(config), -1)
		return match[len(match)-1][1]
	}
	db, err := sql.Open("postgres", fmt.Sprintf("postgres://%s@%s:%s/%s?sslmode=disable", part("user"), part("host"), part("port"), part("name")))
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(s.t.Context(), query, args...); err != nil {
		s.t.Fatal(err)
	}
}

func codesOf(t *testing.T, client *api.Client, organizer string, q api.OrderQuery) (codes []string, pages int) {
	t.Helper()
	for page, err := range client.OrderPages(t.Context(), organizer, q) {
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, order := range page.Orders {
			codes = append(codes, order.Code)
		}
	}
	return codes, pages
}

func TestRealOrderSaysAllThatDecidesAndNothingElse(t *testing.T) {
	s := newShop(t, parts.OrganizerSpec{})
	placed := s.order(parts.OrderSpec{Pending: true, ValidIfPending: true, Email: "ada@example.org", Positions: []parts.PositionSpec{
		{MatrixID: "@ada:example.org", Variation: s.conf.Variations.Student, AttendeeName: "Ada Example"},
		{Item: s.conf.Items.Workshop, AddOnTo: 1},
		{Item: s.conf.Items.Online, MatrixID: "bob"},
	}})
	until := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	online := placed.Positions[2].ID
	if err := s.conf.ChangePosition(t.Context(), online, map[string]any{"valid_until": until}); err != nil {
		t.Fatal(err)
	}
	if err := s.conf.API(t.Context(), "POST", fmt.Sprintf("orderpositions/%d/add_block/", online), map[string]any{"name": "api:lost"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.conf.CancelPosition(t.Context(), placed.Positions[0].ID); err != nil {
		t.Fatal(err)
	}
	order, err := s.by("minimal").Order(t.Context(), s.Slug, "conf", placed.Code, api.QuestionRef{ID: s.conf.Questions.Matrix})
	if err != nil {
		t.Fatal(err)
	}
	if order.Event != "conf" || order.Code != placed.Code || order.Status != api.StatusPending || !order.ValidIfPending ||
		order.Testmode || order.RequireApproval || time.Since(order.LastModified).Abs() > 10*time.Minute {
		t.Errorf("the order is %+v, want a pending, valid one changed just now", order)
	}
	byItem := map[int64]api.Position{}
	for _, p := range order.Positions {
		byItem[p.Item] = p
	}
	ticket, workshop, second := byItem[s.conf.Items.Ticket], byItem[s.conf.Items.Workshop], byItem[s.conf.Items.Online]
	want := api.Answer{Question: s.conf.Questions.Matrix, QuestionIdentifier: "matrix", Answer: "@ada:example.org"}
	if ticket.Variation != s.conf.Variations.Student || !ticket.Canceled || !slices.Equal(ticket.Answers, []api.Answer{want}) {
		t.Errorf("the ticket is %+v, want a canceled one of the student variation answered with the ID", ticket)
	}
	if workshop.AddonTo != ticket.ID || workshop.Variation != 0 || workshop.Subevent != 0 || len(workshop.Answers) != 0 {
		t.Errorf("the workshop is %+v, want an add-on to position %d without an answer", workshop, ticket.ID)
	}
	if !second.Blocked || !second.ValidUntil.Equal(until) || !second.ValidFrom.IsZero() || second.Canceled {
		t.Errorf("the online ticket is %+v, want a blocked one valid until %v", second, until)
	}
}

func TestRealOrdersOfAllEventsComeInTheOrderOfChange(t *testing.T) {
	s := newShop(t, parts.OrganizerSpec{})
	const n = 120
	codes, err := s.conf.ManyOrders(t.Context(), n, func(i int) string { return fmt.Sprintf("@u%d:example.org", i) })
	if err != nil {
		t.Fatal(err)
	}
	dated, err := s.Events["series"].CreateOrder(t.Context(), parts.OrderSpec{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.conf.MarkPending(t.Context(), codes[0]); err != nil { // now the last one
		t.Fatal(err)
	}
	client, want := s.by("minimal"), append(slices.Clone(codes[1:]), dated.Code, codes[0])
	var got []api.Order
	for page, err := range client.OrderPages(t.Context(), s.Slug, api.OrderQuery{Questions: []api.QuestionRef{{ID: s.conf.Questions.Matrix}}}) {
		if err != nil {
			t.Fatal(err)
		}
		if time.Since(page.Generated).Abs() > 10*time.Minute {
			t.Errorf("a page was generated at %v, want just now", page.Generated)
		}
		got = append(got, page.Orders...)
	}
	var gotCodes []string
	for _, order := range got {
		gotCodes = append(gotCodes, order.Code)
	}
	if !slices.Equal(gotCodes, want) {
		t.Fatalf("%d orders come as %q, want %d as %q", len(got), gotCodes, len(want), want)
	}
	if p := got[0].Positions; len(p) != 1 || len(p[0].Answers) != 1 || p[0].Answers[0].Answer != "@u1:example.org" {
		t.Errorf("the first order's positions are %+v, want one with its answer", p)
	}
	if last := got[len(got)-2]; last.Event != "series" || last.Positions[0].Subevent != s.Events["series"].Subevents[0] {
		t.Errorf("the order of the series is %+v, want its event and date", last)
	}
	if brief, _ := codesOf(t, client, s.Slug, api.OrderQuery{Brief: true, Since: got[n-2].LastModified}); !slices.Equal(brief, want[n-2:]) {
		t.Errorf("changed since the time of one of them: %q, want %q", brief, want[n-2:])
	}
	if event, _ := codesOf(t, client, s.Slug, api.OrderQuery{Event: "conf"}); len(event) != n {
		t.Errorf("the event alone has %d orders, want %d", len(event), n)
	}
}

func TestRealOrdersThatShareATimeAllCome(t *testing.T) {
	s := newShop(t, parts.OrganizerSpec{})
	codes, err := s.conf.ManyOrders(t.Context(), 180, func(int) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	s.sql(`UPDATE pretixbase_order SET last_modified = now() WHERE event_id =
		(SELECT e.id FROM pretixbase_event e JOIN pretixbase_organizer o ON o.id = e.organizer_id WHERE o.slug = $1 AND e.slug = 'conf')
		AND code = ANY(string_to_array($2, ','))`, s.Slug, strings.Join(codes[20:150], ","))
	got, pages := codesOf(t, s.by("minimal"), s.Slug, api.OrderQuery{Brief: true})
	slices.Sort(got)
	slices.Sort(codes)
	if !slices.Equal(got, codes) {
		t.Errorf("%d orders came, want the %d that there are, each once", len(got), len(codes))
	}
	if pages > 6 {
		t.Errorf("%d pages were read, want at most 6", pages)
	}
}
