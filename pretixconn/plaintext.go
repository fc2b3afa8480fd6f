package pretixconn

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLayers bounds how often encodings may be wrapped into each other. More is no accident.
const maxLayers = 4

var (
	entity      = regexp.MustCompile(`&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,10});`)
	percentSign = regexp.MustCompile(`(?i)%(?:40|3a)`)
	percentCode = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+`)
	escaped     = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")
)

// plainText undoes what keyboards, editors and web pages do to a text: characters that cannot be seen, forms of @ and colon that are
// not the plain ones, HTML entities, Markdown's backslashes, percent codes of an ID. Line ends become blanks. It refuses control
// characters, which nobody types, and wrappings without end.
func plainText(typed string) (string, bool) {
	text := typed
	for range maxLayers {
		before := text
		text = strings.Map(plainRune, text)
		text = entity.ReplaceAllStringFunc(text, html.UnescapeString)
		if percentSign.MatchString(text) {
			text = percentCode.ReplaceAllStringFunc(text, decodePercent)
		}
		text = escaped.ReplaceAllString(text, "$1")
		if text == before {
			return text, !strings.ContainsFunc(text, unicode.IsControl)
		}
	}
	return "", false
}

// plainRune gives the character that was meant, or -1 for one that is not seen.
func plainRune(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
		return ' '
	case unicode.IsSpace(r) && r > unicode.MaxASCII:
		return ' '
	case r == '\u2800' || r == '\u3164' || r == '\u115f' || r == '\u1160' || r == '\uffa0': // blank by looks only
		return ' '
	case unicode.Is(unicode.Cf, r) || r >= '\ufe00' && r <= '\ufe0f' || r == '\u034f' || r == '\u180b':
		return -1
	case r >= '！' && r <= '～': // the full-width forms of ASCII, in their order
		return r - '！' + '!'
	}
	switch r {
	case '﹫':
		return '@'
	case '﹕', '∶', '꞉', '︓', 'ː':
		return ':'
	case '。', '｡', '﹒':
		return '.'
	case '‐', '‑', '−', '﹣':
		return '-'
	}
	return r
}

func decodePercent(codes string) string {
	raw := make([]byte, 0, len(codes)/3)
	for i := 0; i+2 < len(codes); i += 3 {
		raw = append(raw, unhex(codes[i+1])<<4|unhex(codes[i+2]))
	}
	if !utf8.Valid(raw) {
		return codes
	}
	return string(raw)
}

func unhex(c byte) byte {
	switch {
	case c >= 'a':
		return c - 'a' + 10
	case c >= 'A':
		return c - 'A' + 10
	default:
		return c - '0'
	}
}

const (
	quotes      = "\"'`´“”„‟‘’‚‛«»‹›「」『』＂＇"
	closings    = ".,;:!?…·•、，"
	openings    = ",;:…·•–—→>*"
	decorations = "*_~|"
)

// peel takes off what stands around a text: blanks, quotes of all kinds, brackets and emphasis in pairs, punctuation at the end.
func peel(text string) string {
	for {
		before := text
		text = strings.Trim(text, " "+quotes)
		text = strings.TrimRight(text, closings)
		text = strings.TrimLeft(text, openings)
		text = unwrap(text)
		if text == before {
			return text
		}
	}
}

// unwrap takes off one pair of brackets or signs of emphasis around the text, and a bracket whose partner is missing.
func unwrap(text string) string {
	for _, pair := range []string{"<>", "()", "[]", "{}"} {
		opened, closed := strings.HasPrefix(text, pair[:1]), strings.HasSuffix(text, pair[1:])
		switch {
		case opened && closed && len(text) > 1:
			return text[1 : len(text)-1]
		case opened && !strings.Contains(text, pair[1:]):
			return text[1:]
		case closed && !strings.Contains(text, pair[:1]):
			return text[:len(text)-1]
		}
	}
	if len(text) > 2 && text[0] == text[len(text)-1] && strings.IndexByte(decorations, text[0]) >= 0 {
		return text[1 : len(text)-1]
	}
	return text
}
