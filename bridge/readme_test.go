package bridge

import (
	"os"
	"strings"
	"testing"
)

func TestReadmeListsTheCommandsAsHelpDoes(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| command | what it does |\n|---|---|\n")
	table, _, ended := strings.Cut(table, "\n\n")
	if !found || !ended {
		t.Fatal("there is no table of commands")
	}
	rows := strings.Split(table, "\n")
	for i, cmd := range commandTable() {
		// In a table of Markdown a bar needs a backslash.
		want := "| `" + strings.TrimSpace("!"+cmd.name+" "+strings.ReplaceAll(cmd.usage, "|", `\|`)) + "` |"
		if i >= len(rows) {
			t.Errorf("row %d: want %s", i+1, want)
		} else if !strings.HasPrefix(rows[i], want) {
			t.Errorf("row %d: got %s, want %s", i+1, rows[i], want)
		}
	}
	if more := len(rows) - len(commandTable()); more > 0 {
		t.Errorf("got %d rows more than there are commands", more)
	}
}
