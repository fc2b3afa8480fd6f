package pretixconn

import (
	"encoding/json"
	"errors"
	"strings"
)

// hook is what a webhook may tell us: which event or order to look at. Nothing else in it is believed.
type hook struct {
	Organizer string // empty: about something that no event has, such as a gift card
	Event     string // empty: about the organizer
	Code      string // empty: about no order
}

// errNotAHook says that a body is not what Pretix sends.
var errNotAHook = errors.New("not a webhook of Pretix")

// The longest that Pretix has.
const (
	longestSlug = 50
	longestCode = 16
)

// parseHook reads the body of a webhook. It asks for an action, which every kind of webhook has, so that no kind that somebody has
// ticked by hand is refused (Pretix would come again with it for days).
func parseHook(body []byte) (hook, error) {
	var raw struct {
		Organizer string `json:"organizer"`
		Event     string `json:"event"`
		Code      string `json:"code"`
		Action    string `json:"action"`
	}
	if err := json.Unmarshal(body, &raw); err != nil { // its text may quote the body
		return hook{}, errNotAHook
	}
	switch {
	case raw.Action == "",
		raw.Organizer != "" && !isSlug(raw.Organizer),
		raw.Event != "" && (raw.Organizer == "" || !isSlug(raw.Event)),
		raw.Code != "" && (raw.Event == "" || !isCode(raw.Code)):
		return hook{}, errNotAHook
	}
	return hook{Organizer: raw.Organizer, Event: raw.Event, Code: raw.Code}, nil
}

// isSlug tells whether Pretix could have an organizer or event of this slug.
func isSlug(s string) bool {
	return s != "" && len(s) <= longestSlug && !strings.ContainsFunc(s, func(r rune) bool {
		return !isASCIIAlnum(r) && r != '.' && r != '-'
	})
}

// isCode tells whether Pretix could have an order of this code.
func isCode(s string) bool {
	return s != "" && len(s) <= longestCode && !strings.ContainsFunc(s, func(r rune) bool { return !isASCIIAlnum(r) })
}

func isASCIIAlnum(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
