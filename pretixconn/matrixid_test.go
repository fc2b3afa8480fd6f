package pretixconn

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"
)

const ada = "@ada:example.org"

// longName makes `@…:example.org` as long as an ID may be.
var longName = strings.Repeat("a", id.UserIDMaxLength-len("@:example.org"))

func TestMatrixIDIsReadFromWhatPeopleType(t *testing.T) {
	for typed, want := range map[string]string{ // candidates with a blank between
		// as it should be
		"@ada:example.org":              ada,
		"@ada:localhost":                "@ada:localhost",
		"@ada:example.org:8448":         "@ada:example.org:8448",
		"@ada:192.0.2.7":                "@ada:192.0.2.7",
		"@ada:192.0.2.7:8448":           "@ada:192.0.2.7:8448",
		"@ada:[2001:db8::7]":            "@ada:[2001:db8::7]",
		"@ada:[2001:DB8::7]:8448":       "@ada:[2001:db8::7]:8448",
		"@a.d_a=1-2/x+y:example.org":    "@a.d_a=1-2/x+y:example.org",
		"@_irc_ada:example.org":         "@_irc_ada:example.org",
		"@" + longName + ":example.org": "@" + longName + ":example.org",

		// the historical grammar
		"@a!d#a$:example.org":    "@a!d#a$:example.org",
		"@a~d(a)[x]:example.org": "@a~d(a)[x]:example.org",
		"@jürgen:example.org":    "@jürgen:example.org",
		"@阿达:example.org":        "@阿达:example.org",
		"@a@d:example.org":       "@a@d:example.org",

		// capitals
		"@ada:Example.ORG":           ada,
		"@Ada:example.org":           "@Ada:example.org @ada:example.org",
		"@ADA:EXAMPLE.ORG":           "@ADA:example.org @ada:example.org",
		"Ada:Example.org":            "@Ada:example.org @ada:example.org",
		"@Jürgen.Äh:example.org":     "@Jürgen.Äh:example.org @jürgen.äh:example.org",
		"@ada:[2001:DB8::A]":         "@ada:[2001:db8::a]",
		"MATRIX:U/ada:example.org":   ada,
		"HTTPS://MATRIX.TO/#/" + ada: ada,

		// the @ forgotten, doubled or odd
		"ada:example.org":          ada,
		"ada:example.org:8448":     "@ada:example.org:8448",
		"ada:[2001:db8::7]":        "@ada:[2001:db8::7]",
		"@matrix:example.org":      "@matrix:example.org",
		"@@ada:example.org":        ada,
		"＠ada：example．org":         ada,
		"＠ａｄａ：ｅｘａｍｐｌｅ．ｏｒｇ":         ada,
		"﹫ada﹕example。org":         ada,
		"@ada∶example.org":         ada,
		"@ada:exam‑ple.org":        "@ada:exam-ple.org",
		"&#64;ada&#58;example.org": ada,
		"%40ada%3Aexample.org":     ada,
		"@ada%3aexample.org":       ada,
		":ada:example.org":         ada,

		// blanks and what cannot be seen
		"  @ada:example.org\t\r\n":           ada,
		"@ ada:example.org":                  ada,
		"@ada :example.org":                  ada,
		"@ada: example.org":                  ada,
		"\u00a0@ada:example.org\u2003":       ada,
		"\u200b@ada\u200b:\u2060example.org": ada,
		"\ufeff@ada:example.org":             ada,
		"\u202a@ada:example.org\u202c":       ada,
		"\u2067@ada\u2069:example.org\u200e": ada,
		"@a\u00adda:example.org":             ada,
		"@ada:example.org\ufe0f":             ada,
		"\u3164@ada:example.org":             ada,

		// quotes, brackets, decoration, punctuation
		`"@ada:example.org"`:           ada,
		"'@ada:example.org'":           ada,
		"“@ada:example.org”":           ada,
		"„@ada:example.org“":           ada,
		"‚ada:example.org‘":            ada,
		"« @ada:example.org »":         ada,
		"「@ada:example.org」":           ada,
		"<@ada:example.org>":           ada,
		"&lt;@ada:example.org&gt;":     ada,
		"(@ada:example.org)":           ada,
		"[@ada:example.org]":           ada,
		"{@ada:example.org}":           ada,
		"@ada:example.org)":            ada,
		"@ada:[2001:db8::7])":          "@ada:[2001:db8::7]",
		"[@ada:[2001:db8::7]]":         "@ada:[2001:db8::7]",
		"@ada:example.org.":            ada,
		"@ada:example.org,":            ada,
		"@ada:example.org;":            ada,
		"@ada:example.org:":            ada,
		"@ada:example.org!?…":          ada,
		"@ada:example.org.\"":          ada,
		"- @ada:example.org":           ada,
		"• @ada:example.org":           ada,
		"> @ada:example.org":           ada,
		"`@ada:example.org`":           ada,
		"**@ada:example.org**":         ada,
		"_@ada:example.org_":           ada,
		"~~@ada:example.org~~":         ada,
		"||@ada:example.org||":         ada,
		`@ada\_l:example.org`:          "@ada_l:example.org",
		`\@ada\:example\.org`:          ada,
		"<b>@ada:example.org</b>":      ada,
		"<p>@ada:example.org<br/></p>": ada,

		// links
		"https://matrix.to/#/@ada:example.org":                                ada,
		"http://matrix.to/#/@ada:example.org":                                 ada,
		"https://www.matrix.to/#/@ada:example.org":                            ada,
		"matrix.to/#/@ada:example.org":                                        ada,
		"https://matrix.to/#/%40ada%3Aexample.org":                            ada,
		"https://matrix.to/#/%40ada%2Fx%3Aexample.org":                        "@ada/x:example.org",
		"https://matrix.to/#/@ada%2Fx:example.org":                            "@ada/x:example.org",
		"https://matrix.to/#/@ada:example.org?via=example.org&via=b.org":      ada,
		"https://matrix.to/#/@ada:example.org/":                               ada,
		"https://matrix.to/#/@Ada:Example.org.":                               "@Ada:example.org @ada:example.org",
		"https://matrix.to/#@ada:example.org":                                 ada,
		"https://matrix.to/@ada:example.org":                                  ada,
		"https://matrix.to/#/ada:example.org":                                 ada,
		"<https://matrix.to/#/@ada:example.org>":                              ada,
		"[Ada](https://matrix.to/#/@ada:example.org)":                         ada,
		"[@ada:example.org](https://matrix.to/#/@ada:example.org)":            ada,
		`<a href="https://matrix.to/#/@ada:example.org">Ada</a>`:              ada,
		`<a href='https://matrix.to/#/@ada:example.org'>@ada:example.org</a>`: ada,
		"[https://matrix.to/#/@ada:example.org]":                              ada,
		"https://matrix.to/#/@ada:[2001:db8::7]":                              "@ada:[2001:db8::7]",
		"https://links.example.net/#/@ada:example.org":                        ada,
		"matrix:u/ada:example.org":                                            ada,
		"matrix:u/@ada:example.org":                                           ada,
		"matrix:user/ada:example.org":                                         ada,
		"matrix:u/ada:example.org?action=chat":                                ada,
		"matrix:u/ada%2Fx:example.org?action=chat&via=b.org":                  "@ada/x:example.org",
		"matrix://u/ada:example.org":                                          ada,
		"web+matrix:u/ada:example.org":                                        ada,
		"https://app.element.io/#/user/@ada:example.org":                      ada,
		"https://app.element.io/#/user/%40ada%3Aexample.org?action=chat":      ada,
		"https://app.schildi.chat/#/user/@ada:example.org":                    ada,
		"https://chat.example.net:8443/web/#/user/@ada:example.org":           ada,
		"element://vector/webapp/#/user/@ada:example.org":                     ada,
		"app.element.io/#/user/@ada:example.org":                              ada,
		"@Ada:example.org https://matrix.to/#/@ada:example.org":               ada,

		// among words
		"my id is @ada:example.org":                          ada,
		"my id is @ada:example.org, thank you":               ada,
		"Matrix: @ada:example.org":                           ada,
		"Matrix:@ada:example.org":                            ada,
		"Matrix: ada:example.org":                            ada,
		"Matrix-ID: ada:example.org":                         ada,
		"mxid = ada:example.org":                             ada,
		"Meine Matrix-ID: @ada : example.org":                ada,
		"@ada:example.org (Ada Example)":                     ada,
		"Ada (@ada:example.org)":                             ada,
		"Ada <@ada:example.org>":                             ada,
		"@ada:example.org / ada@example.org":                 ada,
		"ada@example.org, @ada:example.org":                  ada,
		"@ada:example.org and again @ada:example.org":        ada,
		"@ada:example.org\nAda Example":                      ada,
		"@ada:example.org's":                                 ada,
		"私は@ada:example.orgです":                               ada,
		"https://example.org/about @ada:example.org":         ada,
		"https://mastodon.example/@ada and @ada:example.org": ada,
		"@ada (@ada:example.org)":                            ada,
		"see https://matrix.to/#/@ada:example.org please":    ada,
		"@ada:example.org/path":                              ada,
		"-@ada:example.org":                                  ada,
		"id=@ada:example.org":                                ada,
		"Matrix:ada:example.org":                             ada,
		"Matrix-ID: “@ada : example.org”":                    ada,
		"@ada:example.org / ada:example.org":                 ada,
		"@ada:example.org, Server: example.net":              ada,
		"@ada:example.org, discord:ada.example":              ada,
		"@ada:example.org, mailto:ada.l@example.org":         ada,
		"@ada:example.org, arriving at 12:30.":               ada,
		"@ada:example.org (note: z.B. vegan)":                ada,
		"@ada:example.org. Thanks!":                          ada,

		// domains of other scripts
		"@ada:bücher.example":        "@ada:xn--bcher-kva.example",
		"@ada:BÜCHER.example":        "@ada:xn--bcher-kva.example",
		"@ada:例え.テスト":                "@ada:xn--r8jz45g.xn--zckzah",
		"@ada:xn--bcher-kva.example": "@ada:xn--bcher-kva.example",
	} {
		got, problem := matrixIDs(typed, "")
		if problem != ProblemNone || joined(got) != want {
			t.Errorf("matrixIDs(%q) = %q, problem %q; want %q", typed, joined(got), problem, want)
		}
	}
}

