package parts

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// migration makes Pretix's empty database. From nothing that is some 650 steps and takes a minute, so the outcome is kept.
type migration struct {
	pretix   *Pretix
	cache    string
	python   string
	env      []string
	postgres *Postgres
	say      func(string)
}

// database makes the database and returns what Pretix's config says of it.
func (m migration) database(ctx context.Context) (string, error) {
	if m.postgres != nil {
		return m.inPostgres(ctx)
	}
	kept := filepath.Join(m.cache, "pretix-"+PretixVersion+".sqlite")
	ours := filepath.Join(m.pretix.Dir, "data", "db.sqlite3")
	m.env = Marked(m.env, kept)
	err := m.once(ctx, kept, func(ctx context.Context) error {
		if err := m.migrate(ctx); err != nil {
			return err
		}
		copying := fmt.Sprintf("import sqlite3; sqlite3.connect(%q).execute('VACUUM INTO ?', (%q,))", ours, kept+".new")
		err := errors.Join(os.RemoveAll(kept+".new"), m.run(ctx, m.python, "-c", copying))
		return errors.Join(err, removeSQLite(ours))
	})
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(kept)
	if err != nil {
		return "", fmt.Errorf("read the kept database: %w", err)
	}
	return "backend=sqlite3", os.WriteFile(ours, text, 0o600)
}

func (m migration) inPostgres(ctx context.Context) (string, error) {
	bin, err := findPostgres()
	if err != nil {
		return "", err
	}
	uri, _, err := m.postgres.NewDatabase(ctx)
	if err != nil {
		return "", err
	}
	at, err := url.Parse(uri)
	if err != nil {
		return "", fmt.Errorf("read the address of a new database: %w", err)
	}
	config := fmt.Sprintf("backend=postgresql\nname=%s\nuser=%s\nhost=%s\nport=%s",
		strings.TrimPrefix(at.Path, "/"), at.User.Username(), at.Hostname(), at.Port())
	kept := filepath.Join(m.cache, fmt.Sprintf("pretix-%s-postgres-%d.sql", PretixVersion, postgresMajor(bin)))
	m.env = Marked(m.env, kept)
	migrated := false
	err = m.once(ctx, kept, func(ctx context.Context) error {
		if err := m.pretix.writeConfig(config); err != nil {
			return err
		}
		if err := m.migrate(ctx); err != nil {
			return err
		}
		migrated = true
		return m.run(ctx, filepath.Join(bin, "pg_dump"), "--no-owner", "--file", kept+".new", uri)
	})
	if err != nil || migrated {
		return config, err
	}
	return config, m.run(ctx, filepath.Join(bin, "psql"), "--quiet", "--no-psqlrc", "--single-transaction",
		"--set", "ON_ERROR_STOP=1", "--output", os.DevNull, "--file", kept, uri)
}

// once builds the kept file under another name, and gives it its own when it is whole.
func (m migration) once(ctx context.Context, kept string, build func(context.Context) error) error {
	return once(ctx, m.cache, filepath.Base(kept), func() bool { return exists(kept) }, func(ctx context.Context) error {
		began := time.Now()
		m.say("migrating an empty database for pretix (once, about a minute)")
		if err := build(ctx); err != nil {
			return fmt.Errorf("migrate pretix: %w", err)
		}
		m.say(fmt.Sprintf("migrated in %s", took(began)))
		return os.Rename(kept+".new", kept)
	})
}

func (m migration) migrate(ctx context.Context) error {
	return m.run(ctx, m.python, "-m", "pretix", "migrate", "--noinput")
}

func (m migration) run(ctx context.Context, args ...string) error {
	return run(ctx, filepath.Join(m.pretix.Dir, "migrate.log"), Marked(m.env, m.pretix.Dir), args...)
}

// removeSQLite deletes a database with what lies beside it.
func removeSQLite(path string) error {
	var failed error
	for _, tail := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + tail); err != nil && !errors.Is(err, os.ErrNotExist) {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}
