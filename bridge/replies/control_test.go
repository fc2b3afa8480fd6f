package replies

import (
	"strings"
	"testing"
)

// TestControlAloneSaysWhatTheRoomCommands has a room that commands nothing, and one that does.
func TestControlAloneSaysWhatTheRoomCommands(t *testing.T) {
	if got := ControlUsage(nil, "!pretix"); !strings.Contains(got, "Which event?") {
		t.Errorf("a room that commands nothing: %s", got)
	}
	got := ControlUsage([]NamedEvent{{Key: evil, Name: "Conference"}}, "!pretix")
	for _, want := range []string{"from this room: **Conference** (" + quote("acme/conf") + ").", "`!control off <event>`", "`!control <event>`", "`!pretix help control`"} {
		if !strings.Contains(got, want) {
			t.Errorf("said without %q: %s", want, got)
		}
	}
}
