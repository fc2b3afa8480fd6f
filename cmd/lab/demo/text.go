package demo

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

var (
	links     = regexp.MustCompile(` \(https://matrix\.to/#/([^)?]*)[^)]*\)`)
	marks     = regexp.MustCompile("\\*\\*|`|\u2060")
	italics   = regexp.MustCompile(`(^|[\s(])_([^_\n]+)_($|[\s).,:;])`)
	bullets   = regexp.MustCompile(`(?m)^(\s*)[*-] `)
	blankLine = regexp.MustCompile(`\n\s*\n`)
)

// plain is what a person reads of a message: without marks of emphasis and empty lines, and with rooms' names for their links.
func plain(message string, rooms map[string]string) string {
	text := links.ReplaceAllStringFunc(strings.TrimSpace(message), func(link string) string {
		if name := rooms[links.FindStringSubmatch(link)[1]]; name != "" {
			return " “" + name + "”"
		}
		return ""
	})
	text = marks.ReplaceAllString(text, "")
	text = italics.ReplaceAllString(text, "$1$2$3")
	text = bullets.ReplaceAllString(text, "$1· ")
	return blankLine.ReplaceAllString(text, "\n")
}

// clipped is a text that is no longer than that.
func clipped(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return strings.TrimRight(string([]rune(text)[:most-1]), " ") + "…"
}

// padded is a text that is as long as that, or longer.
func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// seconds says a length of time so that it can be compared with others.
func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// localpart is the name in a user ID.
func localpart(userID string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(userID, "@"), ":")
	return name
}