func TestBareNameIsCompletedByTheDefaultServer(t *testing.T) {
	for typed, want := range map[string]string{
		"ada":                    "@ada:default.example",
		"@ada":                   "@ada:default.example",
		"Ada":                    "@Ada:default.example @ada:default.example",
		"“ada.l”":                "@ada.l:default.example",
		"Matrix-ID: ada":         "@ada:default.example",
		"@ada:":                  "@ada:default.example",
		"Matrix: ada.lovelace":   "@ada.lovelace:default.example",
		"Matrix:ada.lovelace":    "@ada.lovelace:default.example",
		"My":                     "@My:default.example @my:default.example",
		"Matrix: matrix.org":     "missing",
		"Server: matrix.org":     "invalid",
		"Discord: ada.io":        "invalid",
		"Matrix":                 "missing",
		"Matrix:":                "missing",
		"Matrix-ID":              "missing",
		"E-Mail":                 "missing",
		"yes":                    "missing",
		"ja":                     "missing",
		"si":                     "missing",
		"tbd":                    "missing",
		"default.example":        "invalid",
		"Matrix:default.example": "invalid",
		"@ada:example.org":       ada,
		"ada:example.org":        ada,
		"ada lovelace":           "invalid",
		"jürgen":                 "invalid",
		"ada@example.org":        "email",
		"@ada@example.org":       "invalid",
		"#room":                  "invalid",
		"none":                   "missing",
		longName + "abc":         "invalid",
	} {
		got, problem := matrixIDs(typed, "Default.example")
		if joined(got)+string(problem) != want {
			t.Errorf("matrixIDs(%.80q) with a default server = %q, problem %q; want %q", typed, joined(got), problem, want)
		}
	}
}

