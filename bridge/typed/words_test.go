package typed

import (
	"slices"
	"strings"
	"testing"
)

func TestWordsAreSplitAsPhonesTypeThem(t *testing.T) {
	for _, tc := range []struct {
		name, line string
		want       []string
	}{
		{"plain", "conf Ticket", []string{"conf", "Ticket"}},
		{"many blanks", "  conf \t Ticket\n", []string{"conf", "Ticket"}},
		{"straight quotes", `conf "Online ticket" Regular`, []string{"conf", "Online ticket", "Regular"}},
		{"english curly", "conf “Online ticket”", []string{"conf", "Online ticket"}},
		{"german", "conf „Online ticket“", []string{"conf", "Online ticket"}},
		{"french with inner blanks", "conf « Billet en ligne »", []string{"conf", "Billet en ligne"}},
		{"single curly", "conf ‘Online ticket’", []string{"conf", "Online ticket"}},
		{"swedish", "conf ”Online ticket”", []string{"conf", "Online ticket"}},
		{"apostrophe inside", "Ada's ticket", []string{"Ada's", "ticket"}},
		{"apostrophe inside quotes", `'Ada's ticket' x`, []string{"Ada's ticket", "x"}},
		{"never closed", `conf "Online ticket`, []string{"conf", `"Online`, "ticket"}},
		{"empty quotes", `conf ""`, []string{"conf", ""}},
		{"nothing", "   ", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Texts(splitWords(tc.line)); !slices.Equal(got, tc.want) {
				t.Errorf("splitWords(%q) = %q, want %q", tc.line, got, tc.want)
			}
		})
	}
}

// TestQuotesThatAreNeverClosedAreGivenUp holds what bounds the work for a message full of them, which anybody may send in any room.
func TestQuotesThatAreNeverClosedAreGivenUp(t *testing.T) {
	if words := Texts(splitWords(`"` + strings.Repeat("x", longestQuoted) + `" y`)); len(words) != 2 || len(words[0]) != longestQuoted {
		t.Errorf("a name of %d characters is not kept whole: got %d words", longestQuoted, len(words))
	}
	if words := Texts(splitWords(`"a ` + strings.Repeat("x", longestQuoted) + `" y`)); len(words) != 3 || words[0] != `"a` {
		t.Errorf("a quote of more is not given up: got %d words", len(words))
	}
}

// BenchmarkSplitWords compares a message full of quotes that are never closed with one of as many plain words.
func BenchmarkSplitWords(b *testing.B) {
	for name, word := range map[string]string{"plain": "xa ", "unclosed quotes": `"a `} {
		b.Run(name, func(b *testing.B) {
			line := strings.Repeat(word, 20000)
			for b.Loop() {
				splitWords(line)
			}
		})
	}
}

func TestCommandsAreRecognised(t *testing.T) {
	for _, tc := range []struct {
		body, name string
		args       []string
		prefixed   bool
		ok         bool
	}{
		{"!setroom conf", "setroom", []string{"conf"}, false, true},
		{"!SetRoom conf", "setroom", []string{"conf"}, false, true},
		{"!pretix setroom conf", "setroom", []string{"conf"}, true, true},
		{"!Pretix !setroom conf", "setroom", []string{"conf"}, true, true},
		{"!pretix", "help", nil, true, true},
		{"hello !setroom", "", nil, false, false},
		{"!", "", nil, false, false},
		{"", "", nil, false, false},
	} {
		name, words, prefixed, ok := CommandLine(tc.body, "!pretix")
		args := Texts(words)
		if name != tc.name || !slices.Equal(args, tc.args) || prefixed != tc.prefixed || ok != tc.ok {
			t.Errorf("CommandLine(%q) = %q %q %v %v, want %q %q %v %v", tc.body, name, args, prefixed, ok, tc.name, tc.args, tc.prefixed, tc.ok)
		}
	}
}

func FuzzCommandLine(f *testing.F) {
	f.Add(`!setroom conf "Online ticket"`)
	f.Add("!pretix „x“ ’")
	f.Fuzz(func(t *testing.T, body string) {
		name, args, _, ok := CommandLine(body, "!pretix")
		if !ok && (name != "" || args != nil) {
			t.Errorf("not a command, yet %q %q", name, Texts(args))
		}
		if strings.ContainsAny(name, " \t\n") {
			t.Errorf("command name %q holds a blank", name)
		}
	})
}
