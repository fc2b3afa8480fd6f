package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	"maunium.net/go/mautrix"
	bridgedb "maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/cmd/matrix-pretix/logs"
	"matrix-pretix/database"
)

// recoveryKey looks after the key with which the bridge bot signs its devices. The framework keeps it in its database as it is,
// and refuses to start when the database and the homeserver do not fit: when one of them was lost. Here it is sealed while the
// framework does not need it, and the two are made to fit before the start.
type recoveryKey struct {
	on      bool
	config  *config.Config
	db      *dbutil.Database
	keys    *database.Keys
	log     *zap.Logger
	purpose string
}

func newRecoveryKey(c *config.Config, db *dbutil.Database, keys *database.Keys, log *zap.Logger) *recoveryKey {
	return &recoveryKey{
		on: c.Encryption.Allow && c.Encryption.SelfSign, config: c, db: db, keys: keys, log: log,
		purpose: "recovery key of " + c.BotID().String(),
	}
}

// overwrite is what the framework takes for the order to make new keys.
const overwrite = "overwrite"

// remedy is what has to be done to the stored key before the framework looks at it.
type remedy string

const (
	leave  remedy = "left as it is"
	unseal remedy = "opened for signing the device"
	renew  remedy = "made anew"
	forget remedy = "forgotten"
)

// remedyFor decides. An old database may have a key that the homeserver's keys do not belong to; only the framework's refusal
// tells, and then an admin has to.
func remedyFor(stored, homeserverHasKeys, deviceSigned bool) remedy {
	switch {
	case !homeserverHasKeys && stored:
		return forget // the homeserver was lost: new keys are made
	case !homeserverHasKeys || deviceSigned:
		return leave
	case stored:
		return unseal // the device was lost
	default:
		return renew // the database was lost
	}
}

// prepare makes the database and the homeserver fit.
func (k *recoveryKey) prepare(ctx context.Context) error {
	if !k.on {
		return nil
	}
	device, err := k.device(ctx)
	if err != nil {
		return err
	}
	hasKeys, signed, err := k.askHomeserver(ctx, device)
	if err != nil {
		return err
	}
	stored := k.store().Get(ctx, bridgedb.KeyRecoveryKey)
	what := remedyFor(stored != "", hasKeys, signed)
	if what == unseal && stored != overwrite {
		plain, err := k.keys.Open(stored, k.purpose)
		if err != nil {
			plain = stored // it is not sealed yet
		}
		k.store().Set(ctx, bridgedb.KeyRecoveryKey, plain)
	}
	switch what {
	case forget:
		k.store().Delete(ctx, bridgedb.KeyRecoveryKey)
	case renew:
		k.store().Set(ctx, bridgedb.KeyRecoveryKey, overwrite)
	}
	if what != leave {
		k.log.Warn("the bot's devices and the homeserver did not fit, which is what a lost database or device looks like: "+
			"its recovery key was adapted", zap.String("outcome", string(what)))
	}
	return nil
}

// keep seals the key again once the framework is done with it.
func (k *recoveryKey) keep(ctx context.Context) {
	stored := k.store().Get(ctx, bridgedb.KeyRecoveryKey)
	if !k.on || stored == "" {
		return
	}
	if _, err := k.keys.Open(stored, k.purpose); err == nil {
		return
	}
	k.store().Set(ctx, bridgedb.KeyRecoveryKey, k.keys.Seal(stored, k.purpose))
}

// signingRefused is the framework's exit status when keys do not fit.
const signingRefused = 34

// startRefused opens the key when the framework has refused to start with it, so that the next start can use it.
func (k *recoveryKey) startRefused(ctx context.Context, err error) {
	refused, ok := errors.AsType[matrix.ExitError](err)
	if !k.on || !ok || refused.ExitCode != signingRefused {
		return
	}
	if plain, err := k.keys.Open(k.store().Get(ctx, bridgedb.KeyRecoveryKey), k.purpose); err == nil {
		k.store().Set(ctx, bridgedb.KeyRecoveryKey, plain)
	}
}

func (k *recoveryKey) store() *bridgedb.KVQuery { return &bridgedb.KVQuery{Database: k.db} }

const botDeviceQuery = `SELECT device_id FROM crypto_account WHERE account_id = ''`

// device returns the bot's device that the database has keys of, or "".
func (k *recoveryKey) device(ctx context.Context) (device id.DeviceID, err error) {
	exists, err := k.db.TableExists(ctx, "crypto_account")
	if err != nil || !exists {
		return "", err
	}
	rows, err := dbutil.ConvertRowFn[id.DeviceID](dbutil.ScanSingleColumn[id.DeviceID]).NewRowIter(k.db.Query(ctx, botDeviceQuery)).AsList()
	if err != nil {
		return "", fmt.Errorf("read the bot's device: %w", err)
	}
	if len(rows) > 0 {
		device = rows[0]
	}
	return device, nil
}

// keyQueryTimeout bounds the one question of this file.
const keyQueryTimeout = 15 * time.Second

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
		return false, false, errors.New("ask for the bot's keys: the homeserver did not answer")
	}
	hasKeys = len(answer.MasterKeys[bot].Keys) > 0
	for _, key := range answer.SelfSigningKeys[bot].Keys {
		_, ok := answer.DeviceKeys[bot][device].Signatures[bot][id.NewKeyID(id.KeyAlgorithmEd25519, key.String())]
		signed = signed || ok
	}
	return hasKeys, signed, nil
}