func TestUnusableDefaultServerInvitesNobody(t *testing.T) {
	if got, problem := matrixIDs("ada", "not a server"); got != nil || problem != ProblemInvalid {
		t.Errorf("MatrixIDs with an unusable default server = %q, problem %q; want none, problem %q", joined(got), problem, ProblemInvalid)
	}
}

func TestServerNameFollowsTheGrammarOfUserIDs(t *testing.T) {
	for typed, want := range map[string]string{
		"Example.ORG": "example.org", "example.org.": "example.org", "example.org:8448": "example.org:8448",
		"localhost": "localhost", "[2001:DB8::7]:1": "[2001:db8::7]:1", "192.0.2.7": "192.0.2.7", "bücher.example": "xn--bcher-kva.example",
		"": "", ".": "", "https://example.org": "", "exa mple.org": "", "example.org/": "", "a..b": "", "[::1": "", "[192.0.2.7]": "",
		"example.org:": "", "example.org:+1": "", "example.org:00080": "example.org:00080", "1.2.3.256": "", "a_b.org": "", ":8448": "",
	} {
		got, ok := ServerName(typed)
		if ok != (want != "") || ok && got != want {
			t.Errorf("ServerName(%q) = %q, %v; want %q", typed, got, ok, want)
		}
	}
}
