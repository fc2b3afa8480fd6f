package pretixconn

import "strings"

// tokenLength is how long Pretix makes an API token: so many of a to z and 0 to 9.
const tokenLength = 64

// around are the characters that come along when a token is copied or written about.
const around = " \t\r\n\u00a0`'\"<>()[].,;:!?*_"

// FindToken returns the API token that stands in a text as a word of its own, or "". It knows one by its shape alone. A row of as many
// hexadecimal digits is a checksum and no token: out of 10^38 tokens not one looks so.
func FindToken(text string) string {
	for _, word := range strings.Fields(text) {
		word = strings.Trim(word, around)
		if len(word) == tokenLength && !strings.ContainsFunc(word, outside('z')) && strings.ContainsFunc(word, outside('f')) {
			return word
		}
	}
	return ""
}

// outside reports of a character whether it is none of 0 to 9 and a to last.
func outside(last rune) func(rune) bool {
	return func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > last) }
}

// MayBeToken reports whether somebody who was asked for a token may have meant this as one, even with a part of it missing.
func MayBeToken(text string) bool {
	_, err := cleanToken(text)
	return err == nil
}
