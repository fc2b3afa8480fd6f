package homeserver

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNameOfABotCannotHideTheSuffix(t *testing.T) {
	const suffix = " (tickets)"
	for name, c := range map[string]struct{ event, want string }{
		"plain":                   {"Conf 26", "Conf 26 (tickets)"},
		"other letters":           {"Tagung für Öl", "Tagung für Öl (tickets)"},
		"right to left by nature": {"كتاب", "كتاب (tickets)"},
		"direction turned":        {"Admin\u202e", "Admin (tickets)"},
		"isolate left open":       {"Admin\u2067", "Admin (tickets)"},
		"blanks at the end":       {"Admin" + strings.Repeat("\u00a0", 100), "Admin (tickets)"},
		"lines":                   {"Admin\n\n\n\u2028x\u0085", "Admin x (tickets)"},
		"unseen at the end":       {"Admin\u3164\u2800\u200b\ufeff\u00ad\u034f", "Admin (tickets)"},
		"suffix taken":            {"Conf (tickets)", "Conf (tickets) (tickets)"},
		"long":                    {strings.Repeat("x", 200), strings.Repeat("x", 80) + "… (tickets)"},
		"towers of marks":         {"A" + strings.Repeat("\u0301", 30) + "b", "A\u0301\u0301b (tickets)"},
		"marks alone":             {"\u0301\u0301", "Pretix (tickets)"},
		"nothing":                 {"", "Pretix (tickets)"},
		"nothing to see":          {"\u200b \u2060", "Pretix (tickets)"},
		"broken":                  {"Co\xffnf", "Conf (tickets)"},
		"control":                 {"Co\x00\x1b[1mnf", "Co[1mnf (tickets)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := BotName(c.event, suffix); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzBotName(f *testing.F) {
	f.Add("Conf 26")
	f.Add("a\u202eb\u0301\u0301\u0301\n\xff")
	f.Fuzz(func(t *testing.T, event string) {
		name, ok := strings.CutSuffix(BotName(event, " (tickets)"), " (tickets)")
		if !ok || name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > nameLength+1 {
			t.Fatalf("got %q", name)
		}
		for _, r := range name {
			if r != ' ' && !unicode.IsGraphic(r) && unicode.In(r, unicode.C, unicode.Z) {
				t.Fatalf("got %q with %U in it", name, r)
			}
		}
	})
}
