package database

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mau.fi/util/dbutil"
	"golang.org/x/sync/errgroup"
)

func TestADatabaseThatCannotBeRightIsRefusedWithoutItsURI(t *testing.T) {
	const secret = "hunter2"
	for name, c := range map[string]struct {
		cfg  dbutil.PoolConfig
		want error
	}{
		"no type":         {dbutil.PoolConfig{URI: secret}, ErrDatabaseType},
		"another SQLite":  {dbutil.PoolConfig{Type: "sqlite3", URI: secret}, ErrDatabaseType},
		"MySQL":           {dbutil.PoolConfig{Type: "mysql", URI: secret}, ErrDatabaseType},
		"a broken URI":    {dbutil.PoolConfig{Type: TypePostgres, URI: "postgres://a:" + secret + "@host:port/x"}, ErrDatabaseURI},
		"a broken string": {dbutil.PoolConfig{Type: TypePostgres, URI: "user=a password='" + secret}, ErrDatabaseURI},
		"in memory":       {dbutil.PoolConfig{Type: TypeSQLite, URI: "file::memory:?x=" + secret}, ErrNoFile},
		"broken options":  {dbutil.PoolConfig{Type: TypeSQLite, URI: "file:x.db?a=%zz" + secret}, ErrDatabaseURI},
		"no directory":    {dbutil.PoolConfig{Type: TypeSQLite, URI: "file:/nowhere/" + secret + "/x.db"}, os.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			for what, err := range map[string]error{
				"open": func() error { _, err := Open(c.cfg, dbutil.NoopLogger); return err }(),
				"lock": func() error { _, err := AcquireLock(t.Context(), c.cfg, "me", nil); return err }(),
			} {
				if !errors.Is(err, c.want) {
					t.Errorf("%s: got %v, want %v", what, err, c.want)
				} else if strings.Contains(err.Error(), secret) {
					t.Errorf("%s: the error tells the URI: %v", what, err)
				}
			}
		})
	}
}

func TestConnectionsAreKeptWhereTheConfigDoesNotLimitThem(t *testing.T) {
	uri := "file:" + filepath.Join(t.TempDir(), "test.db")
	db, err := Open(dbutil.PoolConfig{Type: TypeSQLite, URI: uri}, dbutil.NoopLogger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var connections []*sql.Conn
	for range DefaultOpenConns {
		conn, err := db.RawDB.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		connections = append(connections, conn)
	}
	for _, conn := range connections {
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if idle := db.RawDB.Stats().Idle; idle != DefaultOpenConns {
		t.Errorf("%d of %d connections were kept", idle, DefaultOpenConns)
	}
}

func TestTheFileOfASQLiteURIIsFound(t *testing.T) {
	for uri, want := range map[string]string{
		"file:data.db": "data.db",
		"file:/var/lib/x/data.db?_txlock=deferred": "/var/lib/x/data.db",
		"file:///var/lib/x/data.db":                "/var/lib/x/data.db",
		"file://localhost/var/lib/data.db":         "/var/lib/data.db",
		"file:with%20blank.db":                     "with blank.db",
		"file:":                                    "",
		"file::memory:?cache=shared":               "",
		"file:x?mode=memory":                       "",
		"file:/x?vfs=memdb":                        "",
	} {
		got, err := sqlitePath(uri)
		if got != want || (want == "") != errors.Is(err, ErrNoFile) {
			t.Errorf("%q: got %q, %v, want %q", uri, got, err, want)
		}
	}
	for _, uri := range []string{"", "data.db", ":memory:", "postgres://user:password@host/name"} {
		if got, err := sqlitePath(uri); !errors.Is(err, ErrDatabaseURI) {
			t.Errorf("%q: got %q, %v, want ErrDatabaseURI", uri, got, err)
		}
	}
}

func TestASQLiteFileIsForNobodyElseToRead(t *testing.T) {
	f := openFixture(t, sqliteConfig(t))
	if err := f.Upgrade(t.Context()); err != nil {
		t.Fatal(err)
	}
	path, _ := sqlitePath(f.cfg.URI)
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("got %q, %v, want the database and its log", files, err)
	}
	for _, file := range files {
		stat, err := os.Stat(file)
		if err != nil || stat.Mode().Perm() != 0o600 {
			t.Errorf("%s: got %v, %v, want mode 0600", filepath.Base(file), stat.Mode(), err)
		}
	}
}

func TestForeignKeysHoldOnEveryConnection(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		group, ctx := errgroup.WithContext(t.Context())
		for range 8 {
			group.Go(func() error {
				_, err := f.PutControl(ctx, Control{Event: conf, Room: desk, AddedBy: organizer})
				if err == nil {
					return errors.New("an event that does not exist has a control room")
				}
				return nil
			})
		}
		f.must(group.Wait())
	})
}

// Two transactions that first read and then write must both succeed: that is what taking the write lock at the start is for.
func TestTransactionsThatReadBeforeTheyWriteWaitForEachOther(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		group, ctx := errgroup.WithContext(t.Context())
		for range 8 {
			group.Go(func() error {
				return f.withEvent(ctx, conf, func(ctx context.Context) error {
					e, err := f.Event(ctx, conf)
					if err != nil {
						return err
					}
					return f.SetQuestion(ctx, conf, e.QuestionID+1, "matrix")
				})
			})
		}
		f.must(group.Wait())
		e, err := f.Event(t.Context(), conf)
		f.must(err)
		if e.QuestionID != 8 {
			t.Errorf("got %d, want 8: one has written over another", e.QuestionID)
		}
	})
}
