package homeserver

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEscapedTextIsShownAsItIsAndDoesNothing(t *testing.T) {
	const wj = "\u2060"
	for name, c := range map[string]struct{ text, want string }{
		"plain":        {"Conf 26", "Conf 26"},
		"markup":       {"**bold** _x_ `code` ~~no~~ ||spoiler||", "**bold** _x_ `code` ~~no~~ ||spoiler||"},
		"heading":      {"# big", "# big"},
		"list":         {"1. one", "1. one"},
		"quote":        {"> said", "> said"},
		"link":         {"[here](javascript:x)", "[here](javascript:" + wj + "x)"},
		"image":        {"![x](y)", "![x](y)"},
		"HTML":         {"<b>x</b><img src=x>", "<b>x</b><img src=x>"},
		"entity":       {"&lt;b&gt; &#42;", "&lt;b&gt; &#42;"},
		"address":      {"see https://evil.example/x", "see https:" + wj + "//evil." + wj + "example/x"},
		"bare address": {"evil.example", "evil." + wj + "example"},
		"mail":         {"ada@example.org", "ada@" + wj + "example." + wj + "org"},
		"person":       {"@ada:example.org", "@" + wj + "ada:" + wj + "example." + wj + "org"},
		"room":         {"@room listen", "@" + wj + "room listen"},
		"end":          {"The end.", "The end."},
		"direction":    {"a\u202eb", "a‹U+202E›b"},
		"lines":        {"a\n\n\tb\u2028c", "a b c"},
		"control":      {"a\x00b", "a‹U+0000›b"},
		"backslash":    {`a\*b\`, `a\*b\`},
		"table":        {"a | b", "a | b"},
		"broken":       {"a\xffb", "a�b"},
		"long":         {strings.Repeat("x", 100), strings.Repeat("x", 40) + "…"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, frame := range []string{"%s", "- %s", "**x** %s y", "| a |\n|---|\n| %s |"} {
				content := Message{Markdown: strings.Replace(frame, "%s", Escape(c.text, 40), 1)}.content()
				shown := content.FormattedBody
				if shown == "" {
					shown = html.EscapeString(content.Body)
				}
				if !strings.Contains(html.UnescapeString(shown), c.want) {
					t.Errorf("in %q got %q, want %q in it", frame, shown, c.want)
				}
				if strings.Contains(shown, c.text) && strings.ContainsAny(c.text, "<>&") {
					t.Errorf("in %q got %q unescaped", frame, shown)
				}
			}
		})
	}
}

// foundByClients is what clients make links and notifications of by themselves.
var foundByClients = regexp.MustCompile(`(?i)[a-z]+://|[\p{L}\p{N}]\.[\p{L}\p{N}]|[@#!+$][\p{L}\p{N}._=/+-]*:[\p{L}\p{N}]|@room|mailto:\S|matrix:\S`)

func FuzzEscape(f *testing.F) {
	for _, seed := range []string{
		"Conf", "**a**", "<b onclick=x>", "[a](http://b.example)", "@room @ada:example.org", "a\u202eb\n\xff", "&#60;", "|| x ||", "1) x", "\\", "***", "==", "    code",
		"http:\\//x", "a.\u200db", "..", "::", "@@room",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const limit = 60
		escaped := Escape(text, limit)
		if !utf8.ValidString(escaped) || strings.ContainsAny(escaped, "\n\r\t") {
			t.Fatalf("got %q", escaped)
		}
		if n := utf8.RuneCountInString(escaped); n > 10*limit {
			t.Fatalf("got %d characters", n)
		}
		content := Message{Markdown: "begin " + escaped + " end"}.content()
		shown := content.FormattedBody
		if shown == "" {
			shown = html.EscapeString(content.Body)
		}
		if strings.Contains(shown, "<") {
			t.Fatalf("markup in %q", shown)
		}
		for _, body := range []string{html.UnescapeString(shown), content.Body} {
			if found := foundByClients.FindString(body); found != "" {
				t.Fatalf("clients find %q in %q", found, body)
			}
			for _, r := range body {
				if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
					t.Fatalf("%U in %q", r, body)
				}
			}
		}
		if got, want := html.UnescapeString(shown), "begin "+unescaped(escaped)+" end"; got != want {
			t.Fatalf("shown as %q, want %q", got, want)
		}
		if len(content.Mentions.UserIDs) > 0 || content.Mentions.Room {
			t.Fatalf("mentions %+v", content.Mentions)
		}
	})
}

// unescaped takes away the backslashes before punctuation.
func unescaped(text string) string {
	return regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])").ReplaceAllString(text, "$1")
}

func TestLinksLeadWhereTheySay(t *testing.T) {
	for name, c := range map[string]struct{ markdown, want string }{
		"user": {UserLink("@pretix_eu__lab__conf:example.org"),
			`<a href="https://matrix.to/#/@pretix_eu__lab__conf:example.org">@pretix_eu__lab__conf:example.org</a>`},
		"room": {RoomLink("!abc:example.org", "Lab [x](y)", "example.org"),
			`<a href="https://matrix.to/#/%21abc:example.org?via=example.org">Lab [x](y)</a>`},
	} {
		t.Run(name, func(t *testing.T) {
			content := Message{Markdown: c.markdown}.content()
			got := strings.ReplaceAll(content.FormattedBody, "https://matrix.to/#/!abc", "https://matrix.to/#/%21abc")
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if len(content.Mentions.UserIDs) > 0 {
				t.Errorf("mentions %v", content.Mentions.UserIDs)
			}
		})
	}
}
