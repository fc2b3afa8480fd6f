package preflight

import (
	"context"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"matrix-pretix/cmd/matrix-pretix/config"
)

func TestWhatIsWaitedForIsSaidAgain(t *testing.T) {
	for name, c := range map[string]struct {
		remind time.Duration
		again  bool
	}{"its time has come": {time.Nanosecond, true}, "not yet": {time.Hour, false}} {
		core, seen := observer.New(zap.WarnLevel)
		cfg := config.Default()
		cfg.Homeserver.Address = "http://127.0.0.1:9" // nobody is there
		q := newCheck(cfg, nil, zap.New(core))
		ctx, stop := context.WithCancel(t.Context())
		q.remind, q.pause = c.remind, func(try int) time.Duration {
			if try == 3 {
				stop()
			}
			return time.Millisecond
		}
		if err := q.run(ctx); err == nil {
			t.Errorf("%s: it did not wait", name)
		}
		if lines := seen.FilterMessage("waiting for the homeserver").Len(); (lines > 1) != c.again || lines == 0 {
			t.Errorf("%s: it was said %d times, want again = %v", name, lines, c.again)
		}
		stop()
	}
}
