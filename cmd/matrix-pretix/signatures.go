package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.uber.org/zap"
	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/matrix-pretix/logs"
)

// keyQueryTimeout bounds one question about the bot's keys.
const keyQueryTimeout = 15 * time.Second

// errNoAnswer stands for a homeserver that is away. What the client says of it holds addresses.
var errNoAnswer = errors.New("the homeserver did not answer")

// awaitHomeserver asks until the homeserver answers: it was there a moment ago.
func (k *recoveryKey) awaitHomeserver(ctx context.Context, device id.DeviceID) (hasKeys, signed bool, err error) {
	for try := 0; ; try++ {
		hasKeys, signed, err = k.askHomeserver(ctx, device)
		if !errors.Is(err, errNoAnswer) || ctx.Err() != nil {
			return hasKeys, signed, err
		}
		if try == 0 {
			k.log.Warn("waiting for the homeserver", zap.Error(err))
		}
		select {
		case <-ctx.Done():
		case <-time.After(k.pause(try)):
		}
	}
}

// askHomeserver returns whether the bot has signing keys there, and whether they have signed that device.
func (k *recoveryKey) askHomeserver(ctx context.Context, device id.DeviceID) (hasKeys, signed bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, keyQueryTimeout)
	defer cancel()
	bot := k.config.BotID()
	client, err := mautrix.NewClient(k.config.Homeserver.Address, bot, k.config.AppService.ASToken)
	if err != nil {
		return false, false, fmt.Errorf("ask for the bot's keys: %w", err)
	}
	client.SetAppServiceUserID = true
	client.Log = logs.Framework(k.log)
	answer, err := client.QueryKeys(ctx, &mautrix.ReqQueryKeys{DeviceKeys: mautrix.DeviceKeysRequest{bot: mautrix.DeviceIDList{}}})
	if err != nil {
		return false, false, fmt.Errorf("ask for the bot's keys: %w", aboutAnswer(err))
	}
	hasKeys = len(answer.MasterKeys[bot].Keys) > 0
	for _, key := range answer.SelfSigningKeys[bot].Keys {
		_, ok := answer.DeviceKeys[bot][device].Signatures[bot][id.NewKeyID(id.KeyAlgorithmEd25519, key.String())]
		signed = signed || ok
	}
	return hasKeys, signed, nil
}

// aboutAnswer tells a refusal from a homeserver that is away, limits us or answers nonsense.
func aboutAnswer(err error) error {
	answer, ok := errors.AsType[mautrix.HTTPError](err)
	if !ok || answer.RespError == nil || answer.Response == nil {
		return errNoAnswer
	}
	status := answer.Response.StatusCode
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return errNoAnswer
	}
	return fmt.Errorf("the homeserver refused (status %d)", status)
}
