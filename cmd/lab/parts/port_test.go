package parts

import (
	"slices"
	"testing"
)

func TestPortIsGivenOnceEvenIfNobodyListensYet(t *testing.T) {
	var given []int
	for range 20 {
		ports, err := FreePorts(20)
		if err != nil {
			t.Fatal(err)
		}
		given = append(given, ports...)
	}
	slices.Sort(given)
	if got := len(slices.Compact(slices.Clone(given))); got != len(given) {
		t.Errorf("%d of %d ports were given twice", len(given)-got, len(given))
	}
	if claimPort(given[0]) {
		t.Error("somebody else can claim a port that was given")
	}
}
