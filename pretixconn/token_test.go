package pretixconn

import (
	"strings"
	"testing"
)

// made is a token as Pretix makes them.
const made = "p9q2z7m4x1c8v5b3n6k0j2h4g7f1d8s5a3w6e9r2t4y7u1i8o5l3z6x9c2v4b7n1"

func TestTokensAreToldFromWhatElsePeopleWrite(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"a token":               {made, made},
		"with what comes along": {" `" + made + "`\n", made},
		"in a sentence":         {"Here it is: " + made + ".", made},
		"behind a command":      {"!authorize eu " + made, made},
		"a part of one":         {made[1:], ""},
		"more than one":         {made + "a", ""},
		"capitals":              {strings.ToUpper(made), ""},
		"a checksum":            {strings.Repeat("0123456789abcdef", 4), ""},
		"a commit":              {"da39a3ee5e6b4b0d3255bfef95601890afd80709", ""},
		"a room of version 12":  {"!setroom conf !Zz2h8k1mQvXw7r9sT4uY6iO3pA5dF0gJlKcBnMqWeRt", ""},
		"a part of an address":  {"https://example.org/?q=" + made, ""},
		"words":                 {"please hold on", ""},
		"nothing":               {"", ""},
	} {
		if got := FindToken(tc.text); got != tc.want {
			t.Errorf("%s: found %q, want %q", name, got, tc.want)
		}
	}
}

func FuzzFindToken(f *testing.F) {
	f.Add("token: " + made)
	f.Add(strings.Repeat("ß", 64))
	f.Fuzz(func(t *testing.T, text string) {
		found := FindToken(text)
		if found == "" {
			return
		}
		if !strings.Contains(text, found) || FindToken(found) != found || !MayBeToken(found) {
			t.Errorf("%q in %q is no token that could be tried", found, text)
		}
	})
}
