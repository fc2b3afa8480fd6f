package bridge

import (
	"testing"

	"matrix-pretix/bridge/replies"
)

func TestNearestCommandIsWhatWasMeant(t *testing.T) {
	for typed, want := range map[string]string{
		"setrom": "setroom", "satus": "status", "batch": "batchinvite", "authorise": "authorize", "signin": "", "frobnicate": "",
	} {
		if got := nearestCommand(typed); got != want {
			t.Errorf("nearestCommand(%q) = %q, want %q", typed, got, want)
		}
	}
}

// TestWhatHelpExplainsIsDone has the two tables that must name the same commands: what is said of them, and what they do.
func TestWhatHelpExplainsIsDone(t *testing.T) {
	rows, undone := replies.Commands(), works()
	for _, row := range rows {
		if cmd, known := findCommand(row.Name); !known || cmd.run == nil {
			t.Errorf("help explains %s, which does nothing", row.Name)
		}
		delete(undone, row.Name)
	}
	for name := range undone {
		t.Errorf("help does not explain %s", name)
	}
}
