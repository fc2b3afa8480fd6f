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

// sharing makes so many orders that were changed in each second from the first on.
func sharing(counts ...int) (orders []Order) {
	for second, n := range counts {
		for i := range n {
			orders = append(orders, changed(fmt.Sprintf("%03d-%04d", second+1, i), second+1))
		}
	}
	return orders
}

func TestOrderPagesGiveEachOrderOnceInTheOrderOfChange(t *testing.T) {
	for name, c := range map[string]struct {
		orders   []Order
		requests int
	}{
		"none":                       {nil, 1},
		"less than a page":           {sharing(1, 1), 1},
		"just a page":                {sharing(20, 30), 1},
		"several pages":              {sharing(slices.Repeat([]int{1}, 120)...), 3},
		"a page of one time":         {sharing(50), 1},
		"one time fills pages":       {sharing(120), 3},
		"one time in the middle":     {sharing(10, 120, 1, 1), 4},
		"one time at the end":        {sharing(40, 20, 60), 4},
		"one time after whole pages": {sharing(50, 50, 120, 1), 7},
		"two times that fill pages":  {sharing(130, 130), 6},
		"one time fills many pages":  {sharing(3000, 1), 75},
	} {
		stand := &shop{t: t, orders: c.orders}
		codes, err := readAll(t, serve(t, stand.ServeHTTP), OrderQuery{})
		if err != nil || len(codes) != len(c.orders) || !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != len(codes) {
			t.Errorf("%s: got %q, %v; want %d orders, each once, sorted", name, codes, err, len(c.orders))
		}
		if len(stand.asked) > c.requests {
			t.Errorf("%s: %d requests %q, want at most %d", name, len(stand.asked), stand.asked, c.requests)
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

// An order that was read and changes goes to the end, and those that share its former time move up into pages that were read already.
func TestOrdersThatShareATimeAllComeWhileSomeOfThemChange(t *testing.T) {
	const n = 400
	for name, leave := range map[string]func(request int, orders []Order) []Order{
		"one that was read":       func(request int, orders []Order) []Order { return moved(orders, request == 1, 0, 1) },
		"all that were read":      func(request int, orders []Order) []Order { return moved(orders, request == 2, 0, 95) },
		"one at each request":     func(request int, orders []Order) []Order { return moved(orders, request > 0, 0, 1) },
		"some at each request":    func(request int, orders []Order) []Order { return moved(orders, request > 0, 3, 20) },
		"some that were not read": func(request int, orders []Order) []Order { return moved(orders, request == 1, 200, 120) },
		"read ones and others": func(request int, orders []Order) []Order {
			return moved(moved(orders, request == 2, 200, 20), request == 2, 40, 20)
		},
		"all": func(request int, orders []Order) []Order { return moved(orders, request == 3, 0, n) },
		"read ones are deleted": func(request int, orders []Order) []Order {
			if request == 2 {
				return orders[60:]
			}
			return orders
		},
		"nearly all are deleted": func(request int, orders []Order) []Order {
			if request == 3 {
				return orders[len(orders)-2:]
			}
			return orders
		},
	} {
		stand := &shop{t: t, orders: sharing(n)}
		stand.before = func(request int) {
			if request < 40 { // else they might change for ever
				stand.orders = leave(request, stand.orders)
			}
		}
		codes, err := readAll(t, serve(t, stand.ServeHTTP), OrderQuery{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, order := range stand.orders {
			if !slices.Contains(codes, order.Code) {
				t.Errorf("%s: %s never came", name, order.Code)
			}
		}
	}
}

// moved changes some orders of those that share the first second.
func moved(orders []Order, now bool, from, n int) []Order {
	if !now {
		return orders
	}
	orders = slices.Clone(orders)
	newest := shopOpened
	for _, order := range orders {
		if order.LastModified.After(newest) {
			newest = order.LastModified
		}
	}
	at := 0
	for i := range orders {
		if !orders[i].LastModified.Equal(shopOpened.Add(time.Second)) {
			continue
		}
		if at++; at > from && at <= from+n {
			orders[i].LastModified = newest.Add(time.Duration(at) * time.Second)
		}
	}
	return orders
}

// FuzzOrderPages changes and deletes orders between the pages: none that is there from the beginning to the end is passed over.
func FuzzOrderPages(f *testing.F) {
	f.Add([]byte{200, 1, 30}, []byte{0, 9, 0, 77, 1, 5})
	f.Add([]byte{255, 255, 3}, []byte{0, 0, 0, 0, 0, 0, 1, 0, 1, 200})
	f.Fuzz(func(t *testing.T, counts, changes []byte) {
		var shared []int
		for _, n := range counts[:min(len(counts), 4)] {
			shared = append(shared, int(n))
		}
		stand := &shop{t: t, orders: sharing(shared...)}
		newest := shopOpened.Add(time.Hour)
		stand.before = func(int) {
			for range 3 {
				if len(changes) < 2 || len(stand.orders) == 0 {
					return
				}
				at := int(changes[1]) % len(stand.orders)
				if changes[0]%4 == 1 {
					stand.orders = slices.Delete(slices.Clone(stand.orders), at, at+1)
				} else {
					newest = newest.Add(time.Second)
					stand.orders[at].LastModified = newest
				}
				changes = changes[2:]
			}
		}
		codes, err := readAll(t, serve(t, stand.ServeHTTP), OrderQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for _, order := range stand.orders {
			if !slices.Contains(codes, order.Code) {
				t.Fatalf("%s never came", order.Code)
			}
		}
	})
}

func TestPagesOfOneTimeOverlapAndReachFar(t *testing.T) {
	for read := range 5000 {
		number, size := overlapping(read)
		first, end := (number-1)*size, number*size
		if first > max(read-1, 0) || end < read+20 || size > pageSize {
			t.Errorf("after %d comes page %d of %d: orders %d to %d, want it to overlap and to bring at least 20 new ones", read, number, size, first, end)
		}
	}
}

func TestReadingStartsWhereItIsTold(t *testing.T) {
	stand := &shop{t: t, orders: []Order{changed("A", 1), changed("B", 2), changed("C", 3)}}
	client := serve(t, stand.ServeHTTP)
	since := shopOpened.Add(2 * time.Second).In(time.FixedZone("east", 3600))
	codes, err := readAll(t, client, OrderQuery{Since: since})
	if want := []string{"B", "C"}; err != nil || !slices.Equal(codes, want) || stand.asked[0] != "2027-01-24T12:00:02Z /50" {
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
	if _, err := readAll(t, client, OrderQuery{}); !only(err, ErrUnavailable) || asked > maxTries+1 {
		t.Errorf("got %v after %d requests, want %v after at most %d", err, asked, ErrUnavailable, maxTries+1)
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
