package pretixconn

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// link is an address of the web or of an app, as far as it goes in a text.
	link = regexp.MustCompile(`(?i)(?:\b[a-z][a-z0-9+.-]*://|\b(?:web\+)?matrix:[a-z]+/|\b(?:www\.)?matrix\.to/)[^\s<>"'` + "`" + `“”„‘’«»(){}|]+`)
	// matrixURI is the part of a `matrix:` address that names a person.
	matrixURI = regexp.MustCompile(`(?i)^(?:web\+)?matrix:(?://)?(?:u|user)/(.+)$`)
	// clientLink is where links of matrix.to and of the web clients name one.
	clientLink = regexp.MustCompile(`(?i)#/?(?:user/)?(@.+)$`)
	// matrixTo forgives what is forgotten in a link to matrix.to: the # or the @.
	matrixTo = regexp.MustCompile(`(?i)^(?:https?://)?(?:www\.)?matrix\.to/(?:#/?)?(?:user/)?([^#!/].*)$`)
	// serverAhead is what may be a server name at the beginning of a text.
	serverAhead = regexp.MustCompile(`^(?:\[[0-9A-Fa-f:.]{2,45}\]|[\p{L}\p{M}\p{N}.-]+)(?::[0-9]{1,5})?`)
)

// scan looks for IDs in a text, each person once. Links come first: what a client wrote has the true spelling. IDs without the @ only
// show that several people are meant: a single one may be part of anything.
func scan(text string) []person {
	var found []person
	rest := link.ReplaceAllStringFunc(text, func(address string) string {
		if p, ok := linked(address); ok {
			found = addPerson(found, p)
		}
		return " "
	})
	left, from := "", 0
	for at, r := range rest {
		if r != '@' || !startsHere(rest[:at]) {
			continue
		}
		if p, behind, ok := written(rest[at+1:]); ok {
			found = addPerson(found, p)
			left, from = left+rest[from:at]+" ", len(rest)-len(behind)
		}
	}
	others := unmarked(left + rest[from:])
	if len(found) == 0 && len(others) < 2 {
		return nil
	}
	for _, p := range others {
		found = addPerson(found, p)
	}
	return found
}

// linked reads the person that a link is about. A link to anybody's page elsewhere (`https://example.org/@ada`) is about none.
func linked(address string) (person, bool) {
	for _, form := range []*regexp.Regexp{matrixURI, clientLink, matrixTo} {
		match := form.FindStringSubmatch(address)
		if match == nil {
			continue
		}
		who, _, _ := strings.Cut(match[1], "?")
		if form != clientLink && !strings.HasPrefix(who, "@") {
			who = "@" + who
		}
		if decoded, err := url.PathUnescape(who); err == nil {
			who = decoded
		}
		if p, ok := wholeID(peel(strings.TrimRight(who, "/"))); ok {
			return p, true
		}
	}
	return person{}, false
}

// startsHere reports whether an @ behind the text begins an ID: it does not in the middle of an e-mail address.
func startsHere(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return before == "" || !isWord(r) && r != '@' && r != '+'
}

// written reads the ID whose @ stands before the text. Only characters that accounts are made of today count in the middle of a
// text, or what stands around it would become part of the name.
func written(text string) (p person, behind string, ok bool) {
	name, rest, ok := strings.Cut(text, ":")
	if !ok || !plainName(name) {
		return person{}, "", false
	}
	server, behind, ok := serverAt(rest)
	if !ok {
		return person{}, "", false
	}
	p, ok = newPerson(name, server)
	return p, behind, ok
}

// serverAt reads the server at the beginning of a text and gives what stands behind it. Only a domain or an address counts: a word
// alone may be the first half of a domain with a blank in it.
func serverAt(text string) (server, behind string, ok bool) {
	server = serverAhead.FindString(text)
	if cut := strings.IndexFunc(server, unspaced); cut > 0 {
		server = server[:cut]
	}
	behind = text[len(server):]
	if r, _ := utf8.DecodeRuneInString(behind); behind != "" && (r == '_' || r == '@' || r == '%' || isWord(r)) {
		return "", "", false
	}
	if after := strings.TrimPrefix(behind, ":"); after != behind && after != "" && isWord(rune(after[0])) {
		return "", "", false // not a port: something that we do not understand
	}
	server = strings.TrimRight(server, ".-")
	return server, behind, strings.ContainsAny(server, ".[")
}

// unmarked looks for `name:server` without the @ in a text, each person once.
func unmarked(text string) []person {
	var found []person
	for word := range strings.FieldsFuncSeq(text, between) {
		for name, rest, more := strings.Cut(word, ":"); more; name, rest, more = strings.Cut(rest, ":") {
			server, behind, ok := serverAt(rest)
			if !ok {
				continue
			}
			rest = behind
			if name = strings.TrimLeft(name, "@/="+openings); isLabel(name) || strings.Contains(name, "@") {
				continue
			}
			if p, ok := newPerson(name, server); ok {
				found = addPerson(found, p)
			}
		}
	}
	return found
}

// between reports whether the character stands between the words of a list.
func between(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(quotes+",;<>(){}|", r)
}

// isWord reports whether the character is part of a word in a script that puts blanks between words.
func isWord(r rune) bool {
	return (unicode.IsLetter(r) || unicode.IsNumber(r)) && !unspaced(r)
}

// unspaced reports whether the character belongs to a script without blanks, where an ID stands directly among words.
func unspaced(r rune) bool {
	return r >= utf8.RuneSelf && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}
