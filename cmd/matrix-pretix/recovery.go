package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"go.mau.fi/util/dbutil"
	"go.uber.org/zap"
	bridgedb "maunium.net/go/mautrix/bridgev2/database"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/matrix-pretix/config"
	"matrix-pretix/cmd/matrix-pretix/preflight"
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
	pause   func(try int) time.Duration
}

func newRecoveryKey(c *config.Config, db *dbutil.Database, keys *database.Keys, log *zap.Logger) *recoveryKey {
	return &recoveryKey{
		on: c.Encryption.Allow && c.Encryption.SelfSign, config: c, db: db, keys: keys, log: log,
		purpose: "recovery key of " + c.BotID().String(), pause: preflight.Pause,
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
func remedyFor(stored, opens, homeserverHasKeys, deviceSigned bool) remedy {
	switch {
	case !homeserverHasKeys && stored:
		return forget // the homeserver was lost: new keys are made
	case !homeserverHasKeys || deviceSigned:
		return leave
	case stored && opens:
		return unseal // the device was lost
	default:
		return renew // the database was lost, or the device and the key under which the recovery key was sealed
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
	hasKeys, signed, err := k.awaitHomeserver(ctx, device)
	if err != nil {
		return err
	}
	stored, err := k.read(ctx)
	if err != nil {
		return err
	}
	plain, opens := k.opened(stored)
	what := remedyFor(stored != "", opens, hasKeys, signed)
	switch {
	case what == unseal && stored != overwrite:
		err = k.write(ctx, plain)
	case what == forget:
		_, err = k.db.Exec(ctx, forgetKeyQuery, bridgedb.KeyRecoveryKey)
	case what == renew:
		err = k.write(ctx, overwrite)
	}
	if err == nil && what != leave {
		k.log.Warn("the bot's devices and the homeserver did not fit, which is what a lost database or device looks like: "+
			"its recovery key was adapted", zap.String("outcome", string(what)))
	}
	return err
}

// opened returns the key as the framework reads it, also if it is not sealed yet. One that was sealed with a lost key does not open.
func (k *recoveryKey) opened(stored string) (plain string, opens bool) {
	if !database.IsSealed(stored) {
		return stored, true
	}
	plain, err := k.keys.Open(stored, k.purpose)
	return plain, err == nil
}

// keep seals the key again once the framework is done with it.
func (k *recoveryKey) keep(ctx context.Context) {
	if !k.on {
		return
	}
	stored, err := k.read(ctx)
	if err == nil && stored != "" && stored != overwrite && !database.IsSealed(stored) {
		err = k.write(ctx, k.keys.Seal(stored, k.purpose))
	}
	if err != nil {
		k.log.Warn("recovery key not sealed, which the next start does", zap.Error(err))
	}
}

// signingRefused is the framework's exit status when keys do not fit.
const signingRefused = 34

// startRefused opens the key when the framework has refused to start with it, so that the next start can use it.
func (k *recoveryKey) startRefused(ctx context.Context, err error) {
	refused, ok := errors.AsType[matrix.ExitError](err)
	if !k.on || !ok || refused.ExitCode != signingRefused {
		return
	}
	stored, err := k.read(ctx)
	if plain, opens := k.opened(stored); err == nil && stored != "" && opens {
		err = k.write(ctx, plain)
	}
	if err != nil {
		k.log.Warn("recovery key not opened for the next start", zap.Error(err))
	}
}

// The framework's table, read and written by us because its own functions keep errors to themselves.
const (
	readKeyQuery  = `SELECT value FROM kv_store WHERE bridge_id = '' AND key = $1`
	writeKeyQuery = `
		INSERT INTO kv_store (bridge_id, key, value) VALUES ('', $1, $2)
		ON CONFLICT (bridge_id, key) DO UPDATE SET value = excluded.value`
	forgetKeyQuery = `DELETE FROM kv_store WHERE bridge_id = '' AND key = $1`
)

// read returns the key as it is stored, "" if there is none.
func (k *recoveryKey) read(ctx context.Context) (stored string, err error) {
	err = k.db.QueryRow(ctx, readKeyQuery, bridgedb.KeyRecoveryKey).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	} else if err != nil {
		return "", fmt.Errorf("read the recovery key: %w", err)
	}
	return stored, nil
}

func (k *recoveryKey) write(ctx context.Context, stored string) error {
	if _, err := k.db.Exec(ctx, writeKeyQuery, bridgedb.KeyRecoveryKey, stored); err != nil {
		return fmt.Errorf("write the recovery key: %w", err)
	}
	return nil
}

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
