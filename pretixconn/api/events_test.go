package api

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
)

func TestListIsReadWholeByPageNumbersAndNeverByItsLinks(t *testing.T) {
	var asked []string
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		asked = append(asked, query.Get("ordering")+query.Get("page"))
		switch query.Get("page") {
		case "":
			fmt.Fprint(w, `{"next":"http://elsewhere.example/x?page=7","results":[{"slug":"a"},{"slug":"b"}]}`)
		case "2":
			fmt.Fprint(w, `{"next":null,"results":[{"slug":"c"}]}`)
		default:
			t.Errorf("asked for page %s", query.Get("page"))
		}
	})
	events, err := client.Events(t.Context(), "lab")
	if err != nil || len(events) != 3 || events[2].Slug != "c" {
		t.Errorf("got %+v, %v; want the events a, b, c", events, err)
	}
	if want := []string{"slug", "slug2"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
}

func TestListThatBecomesShorterMeanwhileIsWhole(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("page") {
			refuse(w, http.StatusNotFound)
			return
		}
		fmt.Fprint(w, `{"next":"x","results":[{"id":1}]}`)
	})
	if items, err := client.Items(t.Context(), "lab", "conf"); err != nil || len(items) != 1 {
		t.Errorf("got %+v, %v; want one item", items, err)
	}
}

func TestListThatNeverEndsIsGivenUp(t *testing.T) {
	asked := 0
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		fmt.Fprint(w, `{"next":"x","results":[{"id":1}]}`)
	})
	if _, err := client.Items(t.Context(), "lab", "conf"); !only(err, ErrUnavailable) || asked != maxListPages {
		t.Errorf("got %v after %d requests, want %v after %d", err, asked, ErrUnavailable, maxListPages)
	}
}

func TestUnknownListIsNotFound(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound) })
	if _, err := client.Subevents(t.Context(), "lab", "conf"); !only(err, ErrNotFound) {
		t.Errorf("got %v, want %v", err, ErrNotFound)
	}
}

func TestQuestionsOfOrdersAreMarkedAndEachIsListedOnce(t *testing.T) {
	for name, c := range map[string]struct{ perOrder, want string }{
		"an instance that knows them":    {`[{"id":3}]`, "1 2 3o"},
		"one that ignores what it asked": {`[{"id":1},{"id":2}]`, "1 2"},
		"no such question":               {`[]`, "1 2"},
	} {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			rows := `[{"id":1},{"id":2}]`
			if r.URL.Query().Get("container_type") == "O" {
				rows = c.perOrder
			}
			fmt.Fprintf(w, `{"results":%s}`, rows)
		})
		questions, err := client.Questions(t.Context(), "lab", "conf")
		got := ""
		for _, q := range questions {
			got += fmt.Sprintf(" %d", q.ID)
			if q.PerOrder {
				got += "o"
			}
		}
		if err != nil || got != " "+c.want {
			t.Errorf("%s: got%s, %v; want %s", name, got, err, c.want)
		}
	}
}

func TestPermissionsAreFoundByAsking(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		want   bool
		err    error
	}{
		"yes":            {200, true, nil},
		"no":             {403, false, nil},
		"dead token":     {401, false, ErrUnauthorized},
		"pretix is down": {502, false, ErrUnavailable},
	} {
		asked := ""
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked = r.Method + " " + r.URL.Path
			refuse(w, c.status)
		})
		got, err := client.MayReadOrders(t.Context(), "lab", "conf")
		if got != c.want || !only(err, c.err) || asked != "GET /api/v1/organizers/lab/events/conf/orders/" {
			t.Errorf("%s: orders: %v, %v by %s; want %v, %v", name, got, err, asked, c.want, c.err)
		}
		got, err = client.MayChangeWebhooks(t.Context(), "lab")
		if got != c.want || !only(err, c.err) || asked != "GET /api/v1/organizers/lab/webhooks/" {
			t.Errorf("%s: webhooks: %v, %v by %s; want %v, %v", name, got, err, asked, c.want, c.err)
		}
	}
}
