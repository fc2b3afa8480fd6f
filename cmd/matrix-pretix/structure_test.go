package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// layers are the packages from the top down: each may import those below it and itself, never those above.
var layers = []string{"cmd", "bridge", "pretixconn", "database"}

func layerOf(path string) int {
	for i, layer := range layers {
		if path == layer || strings.HasPrefix(path, layer+"/") {
			return i
		}
	}
	return -1
}

// Tests may import from above: the lab, which all of them stand on, belongs to cmd.
func TestImportsGoOneWay(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		from, err := filepath.Rel("../..", path)
		if err != nil {
			return err
		}
		from = filepath.ToSlash(from)
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			to, ours := strings.CutPrefix(imported, "matrix-pretix/")
			if !ours {
				continue
			}
			seen++
			if layerOf(to) < layerOf(from) {
				t.Errorf("%s imports %s, which is above it", from, to)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Fatal("no import was looked at")
	}
}
