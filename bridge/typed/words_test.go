package typed

import (
	"slices"
	"strings"
	"testing"
	"time"
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

// TestQuotesThatAreNeverClosedCostLittle has a message as long as the homeserver lets through, which anybody may send in any room.
func TestQuotesThatAreNeverClosedCostLittle(t *testing.T) {
	took := func(line string) time.Duration {
		least := time.Hour
		for range 3 {
			begun := time.Now()
			splitWords(line)
			least = min(least, time.Since(begun))
		}
		return least
	}
	usual, got := took(strings.Repeat("xa ", 20000)), took(strings.Repeat(`"a `, 20000))
	if most := 200*time.Millisecond + 20*usual; got > most {
		t.Errorf("split in %s, want %s at most", got, most)
	}
	if words := Texts(splitWords(`"` + strings.Repeat("x", longestQuoted) + `" y`)); len(words) != 2 || len(words[0]) != longestQuoted {
		t.Errorf("a name of %d characters is not kept whole: got %d words", longestQuoted, len(words))
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
