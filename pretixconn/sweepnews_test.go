package pretixconn

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

func TestOnlyNewsAreHandedOver(t *testing.T) {
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	from := floors{keys("conf")[0]: noon, keys("gala")[0]: noon.Add(time.Hour)}
	known := newHanded(func() time.Time { return noon })
	known.note(database.OrderKey{Event: keys("conf")[0], Code: "KNOWN"}, noon.Add(time.Minute))
	known.note(database.OrderKey{Event: keys("conf")[0], Code: "AGAIN"}, noon.Add(time.Minute))
	known.note(database.OrderKey{Event: keys("conf")[0], Code: "AGAIN"}, noon) // dealt with late
	orders := []api.Order{
		{Event: "conf", Code: "NEWER", LastModified: noon.Add(time.Second)},
		{Event: "conf", Code: "EXACT", LastModified: noon},
		{Event: "conf", Code: "OLDER", LastModified: noon.Add(-time.Second)},
		{Event: "conf", Code: "KNOWN", LastModified: noon.Add(time.Minute)},
		{Event: "conf", Code: "AGAIN", LastModified: noon.Add(2 * time.Minute)},
		{Event: "gala", Code: "EARLY", LastModified: noon.Add(time.Second)},
		{Event: "gala", Code: "KNOWN", LastModified: noon.Add(2 * time.Hour)},
		{Event: "party", Code: "OTHER", LastModified: noon.Add(2 * time.Hour)},
	}
	got := []string{}
	for _, order := range known.news(lab, from, orders) {
		got = append(got, order.Event+"/"+order.Code)
	}
	if want := []string{"conf/NEWER", "conf/EXACT", "conf/AGAIN", "gala/KNOWN"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := from.oldest(); !got.Equal(noon) {
		t.Errorf("reads from %v, want %v", got, noon)
	}
}

func TestOrdersAreRememberedForAnHourOrTwo(t *testing.T) {
	clock := &clock{now: shopTime.Add(time.Hour)}
	known := newHanded(clock.Now)
	lookedAt := func(code string) bool {
		return len(known.news(lab, floors{conf: clock.Now().Add(-24 * time.Hour)}, []api.Order{{Event: "conf", Code: code, LastModified: shopTime}})) == 0
	}
	known.note(database.OrderKey{Event: conf, Code: "AAAAA"}, shopTime)
	for i := range 1000 { // other orders, for a long time
		if kept := clock.Now().Sub(shopTime.Add(time.Hour)); kept <= rememberedFor && !lookedAt("AAAAA") {
			t.Fatalf("forgotten after %v", kept)
		}
		clock.forward(time.Minute)
		known.note(database.OrderKey{Event: conf, Code: fmt.Sprint(i)}, shopTime)
		if got := len(known.recent) + len(known.former); got > 2*60+1 {
			t.Fatalf("%d orders are remembered, of one a minute", got)
		}
	}
	if lookedAt("AAAAA") {
		t.Error("not forgotten after all")
	}
}

var shopTime = time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)

func TestCrowdsWaitBehindWhoPaysNow(t *testing.T) {
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	one := func(event string, ago time.Duration) api.Order {
		return api.Order{Event: event, LastModified: noon.Add(-ago)}
	}
	many := func(n int, event string, apart time.Duration) (orders []api.Order) {
		for i := range n {
			orders = append(orders, one(event, time.Duration(i)*apart))
		}
		return orders
	}
	for name, c := range map[string]struct {
		before crowd
		orders []api.Order
		fresh  int
	}{
		"a few":                         {crowd{}, many(5, "conf", time.Millisecond), 5},
		"a crowd":                       {crowd{}, many(50, "conf", time.Millisecond), freshAtOnce},
		"more of a crowd":               {crowd{"conf": freshAtOnce}, many(50, "conf", time.Millisecond), 0},
		"the rest":                      {crowd{"conf": freshAtOnce - 1}, many(2, "conf", time.Millisecond), 1},
		"another event has the crowd":   {crowd{"gala": freshAtOnce}, many(2, "conf", time.Millisecond), 2},
		"one stroke":                    {crowd{}, many(3, "conf", 0), 0},
		"one stroke, and somebody":      {crowd{}, append(many(3, "conf", 0), one("conf", time.Second)), 1},
		"one time in two events":        {crowd{}, []api.Order{one("conf", 0), one("gala", 0)}, 2},
		"old ones":                      {crowd{}, []api.Order{one("conf", backlog), one("conf", backlog+time.Second)}, 1},
		"old ones are not of the crowd": {crowd{}, append(many(50, "conf", backlog), many(2, "conf", time.Millisecond)[1:]...), 3},
	} {
		waits := c.before.wait(c.orders, api.Page{Orders: c.orders, Generated: noon})
		fresh := len(slices.DeleteFunc(waits, func(waits bool) bool { return waits }))
		if fresh != c.fresh {
			t.Errorf("%s: %d of %d are fresh, want %d", name, fresh, len(c.orders), c.fresh)
		}
	}
}

func TestOldChangesWaitBehindFreshOnes(t *testing.T) {
	k, pretix := sweepKit(t)
	pretix.order("lab", "conf", "STALE", k.clock.Now())
	k.clock.forward(backlog + time.Minute)
	pretix.order("lab", "conf", "FRESH", k.clock.Now().Add(-backlog/2))
	k.mustSweep(lab)
	due, err := k.store.DueOf(t.Context(), conf)
	if err != nil || len(due) != 2 {
		t.Fatalf("got %v, %v, want two", due, err)
	}
	for _, d := range due {
		if d.Batch != (d.Code == "STALE") {
			t.Errorf("%s: batch is %v", d.Code, d.Batch)
		}
	}
}

// Pretix gives all orders of a date that is moved one time of change.
func TestManyOrdersChangedByOneStrokeWaitBehindWhoPaysNow(t *testing.T) {
	k, pretix := sweepKit(t)
	for i := range 120 {
		pretix.order("lab", "conf", fmt.Sprint("MOVED", i), k.clock.Now().Add(-time.Second))
	}
	pretix.order("lab", "conf", "PAID", k.clock.Now())
	k.mustSweep(lab)
	due, err := k.store.DueOf(t.Context(), conf)
	if err != nil || len(due) != 121 {
		t.Fatalf("%d are due, %v, want 121", len(due), err)
	}
	for _, d := range due {
		if d.Batch == (d.Code == "PAID") {
			t.Errorf("%s: batch is %v", d.Code, d.Batch)
		}
	}
}
