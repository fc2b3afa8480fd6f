package pretixconn

import (
	"errors"
	"testing"
)

// Bodies as a real Pretix sends them, one of each shape.
var sentHooks = map[string]hook{
	`{"notification_id": 3, "organizer": "lab", "event": "conf", "code": "VVY9K", "action": "pretix.event.order.paid"}`: {"lab", "conf", "VVY9K"},
	`{"notification_id": 491, "organizer": "lab", "event": "conf", "code": "HUTSQ", "action": "pretix.event.checkin", "orderposition_id": 146,
	  "orderposition_positionid": 1, "checkin_list": 1, "type": "entry", "first_checkin": null}`: {"lab", "conf", "HUTSQ"},
	`{"notification_id": 161, "organizer": "lab", "event": "conf", "item": 2, "action": "pretix.event.item.changed"}`:                {"lab", "conf", ""},
	`{"notification_id": 158, "organizer": "lab", "event": "conf", "code": null, "action": "pretix.event.order.deleted"}`:            {"lab", "conf", ""},
	`{"notification_id": 9, "organizer": "lab", "event": null, "action": "pretix.event.deleted"}`:                                    {"lab", "", ""},
	`{"notification_id": 10, "organizer": "lab", "customer": "ABC123", "action": "pretix.customer.changed"}`:                         {"lab", "", ""},
	`{"notification_id": 11, "issuer_id": 1, "issuer_slug": "lab", "giftcard": 4, "action": "pretix.giftcards.created"}`:             {"", "", ""},
	`{"organizer": "Lab.2", "event": "Conf-26", "code": "VVY9K", "action": "pretix.event.order.changed.price", "new_in_2030": [{}]}`: {"Lab.2", "Conf-26", "VVY9K"},
}

var nonsenseHooks = map[string]string{
	"nothing":                 ``,
	"no JSON":                 `organizer=lab&event=conf`,
	"cut short":               `{"organizer": "lab", "event": "conf", "code": "VVY9K", "act`,
	"two objects":             `{"action": "x"}{"action": "x"}`,
	"a list":                  `[{"action": "x"}]`,
	"a string":                `"pretix.event.order.paid"`,
	"no action":               `{"organizer": "lab", "event": "conf", "code": "VVY9K"}`,
	"an action of no words":   `{"organizer": "lab", "event": "conf", "code": "VVY9K", "action": ""}`,
	"code as a number":        `{"organizer": "lab", "event": "conf", "code": 12345, "action": "x"}`,
	"code without event":      `{"organizer": "lab", "code": "VVY9K", "action": "x"}`,
	"event without organizer": `{"event": "conf", "action": "x"}`,
	"a path as code":          `{"organizer": "lab", "event": "conf", "code": "../../other", "action": "x"}`,
	"a code too long":         `{"organizer": "lab", "event": "conf", "code": "AAAAAAAAAAAAAAAAA", "action": "x"}`,
	"a path as event":         `{"organizer": "lab", "event": "conf/orders", "code": "VVY9K", "action": "x"}`,
	"a slug with a blank":     `{"organizer": "la b", "event": "conf", "code": "VVY9K", "action": "x"}`,
	"a slug with a NUL":       `{"organizer": "lab", "event": "co\u0000nf", "code": "VVY9K", "action": "x"}`,
	"a slug too long":         `{"organizer": "lab", "event": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "action": "x"}`,
}

func TestHookSaysOnlyWhatToLookAt(t *testing.T) {
	for body, want := range sentHooks {
		if got, err := parseHook([]byte(body)); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", body, got, err, want)
		}
	}
}

func TestNonsenseIsNotAHook(t *testing.T) {
	for name, body := range nonsenseHooks {
		if got, err := parseHook([]byte(body)); !errors.Is(err, errNotAHook) || got != (hook{}) {
			t.Errorf("%s: got %+v, %v, want %v and nothing", name, got, err, errNotAHook)
		}
	}
}

// FuzzParseHook holds that whatever is sent either is refused or names things that Pretix could have: what follows puts them into
// addresses and rows.
func FuzzParseHook(f *testing.F) {
	for body := range sentHooks {
		f.Add([]byte(body))
	}
	for _, body := range nonsenseHooks {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parseHook(body)
		switch {
		case err != nil && got != (hook{}):
			t.Fatalf("refused, but names %+v", got)
		case err != nil:
			return
		case got.Organizer != "" && !isSlug(got.Organizer), got.Event != "" && !isSlug(got.Event), got.Code != "" && !isCode(got.Code):
			t.Fatalf("names %+v, which Pretix cannot have", got)
		case got.Code != "" && got.Event == "", got.Event != "" && got.Organizer == "":
			t.Fatalf("names %+v, of which a part is missing", got)
		}
	})
}
