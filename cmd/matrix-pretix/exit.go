package main

import (
	"errors"
	"fmt"
	"strings"

	"maunium.net/go/mautrix/crypto/olm"

	"matrix-pretix/cmd/matrix-pretix/logs"
	"matrix-pretix/database"
)

// The exit statuses, as doc.go explains them.
const (
	statusOK       = 0
	statusConfig   = 1
	statusListen   = 3
	statusDatabase = 4
	statusLock     = 5
	statusRefused  = 6
	statusStart    = 7
	statusWork     = 8
	statusHung     = 9
)

// ended is an error that knows with which status it ends the program. Its text is a sentence for an admin.
type ended struct {
	status int
	err    error
}

func (e *ended) Error() string { return e.err.Error() }
func (e *ended) Unwrap() error { return e.err }

// ends gives an error a status, unless it has one already. It returns nil for nil.
func ends(status int, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*ended](err); ok {
		return err
	}
	return &ended{status: status, err: err}
}

// statusOf is what the program ends with.
func statusOf(err error) int {
	if err == nil {
		return statusOK
	}
	if e, ok := errors.AsType[*ended](err); ok {
		return e.status
	}
	return statusWork
}

// aboutDatabase gives an error of the database's preparation its status.
func aboutDatabase(err error) (status int, _ error) {
	status = statusDatabase
	if database.IsUnfit(err) {
		status = statusConfig
	}
	return status, fmt.Errorf("prepare the database: %w", err)
}

// errPickleKey is said when what encryption keeps does not open with the key of the config.
var errPickleKey = errors.New("encryption.pickle_key is not the key with which this database was written: put back the former value from " +
	"your backup of the config; if that is lost, empty the tables crypto_account, crypto_olm_session, crypto_megolm_inbound_session and " +
	"crypto_megolm_outbound_session, and the bot starts with a new device")

// aboutStart says why the framework did not start without saying what it said, which may name people.
func aboutStart(err error) error {
	if errors.Is(err, olm.ErrBadMAC) {
		return ends(statusConfig, errPickleKey)
	}
	kinds := strings.Join(logs.Kinds(err), ", ")
	if kinds == "" {
		kinds = "unknown reason"
	}
	return fmt.Errorf("the start on the homeserver did not succeed (%s): the lines before this one say more", kinds)
}
