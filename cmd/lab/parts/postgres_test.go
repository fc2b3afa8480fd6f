package parts

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
)

// openDir is a directory that is not closed to the user as whom a root's Postgres may have to run, as t.TempDir is.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := NewRunDir("test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dir.Remove() })
	return dir.Path
}

func TestDatabasesOfOneClusterAreApart(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Postgres")
	}
	ctx := t.Context()
	pg, err := StartPostgres(ctx, openDir(t), PostgresOptions{Say: func(s string) { t.Log(s) }})
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

func TestRootRunsPostgresAsNobodyWhereTheKernelForbidsNamespaces(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Postgres")
	}
	if os.Getuid() != 0 {
		t.Log("Postgres runs as who runs this test")
		return
	}
	bin, err := findPostgres()
	if err != nil {
		t.Fatal(err)
	}
	dir := openDir(t)
	pg := &Postgres{User: "lab", Data: filepath.Join(dir, "cluster")}
	nobody, err := asNobody(dir, pg.Data)
	if err != nil {
		t.Fatal(err)
	}
	if err := pg.startAs(t.Context(), nobody, bin, dir); err != nil {
		t.Fatal(err)
	}
	defer pg.Stop()
	uri, drop, err := pg.NewDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer drop()
	execute(t, uri, "CREATE TABLE here (id INTEGER)")

	closed := t.TempDir()
	if _, err := asNobody(closed, filepath.Join(closed, "cluster")); err == nil {
		t.Error("a directory that is closed to nobody was taken")
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
