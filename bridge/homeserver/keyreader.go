package homeserver

import (
	"context"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix/bridgev2/matrix"
)

// keyReader is the framework's encryption but for how the bridge bot's keys are read. The framework ends the whole process when
// reading fails in a way that it does not expect, such as a database that is restarted, or one that is asked while it stops.
// Here reading is tried again until it is stopped.
type keyReader struct {
	matrix.Crypto
	log *zap.Logger

	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	reading chan struct{} // closed when Start has ended, nil before it has begun
}

func newKeyReader(inner matrix.Crypto, log *zap.Logger) *keyReader {
	ctx, cancel := context.WithCancel(context.Background())
	return &keyReader{Crypto: inner, log: log, ctx: ctx, cancel: cancel}
}

// readAgain is how long it waits after a failure.
const readAgain = 10 * time.Second

// Start reads until Stop. The framework calls it in a goroutine of its own.
func (k *keyReader) Start() {
	k.mu.Lock()
	done := make(chan struct{})
	k.reading = done
	k.mu.Unlock()
	defer close(done)
	for k.ctx.Err() == nil {
		err := k.Client().SyncWithContext(k.ctx)
		if k.ctx.Err() != nil {
			return
		}
		// The error is not logged: it may hold whom the keys are from.
		k.log.Warn("encryption keys are not read, trying again", zap.Bool("failed", err != nil))
		select {
		case <-k.ctx.Done():
			return
		case <-time.After(readAgain):
		}
	}
}

// Stop ends the reading. After a start that did not get as far as having a client there is nothing else to stop.
func (k *keyReader) Stop() {
	k.cancel()
	k.mu.Lock()
	reading := k.reading
	k.mu.Unlock()
	if reading != nil {
		<-reading
	}
	if k.Client() != nil {
		k.Crypto.Stop()
	}
}
