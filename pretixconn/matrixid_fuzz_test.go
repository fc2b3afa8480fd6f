package pretixconn

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"
)

// FuzzMatrixIDs holds what every answer must be, whatever was typed: a few IDs of one person that any homeserver can parse, the same
// when read again, or else a problem. Without an @ or a link in the text an ID stands there as it is, and its name is no label.
func FuzzMatrixIDs(f *testing.F) {
	for _, seed := range []string{
		"@Ada:Example.org", "ada:example.org:8448", "https://matrix.to/#/%40ada%3Aexample.org?via=b.org", "matrix:u/ada:example.org",
		"[@a:b.org](https://matrix.to/#/@a:b.org)", `<a href="x">@a:[::1]</a>`, "&#64;a&#58;b.org", "“＠ａ：ｂ．ｏｒｇ”", "ada@example.org", "@İ:b.org",
		`@a\_b:c.org`, "@a%3ab%40:c.org", "none", "@a :b.org", "@a@b:c.org", "@a:b.org.", "@&amp;a:b.org", "@&Ap;a:b",
		"Matrix: matrix.org", "Server : b.org", "Matrix:ada.lovelace", "a: b.org", "a:b.org, c:d.org", "Matrix: a:b.org", "ID=a", "my id", "ja",
	} {
		f.Add(seed, "example.net")
	}
	f.Fuzz(func(t *testing.T, typed, defaultServer string) {
		ids, problem := matrixIDs(typed, defaultServer)
		if (problem == ProblemNone) != (len(ids) > 0) || len(ids) > 2 {
			t.Fatalf("matrixIDs(%q) = %q, problem %q; want one or two IDs or a problem", typed, ids, problem)
		}
		for i, userID := range ids {
			name, server, err := userID.ParseAndValidateRelaxed()
			if err != nil || name == "" || server != strings.ToLower(server) || strings.ContainsAny(string(userID), " \x00\n") {
				t.Fatalf("matrixIDs(%q) = %q, which is no user ID (%v)", typed, userID, err)
			}
			again, problem := matrixIDs(string(userID), "")
			if problem != ProblemNone || !slices.Equal(again, ids[i:]) {
				t.Fatalf("matrixIDs(%q) = %q, but read again it is %q, problem %q", typed, ids[i:], again, problem)
			}
			if why := guessed(typed, defaultServer, name, server); why != "" {
				t.Fatalf("matrixIDs(%q) with the server %q = %q: %s", typed, defaultServer, userID, why)
			}
		}
	})
}

// guessed says why an ID does not stand in a text that has neither an @ nor a link; "" if it does.
func guessed(typed, defaultServer, name, server string) string {
	text, _ := plainText(typed)
	if strings.Contains(text, "@") || link.MatchString(text) {
		return ""
	}
	text = strings.ToLower(text)
	named := regexp.MustCompile(`(?:^|[^a-z0-9._+/-])`+regexp.QuoteMeta(strings.ToLower(name))+`(:[^ ]|[: ]*$|[^:])`).FindAllStringSubmatch(text, -1)
	whole := slices.ContainsFunc(named, func(match []string) bool { return strings.HasPrefix(match[1], ":") })
	own, _ := ServerName(defaultServer)
	switch {
	case isLabel(name):
		return "the name is a label"
	case whole && (!isASCII(text) || strings.Contains(text+strings.ReplaceAll(text, ".:", ":"), strings.ToLower(name)+":"+server)):
		return ""
	case server != own || len(named) == 0:
		return "it is not in the text"
	}
	return ""
}

func joined(ids []id.UserID) string {
	var texts []string
	for _, userID := range ids {
		texts = append(texts, string(userID))
	}
	return strings.Join(texts, " ")
}
