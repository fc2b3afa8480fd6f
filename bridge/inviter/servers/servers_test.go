package servers

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// falls lets a server fail until it is left alone.
func falls(t *testing.T, s *All, name string) {
	t.Helper()
	for range failuresToRest {
		v, _, err := s.Enter(t.Context(), name, true)
		if err != nil {
			t.Fatal(err)
		}
		v.Failed()
	}
}

func TestServersAreForgottenButNotThoseLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New("example.org", time.Now)
		falls(t, s, "dead.example")
		for n := range 3 * rememberedServers {
			v, _, err := s.Enter(t.Context(), fmt.Sprintf("s%d.example", n), false)
			if err != nil {
				t.Fatal(err)
			}
			v.Answered()
		}
		if got := len(s.byName); got > rememberedServers+1 {
			t.Errorf("%d servers are remembered", got)
		}
		if s.byName["dead.example"] == nil {
			t.Error("a server that is left alone was forgotten")
		}
	})
}
