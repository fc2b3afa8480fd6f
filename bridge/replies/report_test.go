package replies

import (
	"strings"
	"testing"

	"matrix-pretix/database"
)

// TestARefusalByAServerNamesARemedy has what a mistyped server gives where ours talks to no others.
func TestARefusalByAServerNamesARemedy(t *testing.T) {
	got := becauseOf(database.ReasonFederation)
	for _, want := range []string{"refused the invitation", "mended in the order", "whoever runs this Matrix server"} {
		if !strings.Contains(got, want) {
			t.Errorf("said without %q: %s", want, got)
		}
	}
}
