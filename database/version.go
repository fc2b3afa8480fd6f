package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"go.mau.fi/util/dbutil"
)

// NewerSchemaError says that a newer program has written the database, in a way that this one would misread.
type NewerSchemaError struct {
	// Table holds the version: ours or one of the framework's.
	Table string
	// Needs is the oldest schema version that may be used with this database, Known the newest that this program knows.
	Needs, Known int
}

// Error says what has happened and what can be done.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("the database was written by a newer matrix-pretix (%s says schema %d, this program knows %d): "+
		"start that version again, or restore the backup made before the upgrade", e.Table, e.Needs, e.Known)
}

// ErrNotOurs says that another program keeps its data in the database.
var ErrNotOurs = errors.New("the database belongs to another bridge: give this one a database of its own in database.uri")

const ownerQuery = `SELECT owner FROM database_owner WHERE key = 0`

// Deployment is what the config says of what a database belongs to, besides the keys.
type Deployment struct {
	Instances []Instance
	// LostSealKey is the fingerprint of a seal key that an admin has given up.
	LostSealKey string
}

// RefuseUnfit returns an error, and changes nothing, when the database is another program's ([ErrNotOurs]), or was written by a
// newer one ([*NewerSchemaError]), with other keys ([*WrongKeyError]) or for other servers ([*InstanceMovedError]). schemas are the
// framework's tables beside ours, whose own answers are no sentences for an admin. It must run under the process lock.
func (s *Store) RefuseUnfit(ctx context.Context, deployment Deployment, schemas ...*dbutil.Database) error {
	if err := s.refuseForeign(ctx); err != nil {
		return err
	}
	for _, schema := range append(schemas, s.db) {
		if err := refuseNewer(ctx, schema); err != nil {
			return err
		}
	}
	exists, err := s.db.TableExists(ctx, "pretix_meta")
	if err != nil {
		return fmt.Errorf("look for what is known of the deployment: %w", err)
	}
	if !exists { // a new database
		return nil
	}
	return s.CheckDeployment(ctx, deployment)
}

// CheckDeployment compares keys and servers of the config with those of the database, which takes over those that are new to it:
// all of them, or none.
func (s *Store) CheckDeployment(ctx context.Context, deployment Deployment) error {
	return s.db.DoTxn(ctx, nil, func(ctx context.Context) error {
		if err := s.checkKeys(ctx, deployment.LostSealKey); err != nil {
			return err
		}
		return s.CheckInstances(ctx, deployment.Instances)
	})
}

// IsUnfit tells whether database and config do not fit together, which no other start mends.
func IsUnfit(err error) bool {
	_, newer := errors.AsType[*NewerSchemaError](err)
	_, key := errors.AsType[*WrongKeyError](err)
	_, moved := errors.AsType[*InstanceMovedError](err)
	return newer || key || moved || errors.Is(err, ErrNotOurs) || errors.Is(err, dbutil.ErrForeignTables)
}

func (s *Store) refuseForeign(ctx context.Context) error {
	exists, err := s.db.TableExists(ctx, "database_owner")
	if err != nil || !exists {
		return err
	}
	var found string
	if err := s.db.QueryRow(ctx, ownerQuery).Scan(&found); errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return fmt.Errorf("read whose database it is: %w", err)
	}
	if found != owner {
		return ErrNotOurs
	}
	return nil
}

// refuseNewer returns [*NewerSchemaError] when the schema that db stands for is newer than its upgrades.
func refuseNewer(ctx context.Context, db *dbutil.Database) error {
	exists, err := db.TableExists(ctx, db.VersionTable)
	if err != nil {
		return fmt.Errorf("look for the schema's version: %w", err)
	}
	if !exists {
		return nil
	}
	var version int
	var compat sql.NullInt64
	row := db.QueryRow(ctx, fmt.Sprintf("SELECT version, compat FROM %s LIMIT 1", db.VersionTable))
	if err := row.Scan(&version, &compat); errors.Is(err, sql.ErrNoRows) {
		return nil
	} else if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	needs := version
	if compat.Valid && compat.Int64 != 0 {
		needs = int(compat.Int64)
	}
	if known := len(db.UpgradeTable); needs > known {
		return &NewerSchemaError{Table: db.VersionTable, Needs: needs, Known: known}
	}
	return nil
}
