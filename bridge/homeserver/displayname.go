package homeserver

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameLength is how many characters of an event's name a bot's name shows. The suffix comes on top.
const nameLength = 80

// BotName is what an event bot is called: the event's name and the suffix by which people know it for a bot. The name is an
// organizer's to choose, and must not be able to hide the suffix: it is one line of visible characters in their own order, cut
// where it gets long, without more marks on a letter than languages use.
func BotName(event, suffix string) string {
	var name strings.Builder
	marks, length := 0, 0
	for _, r := range strings.Join(strings.Fields(visible(event)), " ") {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			if marks++; marks > marksOnALetter || length == 0 {
				continue
			}
		} else {
			marks = 0
		}
		if length++; length > nameLength {
			name.WriteRune('…')
			break
		}
		name.WriteRune(r)
	}
	if name.Len() == 0 {
		name.WriteString("Pretix")
	}
	return strings.TrimSpace(name.String()) + suffix
}

// marksOnALetter is how many marks may stand on one letter.
const marksOnALetter = 2

// visible leaves out what nobody sees and what changes how the rest is shown: control characters, those that turn the direction
// of writing, fillers and such. Line breaks become blanks.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unseen(r):
			return -1
		}
		return r
	}, text)
}

// unseen reports whether a character shows nothing by itself. Those that join letters and emoji are among them: in a name,
// what they change is looks.
func unseen(r rune) bool {
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u2800', '\u3164', '\uffa0':
		return true // they are letters, marks and symbols by category
	}
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Variation_Selector)
}
