package database

import (
	"errors"
	"strings"
	"testing"

	"go.mau.fi/util/dbutil"
)

func TestTablesExistOnceTheyAreAskedForAndNotBefore(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, cfg dbutil.PoolConfig) {
		f := openFixture(t, cfg)
		for _, want := range []bool{false, true, true} { // the third time there is nothing to do
			for _, table := range []string{versionTable, "pretix_invite"} {
				exists, err := f.db.TableExists(t.Context(), table)
				f.must(err)
				if exists != want {
					t.Errorf("%s: got %v, want %v", table, exists, want)
				}
			}
			f.must(f.Upgrade(t.Context()))
		}
	})
}

func TestADatabaseOfANewerProgramIsRefusedAndLeftAlone(t *testing.T) {
	known := 1
	forEachDialect(t, func(t *testing.T, f *fixture) {
		for name, c := range map[string]struct {
			version, compat int
			refused         bool
		}{
			"newer and incompatible": {known + 2, known + 1, true},
			"newer, compat unsaid":   {known + 1, 0, true},
			"newer but compatible":   {known + 2, known, false},
			"the same":               {known, known, false},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := f.change(t.Context(), `UPDATE pretix_version SET version = $1, compat = $2`, c.version, c.compat)
				f.must(err)
				err = f.Upgrade(t.Context())
				newer, refused := errors.AsType[*NewerSchemaError](err)
				if refused != c.refused || (err != nil) != c.refused {
					t.Fatalf("got %v, want refused = %v", err, c.refused)
				}
				if refused && (newer.Needs != known+1 || newer.Known != known || !strings.Contains(err.Error(), "newer matrix-pretix")) {
					t.Errorf("got %v", err)
				}
				var version int
				f.must(f.db.QueryRow(t.Context(), `SELECT version FROM pretix_version`).Scan(&version))
				if version != c.version {
					t.Errorf("got version %d, want %d untouched", version, c.version)
				}
			})
		}
	})
}

func TestAVersionTableThatSaysNothingIsNoNewerSchema(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		_, err := f.change(t.Context(), `DELETE FROM pretix_version`)
		f.must(err)
		f.must(refuseNewer(t.Context(), f.db))
	})
}
