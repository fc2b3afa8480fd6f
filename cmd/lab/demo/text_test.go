package demo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPlainIsWhatAPersonReads(t *testing.T) {
	rooms := map[string]string{"!camp": "Camp"}
	for name, test := range map[string]struct{ said, want string }{
		"a sentence":              {"All right.", "All right."},
		"marks of emphasis":       {"**Meadow Camp**: say `!status`", "Meadow Camp: say !status"},
		"italics":                 {"under _Teams → API tokens_. Needs _view orders_, too", "under Teams → API tokens. Needs view orders, too"},
		"names with underscores":  {"@pretix_lab__meadow:example.org is in", "@pretix_lab__meadow:example.org is in"},
		"a known room":            {"the room (https://matrix.to/#/!camp?via=example.org) opens", "the room “Camp” opens"},
		"an unknown room":         {"that room (https://matrix.to/#/!other) opens", "that room opens"},
		"invisible word joiners":  {"example\u2060.\u2060org", "example.org"},
		"a list after empty line": {"It sees:\n\n* one\n* two\n", "It sees:\n· one\n· two"},
		"a star that is no list":  {"2 * 2", "2 * 2"},
	} {
		if got := plain(test.said, rooms); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestClippedKeepsWhatFits(t *testing.T) {
	for _, test := range []struct {
		text string
		most int
		want string
	}{
		{"Ärger", 5, "Ärger"},
		{"Ärger genug", 8, "Ärger g…"},
		{"Ärger genug", 7, "Ärger…"},
	} {
		if got := clipped(test.text, test.most); got != test.want {
			t.Errorf("%q to %d: got %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

func TestLinesStandInColumnsWithoutColourInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	began := time.Now()
	s := newScreen(f, began)
	s.lineAt(began.Add(1500*time.Millisecond), "Camp", "invited", "@ada:example.org\nand more")
	s.lineAt(began.Add(150*time.Second), "in private", "bot", strings.Repeat("x", 500))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("got %d lines, want 3", len(lines))
	}
	for i, want := range []string{
		"    1.50 s  Camp         invited   @ada:example.org",
		"                                   and more",
	} {
		if lines[i] != want {
			t.Errorf("got %q, want %q", lines[i], want)
		}
	}
	if got := len([]rune(lines[2])); got != plainWidth {
		t.Errorf("a long line has %d characters, want %d", got, plainWidth)
	}
}
