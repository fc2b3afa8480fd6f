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

// database reads all that is in the database: every column of every table, and of SQLite every byte of its files.
func (f *flow) database() haystack {
	f.t.Helper()
	h := make(haystack)
	uri, list := f.cfg.Database.URI, `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name), table_name FROM information_schema.tables
		WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'`
	if f.cfg.Database.Type == config.SQLite {
		list = `SELECT '"' || name || '"', name FROM sqlite_master WHERE type = 'table'`
		h.readFiles(f, uri)
	}
	db, err := sql.Open(f.cfg.Database.Type, uri)
	if err != nil {
		f.t.Fatalf("open the database: %v", err)
	}
	defer db.Close()
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

// readFiles reads the files of a SQLite database. What was deleted is in them until it is overwritten.
func (h haystack) readFiles(f *flow, uri string) {
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
