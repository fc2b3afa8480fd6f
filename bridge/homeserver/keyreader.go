package homeserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"
)

const (
	// waitForKeys is how long the homeserver may wait for news before it answers a sync.
	waitForKeys = 30 * time.Second
	// keysInRush is how often it is asked while a batch invites. Each time it works through all that the batch did meanwhile.
	keysInRush = 3 * time.Second
	// readAgain is how long reading rests after a failure.
	readAgain = 10 * time.Second
)

// Errors that end the reading of keys for good.
var (
	// ErrDeviceGone says that the homeserver does not know the device any more with which the bridge bot encrypts: it was deleted
	// there, and what is encrypted for it cannot be read. Only a new start makes a new one.
	ErrDeviceGone = errors.New("the homeserver no longer knows the bot's device for encryption, which somebody has deleted there: " +
		"start the bridge again, it then makes a new one")
	// ErrTokenGone says that the homeserver no longer takes the as_token.
	ErrTokenGone = errors.New("the homeserver no longer accepts the bridge: the as_token of the config is not that of the registration " +
		"that it has loaded; make them the same and restart both")
)

// keyReader is the framework's encryption but for how the bridge bot's keys are read. The framework ends the whole process when
// reading fails in a way that it does not expect, such as a database that is restarted, or one that is asked while it stops.
// Here reading is tried again until it is stopped or cannot succeed any more, and does not slow batches down.
type keyReader struct {
	matrix.Crypto
	pace *pace
	log  *zap.Logger

	able chan struct{} // closed when the framework has made encryption ready
	gone chan error    // has room for why keys cannot be read any more

	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	reading chan struct{} // closed when Start has ended, nil before it has begun
}

func newKeyReader(inner matrix.Crypto, pace *pace, log *zap.Logger) *keyReader {
	ctx, cancel := context.WithCancel(context.Background())
	return &keyReader{
		Crypto: inner, pace: pace, log: log, ctx: ctx, cancel: cancel, able: make(chan struct{}), gone: make(chan error, 1),
	}
}

// Init makes encryption ready. The framework calls it once, late in its start; before that it can encrypt nothing, and panics if
// asked to.
func (k *keyReader) Init(ctx context.Context) error {
	err := k.Crypto.Init(ctx)
	if err == nil {
		close(k.able)
	}
	return err
}

// await waits until encryption is ready.
func (k *keyReader) await(ctx context.Context) error {
	select {
	case <-k.able:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Start reads until Stop, or until the device is gone. The framework calls it in a goroutine of its own.
func (k *keyReader) Start() {
	k.mu.Lock()
	done := make(chan struct{})
	k.reading = done
	k.mu.Unlock()
	defer close(done)
	for k.ctx.Err() == nil {
		err := k.read(k.ctx)
		if k.ctx.Err() != nil {
			return
		}
		if final := finalReason(err); final != nil {
			k.gone <- final
			return
		}
		k.log.Warn("encryption keys are not read, trying again", zap.Error(err))
		k.rest(readAgain)
	}
}

// finalReason says why trying again would be in vain; nil if it may not be.
func finalReason(err error) error {
	answer, _ := errors.AsType[*Error](err)
	switch {
	case answer == nil:
		return nil
	case answer.Code == "M_UNKNOWN_DEVICE":
		return ErrDeviceGone
	case answer.Code == "M_UNKNOWN_TOKEN":
		return ErrTokenGone
	default:
		return nil
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

// read asks for news and hands them on until something fails. How far it has come is kept only after that: what is handed on twice
// does no harm, a key that is lost does.
func (k *keyReader) read(ctx context.Context) error {
	client := k.Client()
	since, err := client.Store.LoadNextBatch(ctx, client.UserID)
	if err != nil {
		return fmt.Errorf("look up how far keys were read: %w", err)
	}
	filter, err := json.Marshal(client.Syncer.GetFilterJSON(client.UserID))
	if err != nil {
		return fmt.Errorf("write the sync filter: %w", err)
	}
	for wait := time.Duration(0); ; wait = waitForKeys {
		if k.pace.rush() {
			k.rest(keysInRush)
			wait = 0
		}
		news, err := k.ask(ctx, mautrix.ReqSync{Since: since, FilterID: string(filter), Timeout: int(wait.Milliseconds())})
		if err != nil {
			return safe(ctx, "read encryption keys", err)
		}
		if err := client.Syncer.ProcessResponse(ctx, news, since); err != nil {
			return err
		}
		if err := client.Store.SaveNextBatch(ctx, client.UserID, news.NextBatch); err != nil {
			return fmt.Errorf("write down how far keys were read: %w", err)
		}
		since = news.NextBatch
	}
}

// ask asks once. A question that waits is answered early when a rush begins.
func (k *keyReader) ask(ctx context.Context, question mautrix.ReqSync) (*mautrix.RespSync, error) {
	asking, answered := context.WithCancel(ctx)
	defer answered()
	if question.Timeout > 0 {
		go k.wakeInRush(asking)
	}
	return k.Client().FullSyncRequest(asking, question)
}

// wakeInRush ends the sync that waits when a rush begins. The word of an earlier one may still lie there.
func (k *keyReader) wakeInRush(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.pace.begun:
			if k.pace.rush() {
				k.wake(ctx)
				return
			}
		}
	}
}

// wake ends a sync that waits by news for it, an empty message to the bot's own device. To hang up would not end it: Synapse goes on
// working for it until its time is over.
func (k *keyReader) wake(ctx context.Context) {
	quiet, cancel := quietly(ctx, callTime)
	defer cancel()
	client := k.Client()
	_, err := client.SendToDevice(quiet, event.ToDeviceDummy, &mautrix.ReqSendToDevice{
		Messages: map[id.UserID]map[id.DeviceID]*event.Content{client.UserID: {client.DeviceID: {}}},
	})
	if err != nil && ctx.Err() == nil {
		k.log.Info("a sync that waits was not ended, which slows a batch down", zap.Error(safe(ctx, "message own device", err)))
	}
}

func (k *keyReader) rest(d time.Duration) {
	select {
	case <-k.ctx.Done():
	case <-time.After(d):
	}
}
