package pretixconn

import (
	"reflect"
	"testing"
	"time"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

func TestSweepBeginsWhereAllBeforeIsKnown(t *testing.T) {
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		scanned, swept time.Time
		want           time.Time
		ok             bool
	}{
		"never read":                      {time.Time{}, time.Time{}, time.Time{}, false},
		"never read, but swept long ago":  {time.Time{}, noon, time.Time{}, false},
		"read, not swept yet":             {noon, time.Time{}, noon.Add(-clockSkew - overlap), true},
		"swept since":                     {noon, noon.Add(time.Hour), noon.Add(time.Hour - overlap), true},
		"read again after a long silence": {noon, noon.Add(-30 * 24 * time.Hour), noon.Add(-clockSkew - overlap), true},
	} {
		got, ok := floor(database.Event{ScannedAt: tt.scanned, SweptFrom: tt.swept})
		if ok != tt.ok || !got.Equal(tt.want) {
			t.Errorf("%s: got %v, %v, want %v, %v", name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestOnlyNewsAreHandedOver(t *testing.T) {
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	from := floors{keys("conf")[0]: noon, keys("gala")[0]: noon.Add(time.Hour)}
	known := newHanded()
	known.note(orderRef{keys("conf")[0], "KNOWN"}, noon.Add(time.Minute))
	known.note(orderRef{keys("conf")[0], "AGAIN"}, noon.Add(time.Minute))
	known.note(orderRef{keys("conf")[0], "AGAIN"}, noon) // dealt with late
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

func TestWhatNoSweepMeetsAgainIsForgotten(t *testing.T) {
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	known := newHanded()
	known.note(orderRef{conf, "AAAAA"}, noon.Add(-time.Second))
	known.note(orderRef{conf, "BBBBB"}, noon)
	known.note(orderRef{keys("gala")[0], "CCCCC"}, noon)
	known.prune(floors{conf: noon})
	if want := (map[orderRef]time.Time{{conf, "BBBBB"}: noon}); !reflect.DeepEqual(known.changed, want) {
		t.Errorf("got %v, want %v", known.changed, want)
	}
}

func TestPausesGrowToAQuarterOfAnHour(t *testing.T) {
	for _, tt := range []struct {
		failures           int
		every, asked, want time.Duration
	}{
		{1, time.Minute, 0, time.Minute},
		{2, time.Minute, 0, 2 * time.Minute},
		{4, time.Minute, 0, 8 * time.Minute},
		{5, time.Minute, 0, 15 * time.Minute},
		{1 << 40, time.Minute, 0, 15 * time.Minute},
		{1, time.Minute, 5 * time.Minute, 5 * time.Minute},
		{5, time.Minute, 5 * time.Minute, 15 * time.Minute},
		{1, time.Hour, 0, time.Hour},
		{9, time.Hour, 0, time.Hour},
	} {
		if got := pause(tt.failures, tt.every, tt.asked); got != tt.want {
			t.Errorf("%d failures at %v, asked for %v: got %v, want %v", tt.failures, tt.every, tt.asked, got, tt.want)
		}
	}
}
