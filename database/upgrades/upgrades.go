// Package upgrades holds the schema, one numbered file per change. A released file is never edited.
package upgrades

import (
	"embed"

	"go.mau.fi/util/dbutil"
)

//go:embed *.sql
var files embed.FS

// Table returns every upgrade in its order.
func Table() dbutil.UpgradeTable {
	return dbutil.BuildUpgradeTable().WithFS(files).Finish()
}
