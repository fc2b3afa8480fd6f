package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.mau.fi/util/dbutil"

	"matrix-pretix/database/upgrades"
)

// ErrNotFound says that the one row asked for does not exist.
var ErrNotFound = errors.New("no such row")

// ErrOutdated says that an order was looked at anew since it was read, or is to be.
var ErrOutdated = errors.New("an older reading")

// versionTable is where our schema's version stands. The framework's own tables in the same database have another.
const versionTable = "pretix_version"

// Store reads and writes our tables. It is safe for concurrent use. A method that changes more than one row does so in one
// transaction, or in the transaction that its ctx carries.
type Store struct {
	db   *dbutil.Database
	keys *Keys
	now  func() time.Time

	changes atomic.Uint64
}

// NewStore returns the store inside the framework's database. It touches nothing: the tables exist after [Store.Upgrade].
func NewStore(db *dbutil.Database, keys *Keys, now func() time.Time) *Store {
	return &Store{db: db.Child(versionTable, upgrades.Table(), nil), keys: keys, now: now}
}

// Upgrade brings our tables up to date. It must run under the process lock and after the framework's own upgrade. A schema
// written by a newer program is left alone and returned as [*NewerSchemaError].
func (s *Store) Upgrade(ctx context.Context) error {
	if err := refuseNewer(ctx, s.db); err != nil {
		return err
	}
	if err := s.db.Upgrade(ctx); err != nil {
		return fmt.Errorf("upgrade the tables: %w", err)
	}
	return nil
}

// Two forms because SQLite knows no row locks and needs none: its transactions are alone from their start.
const (
	lockEventSQLiteQuery   = `SELECT event FROM pretix_event WHERE event = $1`
	lockEventPostgresQuery = lockEventSQLiteQuery + ` FOR NO KEY UPDATE`
)

// withEvent runs a transaction that is alone with the tickets, links, rules and invites of one event. Without that an order
// and a link written at the same moment would each miss the other. Orders can still be made due meanwhile. [ErrNotFound]
// when we have no such event.
func (s *Store) withEvent(ctx context.Context, key EventKey, do func(ctx context.Context) error) error {
	defer s.changes.Add(1)
	return s.aloneWith(ctx, key, do)
}

// Changes counts, in this process, what may have made an invite needless that was about to be sent: orders that say something new,
// links and rules that changed, batches that were stopped, people who came, left or were put out. While it stands still, a [Prospect] is
// as good as when it was read.
func (s *Store) Changes() uint64 { return s.changes.Load() }

// aloneWith is withEvent for what may turn out to change nothing.
func (s *Store) aloneWith(ctx context.Context, key EventKey, do func(ctx context.Context) error) error {
	return s.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		lock := lockEventSQLiteQuery
		if s.db.Dialect == dbutil.Postgres {
			lock = lockEventPostgresQuery
		}
		var found EventKey
		if err := one(s.db.QueryRow(ctx, lock, key).Scan(&found)); err != nil {
			return err
		}
		return do(ctx)
	})
}

// Alone runs several changes of one event's links and rules as one, with nobody else's in between: for whoever decides by what
// is there what becomes of it.
func (s *Store) Alone(ctx context.Context, key EventKey, do func(ctx context.Context) error) error {
	return s.withEvent(ctx, key, do)
}

// change runs one statement and returns how many rows it changed.
func (s *Store) change(ctx context.Context, query string, args ...any) (int, error) {
	result, err := s.db.Exec(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	rows, err := result.RowsAffected()
	return int(rows), err
}

// changeOne runs a statement that must find its row.
func (s *Store) changeOne(ctx context.Context, query string, args ...any) error {
	rows, err := s.change(ctx, query, args...)
	if err == nil && rows == 0 {
		return ErrNotFound
	}
	return err
}

// one turns the driver's word for a missing row into ours.
func one(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// list reads every row of a query.
func list[Row any](ctx context.Context, db *dbutil.Database, read dbutil.ConvertRowFn[Row], query string, args ...any) ([]Row, error) {
	rows, err := db.Query(ctx, query, args...)
	return read.NewRowIter(rows, err).AsList()
}
