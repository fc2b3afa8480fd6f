package replies

import (
	"fmt"
	"strings"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// quote makes text of somebody else harmless and short enough. A token in it is not said again, wherever it was typed.
func quote(text string) string {
	if token := pretixconn.FindToken(text); token != "" {
		text = strings.ReplaceAll(text, token, "…")
	}
	return homeserver.Escape(text, 80)
}

func bold(text string) string { return "**" + quote(text) + "**" }

func eventName(key database.EventKey) string { return bold(key.Organizer + "/" + key.Event) }

// reference is an event as it can be typed.
func reference(key database.EventKey) string { return key.Organizer + "/" + key.Event }

// typable is a room as it can be typed and shown as code, in which an odd ID must not end.
func typable(room id.RoomID) string {
	if strings.ContainsAny(string(room), "`\\\n") {
		return room.URI().MatrixToURL()
	}
	return string(room)
}

// count says a number of things: "1 ticket", "5 tickets".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func verb(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// roughly says a length of time as people do.
func roughly(d time.Duration) string {
	switch {
	case d < 50*time.Second:
		return count(max(1, int(d.Round(10*time.Second)/time.Second)), "second")
	case d < 90*time.Minute:
		return count(max(1, int(d.Round(time.Minute)/time.Minute)), "minute")
	case d < 36*time.Hour:
		return count(int(d.Round(time.Hour)/time.Hour), "hour")
	}
	return count(int(d.Round(24*time.Hour)/(24*time.Hour)), "day")
}

// each says a length of time after "every".
func each(d time.Duration) string {
	text := roughly(d)
	if unit, one := strings.CutPrefix(text, "1 "); one {
		return unit
	}
	return text
}

// ago says when something was.
func ago(when, now time.Time) string {
	if when.IsZero() {
		return "never"
	}
	return roughly(now.Sub(when)) + " ago"
}
