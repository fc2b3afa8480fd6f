package parts

import (
	"database/sql"
	"testing"
)

func TestDatabasesOfOneClusterAreApartAndOutliveARestart(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Postgres")
	}
	ctx := t.Context()
	dir, err := NewRunDir("test") // t.TempDir is closed to the user that a root's Postgres may have to run as
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Remove()
	pg, err := StartPostgres(ctx, dir.Path, PostgresOptions{Say: func(s string) { t.Log(s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer pg.Stop()
	first, drop, err := pg.NewDatabase(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer drop()
	second, dropSecond, err := pg.NewDatabase(ctx)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, first, "CREATE TABLE here (id INTEGER)")
	execute(t, second, "CREATE TABLE here (id INTEGER)")
	if err := pg.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	execute(t, first, "INSERT INTO here VALUES (1)")
	dropSecond()
	db, err := sql.Open("postgres", second)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.PingContext(ctx); err == nil {
		t.Error("a dropped database still answers")
	}
}

func execute(t *testing.T, uri, query string) {
	t.Helper()
	db, err := sql.Open("postgres", uri)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}
