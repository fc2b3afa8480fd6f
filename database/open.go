package database

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"

	"database/sql"

	"github.com/lib/pq"
	"go.mau.fi/util/dbutil"
	_ "go.mau.fi/util/dbutil/litestream" // the driver "sqlite3-fk-wal": foreign keys on, 5 s of patience with another writer
)

// The two kinds of database, as the config names them.
const (
	TypePostgres = "postgres"
	TypeSQLite   = "sqlite3-fk-wal"
)

// owner is written into the database, so that no other bridge takes it for its own.
const owner = "matrix-pretix"

// DefaultOpenConns is how many connections a pool has where the config says nothing.
const DefaultOpenConns = 5

// Errors of a database section that cannot be right. None holds the URI, which may hold a password.
var (
	ErrDatabaseType = fmt.Errorf("database.type must be %s or %s", TypePostgres, TypeSQLite)
	ErrDatabaseURI  = errors.New("database.uri cannot be read: postgres://user:password@host/name for Postgres, file:PATH for SQLite")
	ErrNoFile       = errors.New("database.uri names no file: a database in memory would forget whom it has invited")
)

// Open prepares the pool that the framework and the store share. It does not connect, so a database that is away is noticed
// by whoever asks first, which is [AcquireLock]. A SQLite file is made if missing, readable by nobody else. Where the config does
// not say how many connections may be idle, all may: a batch uses them at every moment, and Postgres takes longer over a new
// connection than over a hundred queries.
func Open(cfg dbutil.PoolConfig, log dbutil.DatabaseLogger) (*dbutil.Database, error) {
	if err := CheckAddress(cfg.Type, cfg.URI); err != nil {
		return nil, err
	}
	if cfg.Type == TypeSQLite {
		if !slices.Contains(sql.Drivers(), TypeSQLite) {
			return nil, fmt.Errorf("database.type %s: this program was built without cgo", TypeSQLite)
		}
		if err := prepareFile(&cfg); err != nil {
			return nil, err
		}
	}
	if cfg.MaxOpenConns == 0 {
		cfg.MaxOpenConns = DefaultOpenConns
	}
	if cfg.MaxIdleConns == 0 {
		cfg.MaxIdleConns = cfg.MaxOpenConns
	}
	db, err := dbutil.NewFromConfig(owner, dbutil.Config{PoolConfig: cfg}, log)
	if err != nil {
		return nil, fmt.Errorf("prepare the database's pool: %w", err)
	}
	return db, nil
}

// CheckAddress returns what is wrong with a database section, if anything is, without looking whether there is a database:
// [ErrDatabaseType], [ErrDatabaseURI] or [ErrNoFile].
func CheckAddress(kind, uri string) error {
	switch kind {
	case TypePostgres:
		if strings.TrimSpace(uri) == "" {
			return ErrDatabaseURI
		}
		if _, err := pq.NewConnector(uri); err != nil {
			return ErrDatabaseURI // the parser's text quotes the URI
		}
		return nil
	case TypeSQLite:
		_, err := sqlitePath(uri)
		return err
	default:
		return ErrDatabaseType
	}
}

// prepareFile makes the file and completes the URI: transactions take the write lock at their start, because one that has
// read before it wants to write cannot wait for another writer but fails.
func prepareFile(cfg *dbutil.PoolConfig) error {
	path, err := sqlitePath(cfg.URI)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the file of database.uri: %w", withoutPath(err))
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("open the file of database.uri: %w", withoutPath(err))
	}
	before, query, _ := strings.Cut(cfg.URI, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return ErrDatabaseURI
	}
	values.Set("_txlock", "immediate")
	values.Set("_secure_delete", "on") // what was forgotten shall not be found in the file
	cfg.URI = before + "?" + values.Encode()
	return nil
}

// sqlitePath returns the path of a SQLite URI. The driver takes a bare path too, but then anything is one, such as the URI of a
// Postgres.
func sqlitePath(uri string) (string, error) {
	path, query, _ := strings.Cut(uri, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return "", ErrDatabaseURI
	}
	escaped, isURI := strings.CutPrefix(path, "file:")
	if !isURI {
		return "", ErrDatabaseURI
	}
	if path, err = url.PathUnescape(escaped); err != nil {
		return "", ErrDatabaseURI
	}
	if host, ok := strings.CutPrefix(path, "//"); ok { // file:///path, file://localhost/path
		path = "/" + strings.TrimPrefix(strings.TrimPrefix(host, "localhost"), "/")
	}
	if path == "" || path == ":memory:" || values.Get("mode") == "memory" || values.Get("vfs") == "memdb" {
		return "", ErrNoFile
	}
	return path, nil
}

func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
