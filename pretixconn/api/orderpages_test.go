package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// readAll gives the codes of all pages as they come, and the error at the end.
func readAll(t *testing.T, client *Client, q OrderQuery) (codes []string, err error) {
	t.Helper()
	for page, failed := range client.OrderPages(t.Context(), "lab", q) {
		if err != nil {
			t.Error("a page came after an error")
		}
		err = failed
		for _, order := range page.Orders {
			codes = append(codes, order.Code)
		}
	}
	return codes, err
}

func TestOrderPagesGiveEachOrderOnceInTheOrderOfChange(t *testing.T) {
	for name, c := range map[string]struct {
		changedAt []int // seconds
		requests  int
	}{
		"none":                       {nil, 1},
		"less than a page":           {[]int{3, 1}, 1},
		"just a page":                {[]int{1, 2, 3}, 1},
		"several pages":              {[]int{1, 2, 3, 4, 5, 6, 7}, 3},
		"a page of one time":         {[]int{1, 1, 1}, 1},
		"one time fills pages":       {[]int{1, 1, 1, 1, 1, 1, 1}, 3},
		"one time in the middle":     {[]int{1, 2, 2, 2, 2, 2, 2, 2, 3, 4}, 4},
		"one time at the end":        {[]int{1, 2, 3, 3, 3, 3}, 3},
		"one time after whole pages": {[]int{1, 2, 3, 4, 4, 4, 4, 4, 5}, 4},
	} {
		stand := &shop{t: t, page: 3}
		for i, at := range c.changedAt {
			stand.orders = append(stand.orders, changed(fmt.Sprintf("%d-%d", at, i), at))
		}
		codes, err := readAll(t, serve(t, stand.ServeHTTP), OrderQuery{})
		if err != nil || len(codes) != len(c.changedAt) || !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != len(codes) {
			t.Errorf("%s: got %q, %v; want %d orders, each once, sorted", name, codes, err, len(c.changedAt))
		}
		if len(stand.asked) != c.requests {
			t.Errorf("%s: %d requests %q, want %d", name, len(stand.asked), stand.asked, c.requests)
		}
	}
}

func TestOrderThatChangesMeanwhilePushesNoneOut(t *testing.T) {
	stand := &shop{t: t, page: 3}
	for i := 1; i <= 9; i++ {
		stand.orders = append(stand.orders, changed(fmt.Sprint(i), i))
	}
	stand.before = func(request int) {
		if request == 1 { // read already, and now the newest: by page numbers order 4 would be skipped
			stand.orders[0].LastModified = shopOpened.Add(time.Minute)
		}
	}
	codes, err := readAll(t, serve(t, stand.ServeHTTP), OrderQuery{})
	if want := []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "1"}; err != nil || !slices.Equal(codes, want) {
		t.Errorf("got %q, %v; want %q", codes, err, want)
	}
}

func TestOrdersThatShareATimeMayGoWhileTheyAreRead(t *testing.T) {
	stand := &shop{t: t, page: 3}
	for i := 1; i <= 5; i++ {
		stand.orders = append(stand.orders, changed(fmt.Sprint(i), 1))
	}
	stand.before = func(request int) {
		if request == 1 {
			stand.orders = stand.orders[:2]
		}
	}
	codes, err := readAll(t, serve(t, stand.ServeHTTP), OrderQuery{})
	if want := []string{"1", "2", "3"}; err != nil || !slices.Equal(codes, want) {
		t.Errorf("got %q, %v; want %q and no error", codes, err, want)
	}
}

func TestReadingStartsWhereItIsTold(t *testing.T) {
	stand := &shop{t: t, orders: []Order{changed("A", 1), changed("B", 2), changed("C", 3)}}
	client := serve(t, stand.ServeHTTP)
	since := shopOpened.Add(2 * time.Second).In(time.FixedZone("east", 3600))
	codes, err := readAll(t, client, OrderQuery{Since: since})
	if want := []string{"B", "C"}; err != nil || !slices.Equal(codes, want) || stand.asked[0] != "2027-01-24T12:00:02Z " {
		t.Errorf("got %q, %v, asked for %q; want %q since that second", codes, err, stand.asked, want)
	}
}

func TestPageKnowsPretixsClock(t *testing.T) {
	stand := &shop{t: t, page: 3, orders: []Order{changed("A", 1), changed("B", 2), changed("C", 3), changed("D", 4)}}
	hour := 1
	for page, err := range serve(t, stand.ServeHTTP).OrderPages(t.Context(), "lab", OrderQuery{}) {
		if want := shopOpened.Add(time.Duration(hour) * time.Hour); err != nil || !page.Generated.Equal(want) {
			t.Errorf("page %d was generated at %v, %v; want %v", hour, page.Generated, err, want)
		}
		hour++
	}
	if got := generated(http.Header{"Date": {"Sun, 24 Jan 2027 12:00:00 GMT"}}); !got.Equal(shopOpened) {
		t.Errorf("without the page's own time: %v, want that of the answer, %v", got, shopOpened)
	}
	if got := generated(http.Header{"X-Page-Generated": {"yesterday"}}); !got.IsZero() {
		t.Errorf("without any time: %v, want none", got)
	}
}

func TestWhoHasReadEnoughAsksNoMore(t *testing.T) {
	stand := &shop{t: t, page: 1, orders: []Order{changed("A", 1), changed("B", 2), changed("C", 3)}}
	for range serve(t, stand.ServeHTTP).OrderPages(t.Context(), "lab", OrderQuery{}) {
		break
	}
	if len(stand.asked) != 1 {
		t.Errorf("%d requests, want 1", len(stand.asked))
	}
}

