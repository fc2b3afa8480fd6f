package typed

import (
	"strings"
	"testing"

	"matrix-pretix/pretixconn"
)

func TestEventAndRoomAreReadInEitherOrder(t *testing.T) {
	const room, event = "!hall:example.org", "acme/conf"
	for _, tc := range []struct{ args, wantEvent, wantRest string }{
		{"", "", ""},
		{event, event, ""},
		{room, "", room},
		{event + " " + room, event, room},
		{room + " " + event, event, room},
		{"#hall:example.org conf", "conf", "#hall:example.org"},
		{room + " !other:example.org", "", room + " !other:example.org"},
	} {
		gotEvent, gotRest := EventThenRoom(strings.Fields(tc.args))
		if gotEvent != tc.wantEvent || strings.Join(gotRest, " ") != tc.wantRest {
			t.Errorf("%q is event %q and rest %q, want %q and %q", tc.args, gotEvent, gotRest, tc.wantEvent, tc.wantRest)
		}
	}
}

func TestSettingsAreReadWithOrWithoutTheEvent(t *testing.T) {
	for _, tc := range []struct{ args, event, name, value string }{
		{"question 3", "", "question", "3"},
		{"conf Question Your Matrix ID", "conf", "question", "Your Matrix ID"},
		{"acme/conf server example.org", "acme/conf", "server", "example.org"},
		{"Server none", "", "server", "none"},
		{"server", "", "server", ""},
		{"question", "", "question", ""},
		{"colour blue", "", "", ""},
		{"my own server example.org", "", "", ""},
		{"", "", "", ""},
	} {
		event, name, value := Setting(strings.Fields(tc.args))
		if event != tc.event || name != tc.name || value != tc.value {
			t.Errorf("%q is %q %q %q, want %q %q %q", tc.args, event, name, value, tc.event, tc.name, tc.value)
		}
	}
}

func TestAConnectionIsMeantByItsNumber(t *testing.T) {
	one, two := pretixconn.Login{ID: "a"}, pretixconn.Login{ID: "b"}
	for _, tc := range []struct {
		logins []pretixconn.Login
		args   string
		want   string
	}{
		{[]pretixconn.Login{one}, "", "a"},
		{[]pretixconn.Login{one, two}, "", ""},
		{[]pretixconn.Login{one, two}, "2", "b"},
		{[]pretixconn.Login{one, two}, "#1", "a"},
		{[]pretixconn.Login{one, two}, "3", ""},
		{[]pretixconn.Login{one, two}, "0", ""},
		{[]pretixconn.Login{one, two}, "1 2", ""},
		{nil, "", ""},
	} {
		got, ok := Login(tc.logins, strings.Fields(tc.args))
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%q of %d connections is %q %v, want %q", tc.args, len(tc.logins), got, ok, tc.want)
		}
	}
}
