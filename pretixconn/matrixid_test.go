package pretixconn

import (
	"regexp"
	"slices"
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

func TestWhatNamesNobodyIsAProblemOfItsKind(t *testing.T) {
	for typed, want := range map[string]Problem{
		"":          ProblemMissing,
		" \n\t":     ProblemMissing,
		"\u200b":    ProblemMissing,
		"-":         ProblemMissing,
		"---":       ProblemMissing,
		"…":         ProblemMissing,
		"n/a":       ProblemMissing,
		"N.A.":      ProblemMissing,
		"None":      ProblemMissing,
		"nein":      ProblemMissing,
		"@":         ProblemMissing,
		"Matrix: -": ProblemMissing,

		// words about an ID
		"Matrix":            ProblemMissing,
		"Matrix:":           ProblemMissing,
		"my Matrix ID":      ProblemMissing,
		"Matrix-ID":         ProblemMissing,
		"Benutzername:":     ProblemMissing,
		"@username":         ProblemMissing,
		"matrix.org":        ProblemMissing,
		"Matrix: Matrix":    ProblemMissing,
		"ID: matrix.org":    ProblemMissing,
		"Matrix:matrix.org": ProblemMissing,
		"yes":               ProblemMissing,
		"Ja!":               ProblemMissing,
		"Oui.":              ProblemMissing,
		"sí":                ProblemMissing,
		"later":             ProblemMissing,
		"TBD":               ProblemMissing,
		"unknown":           ProblemMissing,

		// a label and a blank, where somebody else may have the label's name
		"Matrix: matrix.org":             ProblemMissing,
		"Matrix: example.org":            ProblemNoServer,
		"Server: matrix.org":             ProblemInvalid,
		"Homeserver : matrix.org":        ProblemInvalid,
		"My home server: example.org":    ProblemInvalid,
		"Element: example.org":           ProblemNoServer,
		"Discord: ada.io":                ProblemInvalid,
		"Discord:ada.io":                 ProblemInvalid,
		"E-Mail: ada.example.org":        ProblemInvalid,
		"E-Mail:ada.example.org":         ProblemInvalid,
		"Benutzer: ada.example.org":      ProblemInvalid,
		"Serveur : matrix.org":           ProblemInvalid,
		"Palvelin: matrix.org":           ProblemInvalid, // a label in a language that no list has
		"@Server: matrix.org":            ProblemInvalid,
		"matrix:example.org":             ProblemNoServer,
		"ada: example.org":               ProblemInvalid,
		"ada : example.org":              ProblemInvalid,
		"Matrix: ada: example.org":       ProblemInvalid,
		"Matrix: Server: matrix.org":     ProblemInvalid,
		"Matrix: ada Server: matrix.org": ProblemInvalid,

		"ada@example.org":            ProblemEmail,
		"Ada@Example.org.":           ProblemEmail,
		"<ada@example.org>":          ProblemEmail,
		"Ada <ada@example.org>":      ProblemEmail,
		"mailto:ada@example.org":     ProblemEmail,
		"xmpp:ada@example.org":       ProblemEmail,
		"ada+x@mail.example.org":     ProblemEmail,
		"my mail is ada@example.org": ProblemEmail,
		"ada＠example.org":            ProblemEmail,

		"ada":         ProblemNoServer,
		"@ada":        ProblemNoServer,
		"Ada_L":       ProblemNoServer,
		"\"ada\"":     ProblemNoServer,
		"ada.example": ProblemNoServer,

		"@ada:example.org @bob:example.org":                        ProblemSeveral,
		"@ada:example.org, @bob:example.org":                       ProblemSeveral,
		"@ada:example.org,@bob:example.org":                        ProblemSeveral,
		"@ada:example.org/@bob:example.org":                        ProblemSeveral,
		"@ada:example.org\n@ada:example.net":                       ProblemSeveral,
		"https://matrix.to/#/@ada:example.org @bob:example.org":    ProblemSeveral,
		"[@bob:example.org](https://matrix.to/#/@ada:example.org)": ProblemSeveral,
		"@ada:example.org, bob:example.org":                        ProblemSeveral,
		"bob:example.org @ada:example.org":                         ProblemSeveral,
		"@ada:example.org/bob:example.org":                         ProblemSeveral,
		"ada:example.org, bob:example.org":                         ProblemSeveral,
		"ada:example.org\nada:example.net":                         ProblemSeveral,
		"https://matrix.to/#/@ada:example.org bob:example.org":     ProblemSeveral,
		"@ada:example.org, @jürgen:example.org":                    ProblemSeveral,
		"@jürgen:example.org @günter:example.org":                  ProblemSeveral,
		"Matrix:ada:example.org, Matrix:bob:example.org":           ProblemSeveral,

		"Ada Lovelace":                             ProblemInvalid,
		"@Ada Lovelace:example.org":                ProblemInvalid,
		"@ada@example.org":                         ProblemInvalid,
		"@:example.org":                            ProblemInvalid,
		":example.org":                             ProblemNoServer,
		"@ada:":                                    ProblemNoServer,
		"@ada:8448":                                ProblemInvalid,
		"ada:8448":                                 ProblemInvalid,
		"ada:localhost":                            ProblemInvalid,
		"@ada:exa mple.org":                        ProblemInvalid,
		"@ada:example..org":                        ProblemInvalid,
		"@ada:-example.org":                        ProblemInvalid,
		"@ada:example_x.org":                       ProblemInvalid,
		"@ada:example.org:0":                       ProblemInvalid,
		"@ada:example.org:99999":                   ProblemInvalid,
		"@ada:example.org:http":                    ProblemInvalid,
		"@ada:300.1.1.1":                           ProblemInvalid,
		"@ada:1.2.3":                               ProblemInvalid,
		"@ada:[2001:db8::7":                        ProblemInvalid,
		"@ada:[zz::1]":                             ProblemInvalid,
		"@ada:[fe80::1%25eth0]":                    ProblemInvalid,
		"@ada\x00:example.org":                     ProblemInvalid,
		"@ada\x07:example.org":                     ProblemInvalid,
		"@ada:example.org\xff":                     ProblemInvalid,
		"&#0;":                                     ProblemMissing,
		"#room:example.org":                        ProblemInvalid,
		"!abc:example.org":                         ProblemInvalid,
		"https://matrix.to/#/#room:example.org":    ProblemInvalid,
		"https://matrix.to/#/!abc:example.org":     ProblemInvalid,
		"matrix:r/room:example.org":                ProblemInvalid,
		"https://example.org/@ada":                 ProblemInvalid,
		"https://example.org/@ada:8448":            ProblemInvalid,
		"https://example.org":                      ProblemInvalid,
		"https://example.org:8448":                 ProblemInvalid,
		"https://ada@example.org:8448/":            ProblemInvalid,
		"see you at 12:30.15":                      ProblemInvalid,
		"@a" + longName + ":example.org":           ProblemInvalid,
		"@ada:" + strings.Repeat("a", 64) + ".org": ProblemInvalid,
		"&amp;amp;amp;amp;amp;amp;#64;ada":         ProblemInvalid,
		strings.Repeat("x", maxTyped+1):            ProblemInvalid,
		"@ada:example.org" + strings.Repeat(" ", maxTyped): ProblemInvalid,
	} {
		got, problem := matrixIDs(typed, "")
		if problem != want || got != nil {
			t.Errorf("matrixIDs(%.80q) = %q, problem %q; want none, problem %q", typed, joined(got), problem, want)
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
