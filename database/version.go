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

// RefuseNewer returns [*NewerSchemaError] when the schema that db stands for is newer than its upgrades, and changes nothing.
// It serves for the framework's tables as well, whose own answer is no sentence for an admin.
func RefuseNewer(ctx context.Context, db *dbutil.Database) error {
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
