package pretixconn

import (
	"testing"
	"time"

	"matrix-pretix/database"
)

func TestSweepBeginsWhereAllBeforeIsKnown(t *testing.T) {
	noon := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		scanned, swept time.Time
		want           time.Time
		ok             bool
	}{
		"never read":                     {time.Time{}, time.Time{}, time.Time{}, false},
		"never read, but swept long ago": {time.Time{}, noon, time.Time{}, false},
		"read, without a watermark":      {noon, time.Time{}, noon.Add(-overlap), true},
		"swept since":                    {noon, noon.Add(time.Hour), noon.Add(time.Hour - overlap), true},
		"our clock is ahead":             {noon, noon.Add(-15 * time.Minute), noon.Add(-15*time.Minute - overlap), true},
	} {
		got, ok := floor(database.Event{ScannedAt: tt.scanned, SweptFrom: tt.swept})
		if ok != tt.ok || !got.Equal(tt.want) {
			t.Errorf("%s: got %v, %v, want %v, %v", name, got, ok, tt.want, tt.ok)
		}
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
