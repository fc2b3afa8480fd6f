package typed

import "testing"

func TestRoomsAreReadInEveryForm(t *testing.T) {
	for _, tc := range []struct {
		text, id, alias string
		ok              bool
	}{
		{"!abc:example.org", "!abc:example.org", "", true},
		{"!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM", "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM", "", true},
		{"#talk:example.org", "", "#talk:example.org", true},
		{"https://matrix.to/#/%23talk%3Aexample.org", "", "#talk:example.org", true},
		{"https://matrix.to/#/!abc:example.org?via=example.org", "!abc:example.org", "", true},
		{"<https://matrix.to/#/#talk:example.org>", "", "#talk:example.org", true},
		{"matrix:r/talk:example.org", "", "#talk:example.org", true},
		{"matrix:roomid/abc:example.org?via=example.org", "!abc:example.org", "", true},
		{"https://matrix.to/#/@ada:example.org", "", "", false},
		{"Ticket", "", "", false},
		{"#2", "", "", false},
		{"!", "", "", false},
		{"", "", "", false},
	} {
		got, ok := ParseRoom(tc.text)
		if ok != tc.ok || string(got.ID) != tc.id || string(got.Alias) != tc.alias {
			t.Errorf("ParseRoom(%q) = %+v %v, want ID %q alias %q %v", tc.text, got, ok, tc.id, tc.alias, tc.ok)
		}
	}
}

func FuzzParseRoom(f *testing.F) {
	f.Add("https://matrix.to/#/!abc:example.org?via=example.org")
	f.Add("matrix:r/talk:example.org")
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := ParseRoom(text)
		if ok != (got.ID != "" || got.Alias != "") {
			t.Errorf("ParseRoom(%q) = %+v %v", text, got, ok)
		}
	})
}
