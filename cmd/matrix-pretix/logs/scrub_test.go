package logs

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"
)

// our are the rules of the tests: two bots and a few secrets.
var our = Rules{
	IsBot: func(user id.UserID) bool {
		return user == "@pretixbot:example.org" || strings.HasPrefix(string(user), "@pretix_") && strings.HasSuffix(string(user), ":example.org")
	},
	Secrets: []string{"as-token-of-the-tests", "seal+key/of+the/tests=", "short"},
}

func TestScrubberTakesOutPeopleAndSecrets(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":                  {"order handled", "order handled"},
		"a person":                 {"invite @ada:example.org refused", "invite [id] refused"},
		"a person's port":          {"@ada:example.org:8448 refused", "[id] refused"},
		"IPv6 server":              {"@ada:[2001:db8::1] refused", "[id] refused"},
		"escaped":                  {`Get "http://h/profile/%40ada%3Aexample.org"`, `Get "http://h/profile/[id]"`},
		"escaped in small letters": {`/profile/%40ada%3aexample.org`, `/profile/[id]`},
		"colon not escaped":        {`/profile/@ada%3aexample.org`, `/profile/[id]`},
		"a slash":                  {"@a/d/a:example.org", "[id]"},
		"an ampersand":             {"user_id=@a&da:example.org", "user_id=[id]"},
		"a blank":                  {"@ada lovelace:example.org", "[id]"},
		"an angle bracket":         {"@a<d>a:example.org", "[id]"},
		"a dot":                    {"x=@ada.b:example.org.", "x=[id]"},
		"two":                      {"@ada:example.org, @bob:example.net", "[id], [id]"},
		"our bot":                  {"@pretixbot:example.org", "@pretixbot:example.org"},
		"an event's bot, escaped":  {"/%40pretix_eu__lab__conf%3Aexample.org/x", "/%40pretix_eu__lab__conf%3Aexample.org/x"},
		"a bot and a person":       {"@pretixbot:example.org @ada:example.org", "@pretixbot:example.org [id]"},
		"a bot of another server":  {"@pretixbot:example.net", "[id]"},
		"a bot's name in a name":   {"@x@pretixbot:example.org", "@x@pretixbot:example.org"},
		"mail":                     {"mail to ada.b+c@mail.example.org done", "mail to [mail] done"},
		"room and event":           {"!abc:example.org $def #room:example.org", "!abc:example.org $def #room:example.org"},
		"a secret":                 {"got as-token-of-the-tests.", "got [secret]."},
		"a secret, escaped":        {"?k=seal%2Bkey%2Fof%2Bthe%2Ftests%3D", "?k=[secret]"},
		"a word that is no secret": {"too short", "too short"},
		"a user's token":           {"syt_YWRh_abcdefgh_012345", "[secret]"},
		"a Pretix token":           {strings.Repeat("a1b2", 16), "[secret]"},
		"headers":                  {"Authorization: Bearer abcdefghij, Token abcdefghij", "Authorization: Bearer [secret], Token [secret]"},
		"a webhook's path":         {"POST /_pretix/webhook/abcdefghij HTTP", "POST /_pretix/webhook/[secret] HTTP"},
		"a database":               {"dial postgres://u:p@db/x?sslmode=disable: no", "dial postgres://[secret] no"},
	} {
		if got := newScrubber(our).text(c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func FuzzScrubber(f *testing.F) {
	f.Add("ada", "said ", " yes")
	f.Add("a/&<b", "%40", ":")
	scrub := newScrubber(our)
	f.Fuzz(func(t *testing.T, localpart, before, after string) {
		if localpart == "" || len(localpart) > 200 || strings.ContainsAny(localpart, "@\n:%") || strings.ContainsAny(before, "@%:") {
			return
		}
		text := before + " @" + localpart + ":person.example " + after
		if got := scrub.text(text); strings.Contains(got, "@"+localpart+":") {
			t.Errorf("got %q of %q", got, text)
		}
	})
}
