package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"
)

// shop stands in for Pretix's list of orders, for what a real one cannot be made to do between two pages.
type shop struct {
	t      *testing.T
	orders []Order
	page   int               // rows of a first page, if fewer than asked for
	before func(request int) // called before each request is answered
	asked  []string          // the times and pages asked for, and of what size
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.before != nil {
		s.before(len(s.asked))
	}
	query := r.URL.Query()
	s.asked = append(s.asked, query.Get("modified_since")+" "+query.Get("page")+"/"+query.Get("page_size"))
	size, _ := strconv.Atoi(query.Get("page_size"))
	page := 1
	if query.Has("page") {
		page, _ = strconv.Atoi(query.Get("page"))
	} else if s.page > 0 {
		size = s.page
	}
	since, _ := time.Parse(time.RFC3339Nano, query.Get("modified_since"))
	rows := slices.DeleteFunc(slices.Clone(s.orders), func(o Order) bool { return o.LastModified.Before(since) })
	slices.SortStableFunc(rows, func(a, b Order) int { return a.LastModified.Compare(b.LastModified) })
	first := (page - 1) * size
	if first >= len(rows) && page > 1 {
		refuse(w, http.StatusNotFound)
		return
	}
	last := min(first+size, len(rows))
	var next any
	if last < len(rows) {
		next = "http://elsewhere.example/page"
	}
	w.Header().Set("X-Page-Generated", shopOpened.Add(time.Duration(len(s.asked))*time.Hour).Format(time.RFC3339Nano))
	_ = json.NewEncoder(w).Encode(map[string]any{"count": len(rows), "next": next, "results": rows[first:last]})
}

var shopOpened = time.Date(2027, 1, 24, 12, 0, 0, 0, time.UTC)

// changed makes an order that was changed so many seconds after the shop opened.
func changed(code string, seconds int) Order {
	return Order{Event: "conf", Code: code, Status: StatusPaid, LastModified: shopOpened.Add(time.Duration(seconds) * time.Second)}
}

// refuse answers with a status as Pretix's API does, which gives a reason with all that is no success.
func refuse(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"detail":"Ada was here"}`))
}
