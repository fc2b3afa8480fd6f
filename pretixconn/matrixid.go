package pretixconn

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"maunium.net/go/mautrix/id"
)

// Problem is why an answer names nobody. Each has its own remedy, which is why they are told apart.
type Problem string

// What can be wrong with an answer.
const (
	ProblemNone     Problem = ""
	ProblemMissing  Problem = "missing"   // nothing was answered, or a way of saying nothing
	ProblemInvalid  Problem = "invalid"   // whatever it is, it is no Matrix ID
	ProblemEmail    Problem = "email"     // an e-mail address
	ProblemNoServer Problem = "no_server" // a bare name, and the event has no default server
	ProblemSeveral  Problem = "several"   // more than one person
)

// maxTyped bounds what is looked at: more than that is a letter and no ID.
const maxTyped = 4096

// matrixIDs reads whose Matrix ID somebody typed. The IDs are candidates for one person in the order to try: servers are lower
// case, names as typed and then, if that differs, in lower case, because capitals in a name are nearly always the phone's doing.
// There are candidates or a problem, never both.
//
// People paste links, quote, decorate, forget the @, add a word: all of that is mended as long as exactly one person is meant. What
// would take a guess is a problem, since a guess invites a stranger. The default server (which may be empty) completes a bare name.
func matrixIDs(typed, defaultServer string) ([]id.UserID, Problem) {
	if len(typed) > maxTyped || !utf8.ValidString(typed) {
		return nil, ProblemInvalid
	}
	text, ok := plainText(typed)
	if !ok {
		return nil, ProblemInvalid
	}
	if text = peel(text); saysNothing(text) {
		return nil, ProblemMissing
	}
	found := peopleIn(text)
	switch {
	case len(found) > 1:
		return nil, ProblemSeveral
	case len(found) == 1:
		return found[0].candidates()
	case mailAddress.MatchString(text):
		return nil, ProblemEmail
	}
	return bareName(text, defaultServer)
}

// person is a name on a server, both fit for a user ID, the server in lower case.
type person struct{ name, server string }

// peopleIn reads the text as one ID if it can be, else it looks for IDs in it.
func peopleIn(text string) []person {
	if p, ok := wholeID(text); ok {
		return []person{p}
	}
	if found := scan(text); len(found) > 0 {
		return found
	}
	if link.MatchString(text) {
		return nil
	}
	unlabeled := peel(label.ReplaceAllString(text, ""))
	for _, reading := range []string{unlabeled, closeUp(text), closeUp(unlabeled)} {
		if p, ok := wholeID(peel(reading)); ok {
			return []person{p}
		}
	}
	return nil
}

// closeUp takes out the blanks in `@ada : example.org` and in `@ ada:example.org`. Without the @ they stay, and with them it is no
// ID: what stands before a colon and a blank is a label ("Server: example.org"), in more words and languages than anybody can list.
func closeUp(text string) string {
	closed := innerBlanks.ReplaceAllString(text, "$1$2")
	if name, _, _ := strings.Cut(strings.TrimLeft(closed, "@"), ":"); !strings.HasPrefix(text, "@") || isLabel(name) {
		return text
	}
	return closed
}

var (
	// label is what some put before their ID: "Matrix:", "Matrix-ID =", "mxid: ".
	label       = regexp.MustCompile(`(?i)^(?:my |meine? )?(?:matrix|element|mxid|id)(?:[ -]?(?:id|name|user|handle|account))?\s*[:=]\s*`)
	innerBlanks = regexp.MustCompile(`^(@)\s+|\s*(:)\s*`)
	mailAddress = regexp.MustCompile(`(?:^|[\s<(\[:;,"'])[^\s@:<>()\[\];,"'/]+@[^\s@:<>()\[\];,"'/]+\.[^\s@:<>()\[\];,"'/]+`)
)

// wholeID reads `@name:server`, and `name:server` where neither leaves a doubt that it is one. By the historical grammar a name may
// hold nearly anything.
func wholeID(text string) (person, bool) {
	rest, sigil := strings.CutPrefix(text, "@")
	if sigil {
		rest = strings.TrimLeft(rest, "@")
	}
	name, server, ok := strings.Cut(rest, ":")
	if !ok || !sigil && (!plainName(name) || isLabel(name) || !strings.ContainsAny(server, ".[")) {
		return person{}, false
	}
	return newPerson(name, server)
}

// newPerson checks both parts of an ID. A name that would be mended into another one if it were typed again is none.
func newPerson(name, server string) (person, bool) {
	server, ok := ServerName(server)
	if !ok || !possibleName(name) || len("@:")+len(name)+len(server) > id.UserIDMaxLength {
		return person{}, false
	}
	whole := "@" + name + ":" + server
	again, ok := plainText(whole)
	return person{name, server}, ok && again == whole
}

// possibleName reports whether the historical grammar allows the name: something, without colon, blanks and what cannot be seen.
func possibleName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r == ':' || r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsGraphic(r)
	})
}

// plainName reports whether the name has only characters that accounts are made of today, capitals aside.
func plainName(name string) bool {
	return name != "" && id.ValidLocalpartRegex.MatchString(strings.ToLower(name)) && isASCII(name)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// candidates are the IDs to try for the person.
func (p person) candidates() ([]id.UserID, Problem) {
	ids := []id.UserID{id.NewUserID(p.name, p.server)}
	if lower, ok := newPerson(strings.ToLower(p.name), p.server); ok && lower != p {
		ids = append(ids, id.NewUserID(lower.name, lower.server))
	}
	return ids, ProblemNone
}

// sameAs compares as people do: without regard to capitals.
func (p person) sameAs(other person) bool {
	return p.server == other.server && strings.EqualFold(p.name, other.name)
}

// addPerson adds the person if new.
func addPerson(people []person, p person) []person {
	if slices.ContainsFunc(people, p.sameAs) {
		return people
	}
	return append(people, p)
}

// bareName completes a name that came without a server.
func bareName(text, defaultServer string) ([]id.UserID, Problem) {
	name := strings.TrimLeft(peel(label.ReplaceAllString(text, "")), "@")
	if saysNothing(name) {
		return nil, ProblemMissing
	}
	if !plainName(name) || strings.EqualFold(name, defaultServer) { // a server is nobody's name
		return nil, ProblemInvalid
	}
	if defaultServer == "" {
		return nil, ProblemNoServer
	}
	p, ok := newPerson(name, defaultServer)
	if !ok {
		return nil, ProblemInvalid
	}
	return p.candidates()
}
