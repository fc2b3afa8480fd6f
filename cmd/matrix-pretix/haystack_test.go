package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// haystack is everything in which somebody could be found, by place and in small letters.
type haystack map[string]string

// holding lists the places in which a text stands, in whatever capitals.
func (h haystack) holding(text string) []string {
	text = strings.ToLower(text)
	var found []string
	for _, place := range slices.Sorted(maps.Keys(h)) {
		if strings.Contains(h[place], text) {
			found = append(found, place)
		}
	}
	return found
}

// database reads all that is in the database: every column of every table, and every byte of its files.
func (f *flow) database() haystack {
	f.t.Helper()
	h := make(haystack)
	uri, list := f.cfg.Database.URI, `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name), table_name FROM information_schema.tables
		WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`
	if f.cfg.Database.Type == config.SQLite {
		list = `SELECT '"' || name || '"', name FROM sqlite_master WHERE type = 'table'`
		h.readSQLite(f, uri)
	}
	db, err := sql.Open(f.cfg.Database.Type, uri)
	if err != nil {
		f.t.Fatalf("open the database: %v", err)
	}
	defer db.Close()
	if f.cfg.Database.Type == config.Postgres {
		h.readPostgres(f, db)
	}
	tables, err := db.QueryContext(f.t.Context(), list)
	if err != nil {
		f.t.Fatalf("list tables: %v", err)
	}
	names := make(map[string]string)
	for tables.Next() {
		var quoted, name string
		if err := tables.Scan(&quoted, &name); err != nil {
			f.t.Fatalf("list tables: %v", err)
		}
		names[quoted] = name
	}
	if err := errors.Join(tables.Err(), tables.Close()); err != nil {
		f.t.Fatalf("list tables: %v", err)
	}
	for quoted, name := range names {
		if err := h.readTable(f, db, quoted, name); err != nil {
			f.t.Fatalf("read table %s: %v", name, err)
		}
	}
	return h
}

// readTable reads every value of a table.
func (h haystack) readTable(f *flow, db *sql.DB, quoted, name string) error {
	rows, err := db.QueryContext(f.t.Context(), "SELECT * FROM "+quoted)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	texts := make([]bytes.Buffer, len(columns))
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, value := range values {
			if raw, ok := value.([]byte); ok {
				value = string(raw)
			}
			fmt.Fprintln(&texts[i], value)
		}
	}
	for i, column := range columns {
		h[name+"."+column] = strings.ToLower(texts[i].String())
	}
	return rows.Err()
}

// readPostgres reads the files of a Postgres database: its tables, indexes and catalogues. What was deleted is in them until its place
// has another use. The write-ahead log is not the database's alone, and goes by itself.
func (h haystack) readPostgres(f *flow, db *sql.DB) {
	f.t.Helper()
	// With the checkpoint all that is in memory is in the files, and those of tables that were written anew are gone.
	if _, err := db.ExecContext(f.t.Context(), "CHECKPOINT"); err != nil {
		f.t.Fatalf("write the database to its files: %v", err)
	}
	var oid string
	if err := db.QueryRowContext(f.t.Context(), "SELECT oid FROM pg_database WHERE datname = current_database()").Scan(&oid); err != nil {
		f.t.Fatalf("find the database's files: %v", err)
	}
	files, err := filepath.Glob(filepath.Join(f.lab.Postgres.Data, "base", oid, "*"))
	if err != nil || len(files) == 0 {
		f.t.Fatalf("find the database's files: %d, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a table was written anew just now
		}
		if err != nil {
			f.t.Fatalf("read the database: %v", err)
		}
		h["file "+tableOf(f, db, filepath.Base(file))] = strings.ToLower(string(raw))
	}
}

// tableOf is whose file it is, as a message of the test is to say it.
func tableOf(f *flow, db *sql.DB, file string) string {
	number, _, _ := strings.Cut(file, ".")
	var name string
	err := db.QueryRowContext(f.t.Context(), "SELECT relname FROM pg_class WHERE pg_relation_filenode(oid)::text = $1", number).Scan(&name)
	if err != nil {
		name = "of nothing"
	}
	return name + " (" + file + ")"
}

// readSQLite reads the files of a SQLite database. What was deleted is in them until it is overwritten.
func (h haystack) readSQLite(f *flow, uri string) {
	f.t.Helper()
	path, _, _ := strings.Cut(strings.TrimPrefix(uri, "file:"), "?")
	path, err := url.PathUnescape(path)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, ending := range []string{"", "-wal", "-shm"} {
		raw, err := os.ReadFile(path + ending)
		if errors.Is(err, fs.ErrNotExist) && ending != "" {
			continue // the program has ended: all is in the one file
		}
		if err != nil {
			f.t.Fatalf("read the database: %v", err)
		}
		h["file bridge.db"+ending] = strings.ToLower(string(raw))
	}
}
