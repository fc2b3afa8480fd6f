package config

import (
	"strconv"
	"strings"

	"github.com/lib/pq"
)

// The kinds of database, by the names that mautrix bridges give them.
const (
	Postgres = "postgres"
	SQLite   = "sqlite3-fk-wal"
)

// checkDatabase never shows the URI: it has a password in it.
func (d *decoder) checkDatabase(db Database) {
	switch db.Type {
	case Postgres:
		d.want(isPostgres(db.URI), "database.uri", "expected postgres://user:password@host/database?sslmode=…")
	case SQLite:
		d.want(isSQLite(db.URI), "database.uri", "expected file:, the path of a file, and nothing else, such as file:matrix-pretix.db")
	default:
		d.want(false, "database.type", "expected postgres or sqlite3-fk-wal")
	}
	// One connection may hold a transaction while another answers what that asks.
	d.want(db.MaxOpenConns >= 2, "database.max_open_conns", "expected at least 2")
	d.want(db.MaxIdleConns >= 0 && db.MaxIdleConns <= max(2, db.MaxOpenConns), "database.max_idle_conns",
		"expected a number from 0 to max_open_conns, which is "+strconv.Itoa(db.MaxOpenConns))
}

func isPostgres(uri string) bool {
	if strings.TrimSpace(uri) == "" {
		return false
	}
	_, err := pq.NewConnector(uri)
	return err == nil
}

// isSQLite takes what mautrix bridges take for a file, and no database in memory: that one could not be locked against a
// second process, nor survive one.
func isSQLite(uri string) bool {
	path, isFile := strings.CutPrefix(uri, "file:")
	path, options, _ := strings.Cut(path, "?")
	return isFile && path != "" && path != ":memory:" && !strings.Contains(options, "mode=memory")
}
