package main

import (
	"errors"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// supported refuses a config that asks for what this build does not have. The framework would only warn, and then neither read
// nor encrypt anything.
func supported(c *config.Config, cgo bool) error {
	switch {
	case cgo:
		return nil
	case c.Encryption.Allow:
		return errors.New("encryption.allow is true, but this program was built without encryption (CGO_ENABLED=0): set it to false, or use a build with cgo")
	case c.Database.Type == config.SQLite:
		return errors.New("database.type is sqlite3-fk-wal, but this program was built without SQLite (CGO_ENABLED=0): use postgres, or a build with cgo")
	default:
		return nil
	}
}
