package typed

import (
	"net/url"
	"strings"

	"maunium.net/go/mautrix/id"
)

// Room is a room as somebody wrote it: by ID or by alias, with the servers that a link named for joining.
type Room struct {
	ID    id.RoomID
	Alias id.RoomAlias
	Via   []string
}

// ParseRoom reads a room ID, an alias, a matrix.to link or a matrix: link (spec: appendices, "URIs"). Anything else is not a room, which lets a
// command tell a room from a product's name.
func ParseRoom(text string) (Room, bool) {
	text = strings.Trim(text, "<>()[] ")
	if uri, err := id.ParseMatrixURIOrMatrixToURL(text); err == nil {
		switch {
		case uri.RoomID() != "":
			return Room{ID: uri.RoomID(), Via: uri.Via}, true
		case uri.RoomAlias() != "":
			return Room{Alias: uri.RoomAlias()}, true
		}
		return Room{}, false
	}
	if unescaped, err := url.PathUnescape(text); err == nil {
		text = unescaped
	}
	switch {
	case strings.HasPrefix(text, "!") && len(text) > 1 && !strings.ContainsAny(text, " \t\n"):
		return Room{ID: id.RoomID(text)}, true
	case strings.HasPrefix(text, "#") && strings.Contains(text, ":") && !strings.ContainsAny(text, " \t\n"):
		return Room{Alias: id.RoomAlias(text)}, true
	}
	return Room{}, false
}
