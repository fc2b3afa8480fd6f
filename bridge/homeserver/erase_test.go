package homeserver_test

import (
	"database/sql"
	"testing"
	"time"
)

// TestWhatWasDeletedIsErasedAlsoWhenSomebodyCouldStillSeeIt has a transaction that began before the deletion: whatever is written anew meanwhile is
// written with what that one may see.
func TestWhatWasDeletedIsErasedAlsoWhenSomebodyCouldStillSeeIt(t *testing.T) {
	t.Parallel()
	const stranger = "@invented-stranger:elsewhere.example"
	b := onPostgres(t).start()
	ctx := t.Context()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	lies := func() (found bool) {
		t.Helper()
		must(b.db.Exec(ctx, "CHECKPOINT"))
		const query = `SELECT position(convert_to($1, 'UTF8') IN pg_read_binary_file(pg_relation_filepath('crypto_tracked_user'))) > 0`
		must(nil, b.db.QueryRow(ctx, query, stranger).Scan(&found))
		return found
	}
	must(b.db.Exec(ctx, "INSERT INTO crypto_tracked_user (user_id, devices_outdated) VALUES ($1, false)", stranger))
	if !lies() {
		t.Fatal("the stranger is not found in the table's file: the search is blind")
	}
	older, err := b.db.RawDB.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	must(nil, err)
	must(older.ExecContext(ctx, "SELECT 1"))
	must(nil, b.ForgetStrangers(ctx))
	erased := make(chan error, 1)
	go func() { erased <- b.Erase(ctx) }()
	select {
	case err := <-erased:
		t.Fatalf("it did not wait for who may still see what was deleted: %v", err)
	case <-time.After(500 * time.Millisecond):
	}
	must(nil, older.Commit())
	must(nil, <-erased)
	if lies() {
		t.Error("the stranger still lies in the table's file")
	}
}
