package database

import (
	"testing"
	"time"
)

func TestATimeIsKeptInMillisecondsAndZeroIsNever(t *testing.T) {
	for name, c := range map[string]struct {
		time time.Time
		want int64
	}{
		"a time": {time.Date(2026, 5, 1, 10, 0, 0, 123_456_789, time.FixedZone("CEST", 7200)), 1777622400123},
		"never":  {time.Time{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := at(c.time).Value()
			if err != nil || got != c.want {
				t.Fatalf("got %v, %v, want %d", got, err, c.want)
			}
			var back time.Time
			if err := into(&back).Scan(got); err != nil || !back.Equal(c.time.Truncate(time.Millisecond)) {
				t.Errorf("got %v, %v, want %v", back, err, c.time)
			}
		})
	}
}

func TestTheSmallestOfNoTimesIsNever(t *testing.T) {
	got := began
	if err := into(&got).Scan(nil); err != nil || !got.IsZero() {
		t.Errorf("got %v, %v, want the zero time", got, err)
	}
	if err := into(&got).Scan("soon"); err == nil {
		t.Error("a text was taken for a time")
	}
}
