package listener

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestTransactionIsHeldUntilTheStartHasEnded(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		end   func(s *Server)
		want  int
	}{
		"it succeeds":             {30 * time.Second, (*Server).Accept, http.StatusTeapot},
		"it fails":                {30 * time.Second, (*Server).Detach, http.StatusServiceUnavailable},
		"it takes too long":       {time.Hour, func(*Server) {}, http.StatusServiceUnavailable},
		"it pings again":          {time.Second, (*Server).pinged, http.StatusServiceUnavailable},
		"it is stopped meanwhile": {time.Second, func(s *Server) { close(s.stopping) }, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer()
				s.Attach("hs", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }), nil)
				s.Starting()
				s.pinged()
				began := time.Now()
				ending := time.AfterFunc(c.after, func() { c.end(s) })
				defer ending.Stop()
				answer := httptest.NewRecorder()
				s.ServeHTTP(answer, httptest.NewRequest(http.MethodPut, transactionPaths+"1", nil))
				if want := min(c.after, holdTime); answer.Code != c.want || time.Since(began) != want {
					t.Errorf("got %d after %v, want %d after %v", answer.Code, time.Since(began), c.want, want)
				}
			})
		})
	}
}
