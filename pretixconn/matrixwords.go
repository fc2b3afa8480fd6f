package pretixconn

import (
	"strings"
	"unicode"
)

// labelWords are what people write before an ID, or instead of one. Nobody is taken to be called so without an @: "Server: matrix.org"
// is about a server, and there is somebody on it who is called "server".
var labelWords = wordSet(`
	matrix matrix.org matrixid mxid element synapse id userid user username nickname name handle account accountname acct
	server homeserver host domain instance address contact chat web website homepage url link mail email mailto phone tel mobile
	discord signal telegram whatsapp threema irc xmpp jabber sip mastodon fediverse twitter slack
	benutzer benutzername nutzer nutzername konto kontoname kennung adresse kontakt anbieter telefon
	utilisateur pseudo identifiant compte nom serveur usuario cuenta nombre servidor utente nome`)

// fillWords go with a label and are none by themselves.
var fillWords = wordSet(`my mein meine your dein deine the mon votre mi tu e`)

// isLabel reports whether the text is nothing but labels: "Matrix", "matrix_id", "My e-mail".
func isLabel(text string) bool {
	labeled := false
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" -_/", r) }) {
		if labelWords[word] {
			labeled = true
		} else if !fillWords[word] {
			return false
		}
	}
	return labeled
}

// nothings are the ways to fill a field that wants to be filled without saying anything.
var nothings = wordSet(`
	@ n/a n.a na none no nope null nil nothing x xx xxx yes yep yeah ok okay true false later tbd tba tbc unknown idk dunno
	nein kein keine keiner keins nichts leer ja jep später spaeter folgt unbekannt non aucun aucune oui
	ninguno ninguna nessuno si sí sì`)

// saysNothing reports whether the text names nobody because it was not meant to.
func saysNothing(text string) bool {
	if nothings[strings.ToLower(text)] || isLabel(text) {
		return true
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}