func TestErrorEndsThePages(t *testing.T) {
	stand := &shop{t: t, page: 3}
	for i := 1; i <= 9; i++ {
		stand.orders = append(stand.orders, changed(fmt.Sprint(i), i))
	}
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if len(stand.asked) == 1 {
			refuse(w, http.StatusUnauthorized)
			return
		}
		stand.ServeHTTP(w, r)
	})
	codes, err := readAll(t, client, OrderQuery{})
	if want := []string{"1", "2", "3"}; !only(err, ErrUnauthorized) || !slices.Equal(codes, want) {
		t.Errorf("got %q, %v; want %q, %v", codes, err, want, ErrUnauthorized)
	}
}

func TestListWithoutEndIsGivenUp(t *testing.T) {
	asked := 0
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		fmt.Fprint(w, `{"next":"http://elsewhere.example/","results":[{"code":"A","event":"conf","last_modified":"2027-01-24T12:00:00Z"}]}`)
	})
	if _, err := readAll(t, client, OrderQuery{}); !only(err, ErrUnavailable) || asked > maxSamePages+1 {
		t.Errorf("got %v after %d requests, want %v after at most %d", err, asked, ErrUnavailable, maxSamePages+1)
	}
}

func TestEmptyPageEndsTheListWhateverItPromises(t *testing.T) {
	asked := 0
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) { asked++; fmt.Fprint(w, `{"next":"x","results":[]}`) })
	if codes, err := readAll(t, client, OrderQuery{}); err != nil || len(codes) != 0 || asked != 1 {
		t.Errorf("got %q, %v after %d requests; want nothing after 1", codes, err, asked)
	}
}

func TestQueryAsksForNoMoreThanItNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		query  OrderQuery
		path   string
		fields []string
	}{
		"a sweep": {OrderQuery{Brief: true}, "/api/v1/organizers/lab/orders/", []string{"code", "event", "status", "last_modified"}},
		"an event": {OrderQuery{Event: "conf"}, "/api/v1/organizers/lab/events/conf/orders/", []string{
			"code", "event", "status", "last_modified", "testmode", "require_approval", "valid_if_pending", "positions.id", "positions.item",
			"positions.variation", "positions.subevent", "positions.addon_to", "positions.canceled", "positions.blocked",
			"positions.valid_from", "positions.valid_until", "positions.answers",
		}},
	} {
		var got *http.Request
		client := serve(t, func(w http.ResponseWriter, r *http.Request) { got = r; fmt.Fprint(w, `{"results":[]}`) })
		if _, err := readAll(t, client, c.query); err != nil {
			t.Fatal(err)
		}
		asked := got.URL.Query()
		if got.URL.Path != c.path || !slices.Equal(asked["include"], c.fields) {
			t.Errorf("%s: asked %s for %q; want %s for %q", name, got.URL.Path, asked["include"], c.path, c.fields)
		}
		if asked.Get("page_size") != "50" || asked.Get("ordering") != "last_modified" || asked.Has("page") {
			t.Errorf("%s: asked with %v, want pages of 50 by last_modified, the first one", name, asked)
		}
		if canceled := asked.Get("include_canceled_positions") == "true"; canceled == c.query.Brief {
			t.Errorf("%s: canceled positions asked for: %v, want %v", name, canceled, !c.query.Brief)
		}
	}
}

func TestAnswersToOtherQuestionsAreDropped(t *testing.T) {
	const row = `{"code":"A","event":"conf","last_modified":"2027-01-24T12:00:00Z","positions":[{"id":1,"answers":[
		{"question":1,"answer":"@ada:example.org","question_identifier":"matrix"},{"question":2,"answer":"Vegan","question_identifier":"diet"},
		{"question":3,"answer":"12 Example Street"}]},{"id":2,"answers":[{"question":2,"answer":"Vegan"}]}]}`
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/orders/A/") {
			fmt.Fprint(w, row)
			return
		}
		fmt.Fprint(w, `{"results":[`+row+`]}`)
	})
	single, err := client.Order(t.Context(), "lab", "conf", "A", QuestionRef{ID: 1}, QuestionRef{ID: 9})
	if err != nil {
		t.Fatal(err)
	}
	none, err := client.Order(t.Context(), "lab", "conf", "A")
	if err != nil {
		t.Fatal(err)
	}
	orders := []Order{single}
	for page, err := range client.OrderPages(t.Context(), "lab", OrderQuery{Questions: []QuestionRef{{ID: 8, Identifier: "matrix"}}}) {
		orders = append(orders, page.Orders...)
		if err != nil {
			t.Fatal(err)
		}
	}
	want := []Answer{{Question: 1, QuestionIdentifier: "matrix", Answer: "@ada:example.org"}}
	for _, order := range orders {
		if !slices.Equal(order.Positions[0].Answers, want) || len(order.Positions[1].Answers) != 0 {
			t.Errorf("kept %+v, want %+v on the first position alone", order.Positions, want)
		}
	}
	if len(orders) != 2 || len(none.Positions[0].Answers) != 0 {
		t.Errorf("%d orders, and without a question kept %+v; want 2 and none", len(orders), none.Positions[0].Answers)
	}
}

func TestContextEndsThePages(t *testing.T) {
	stand := &shop{t: t, page: 1, orders: []Order{changed("A", 1), changed("B", 2)}}
	client := serve(t, stand.ServeHTTP)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range client.OrderPages(ctx, "lab", OrderQuery{}) {
		last = err
		cancel()
	}
	if !errors.Is(last, ctx.Err()) || ctx.Err() == nil {
		t.Errorf("the last error is %v, want %v", last, ctx.Err())
	}
}
