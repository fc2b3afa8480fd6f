package bridge

import "testing"

func TestNearestCommandIsWhatWasMeant(t *testing.T) {
	for typed, want := range map[string]string{
		"setrom": "setroom", "satus": "status", "batch": "batchinvite", "authorise": "authorize", "signin": "", "frobnicate": "",
	} {
		if got := nearestCommand(typed); got != want {
			t.Errorf("nearestCommand(%q) = %q, want %q", typed, got, want)
		}
	}
}
