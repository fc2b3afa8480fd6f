package homeserver_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"
	"maunium.net/go/mautrix/id"
)

func TestManyCallsAtOnceUseFewConnections(t *testing.T) {
	const atOnce, rounds = 16, 10
	var mu sync.Mutex
	connections := make(map[string]bool)
	server, _ := offline(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		connections[r.RemoteAddr] = true
		mu.Unlock()
		fmt.Fprint(w, `{}`)
	})
	for range rounds {
		group, ctx := errgroup.WithContext(t.Context())
		for i := range atOnce {
			group.Go(func() error {
				_, err := server.Exists(ctx, id.UserID(fmt.Sprintf("@guest%d:example.org", i)))
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	// A connection may come back a moment too late for the next call, so a few more than are needed are no fault.
	if n := len(connections); n > 2*atOnce {
		t.Errorf("%d calls took %d connections, want about %d", atOnce*rounds, n, atOnce)
	}
}
