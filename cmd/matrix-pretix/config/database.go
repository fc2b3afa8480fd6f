package config

import (
	"strconv"

	"matrix-pretix/database"
)

// The kinds of database, by the names that mautrix bridges give them.
const (
	Postgres = database.TypePostgres
	SQLite   = database.TypeSQLite
)

// expectedAddress is what database.uri should be. The one that is there is never shown: it has a password in it.
var expectedAddress = map[string]string{
	Postgres: "expected postgres://user:password@host/database?sslmode=…",
	SQLite:   "expected file:, the path of a file, and nothing else, such as file:matrix-pretix.db",
}

func (d *decoder) checkDatabase(db Database) {
	expected, known := expectedAddress[db.Type]
	d.want(known, "database.type", "expected postgres or sqlite3-fk-wal")
	d.want(!known || database.CheckAddress(db.Type, db.URI) == nil, "database.uri", expected)
	// One connection may hold a transaction while another answers what that asks.
	d.want(db.MaxOpenConns >= 2, "database.max_open_conns", "expected at least 2")
	d.want(db.MaxIdleConns >= 0 && db.MaxIdleConns <= db.MaxOpenConns, "database.max_idle_conns",
		"expected a number up to max_open_conns, which is "+strconv.Itoa(db.MaxOpenConns)+"; 0 for as many")
}
