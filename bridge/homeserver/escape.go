package homeserver

import (
	"fmt"
	"strings"
	"unicode"

	"maunium.net/go/mautrix/id"
)

// wordJoiner is shown as nothing and allows no line break.
const wordJoiner = '\u2060'

// Escape makes text that somebody else wrote safe to stand in the Markdown of a [Message], outside of code: it is shown as it
// is and does nothing. It holds no markup and no HTML, no client finds a link or a person in it, "@room" is broken, what would
// turn the direction of writing is shown by its number, line breaks are blanks, and it has at most limit characters.
func Escape(text string, limit int) string {
	var safe strings.Builder
	length := 0
	runes := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(text, "�")), " "))
	for i, r := range runes {
		if length++; length > limit {
			safe.WriteRune('…')
			break
		}
		switch {
		case bidi(r), unicode.IsControl(r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r):
			fmt.Fprintf(&safe, "‹U+%04X›", r)
		case markup(r):
			safe.WriteRune('\\')
			safe.WriteRune(r)
		default:
			safe.WriteRune(r)
		}
		if joins(r) && i+1 < len(runes) && runes[i+1] != ' ' {
			safe.WriteRune(wordJoiner)
		}
	}
	return safe.String()
}

// markup is any character that may mean something in Markdown. All of them can be escaped there.
func markup(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// joins is what makes addresses of words, in web addresses, e-mail addresses and Matrix IDs. Clients look for those in what
// they show, whether it was meant as a link or not.
func joins(r rune) bool {
	switch r {
	case '.', ':', '@', '。', '．', '｡', '：', '＠':
		return true
	}
	return false
}

// bidi is a character that turns the direction of what follows.
func bidi(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }

// UserLink is a link to a user in Markdown, which clients show as a button with their name and which can be tapped to invite
// them. It notifies nobody.
func UserLink(user id.UserID) string { return link(user.String(), user.URI()) }

// RoomLink is a link to a room in Markdown. Without a name it shows the ID.
func RoomLink(room id.RoomID, name string, via ...string) string {
	if name == "" {
		name = room.String()
	}
	return link(name, room.URI(via...))
}

func link(text string, uri *id.MatrixURI) string {
	address := strings.NewReplacer("<", "%3C", ">", "%3E", `\`, "%5C", "\n", "%0A").Replace(uri.MatrixToURL())
	return "[" + strings.ReplaceAll(Escape(text, id.UserIDMaxLength), string(wordJoiner), "") + "](<" + address + ">)"
}
