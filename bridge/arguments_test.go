package bridge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"matrix-pretix/database"
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
		gotEvent, gotRest := eventThenRoom(strings.Fields(tc.args))
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
		event, name, value := settingWords(strings.Fields(tc.args))
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
		got, ok := chooseLogin(tc.logins, strings.Fields(tc.args))
		if got != tc.want || ok != (tc.want != "") {
			t.Errorf("%q of %d connections is %q %v, want %q", tc.args, len(tc.logins), got, ok, tc.want)
		}
	}
}

func TestAnswersByNumberMeanTheOption(t *testing.T) {
	options := []string{"first", "second"}
	for answer, want := range map[string]string{"1": "first", " 2. ": "second", "#2": "second", "2)": "second", "3": "3", "0": "0", "-1": "-1", "first": "first", "": ""} {
		if got := numbered(answer, options); got != want {
			t.Errorf("numbered(%q) = %q, want %q", answer, got, want)
		}
	}
}

func TestYesIsNotReadIntoOtherWords(t *testing.T) {
	for text, want := range map[string]bool{"yes": true, "Yes!": true, "ok": true, "Ja": true, "👍": true, "no": false, "not yes": false, "yesterday": false, "": false} {
		if got := isYes(text); got != want {
			t.Errorf("isYes(%q) = %v, want %v", text, got, want)
		}
		if isYes(text) && isNo(text) {
			t.Errorf("%q is yes and no", text)
		}
	}
}

// TestFailuresAreGatheredForAMinute has two events, one with a failure that is old enough and a newer one that goes along.
func TestFailuresAreGatheredForAMinute(t *testing.T) {
	other := database.EventKey{Instance: "eu", Organizer: "acme", Event: "gala"}
	failures := []database.Failure{
		{Event: evil, Code: "OLD", FoundAt: noon.Add(-gatherTime)},
		{Event: other, Code: "NEW", FoundAt: noon.Add(-gatherTime + time.Second)},
		{Event: evil, Code: "ALONG", FoundAt: noon},
	}
	due := dueReports(failures, noon)
	var codes []string
	for _, failure := range due[evil] {
		codes = append(codes, failure.Code)
	}
	if want := []string{"OLD", "ALONG"}; !slices.Equal(codes, want) {
		t.Errorf("reported %q, want %q", codes, want)
	}
	if len(due) != 1 {
		t.Errorf("%d events are reported, want the one with an old failure", len(due))
	}
}

func TestAQuestionIsAnsweredOnceInItsPlaceAndInTime(t *testing.T) {
	now := noon
	q := newQuestions(func() time.Time { return now })
	here, there := asked{Room: hall, User: "@olga:example.org"}, asked{Room: hall, User: "@gus:example.org"}
	q.Ask(here, nil)
	if _, ok := q.Take(there); ok {
		t.Error("somebody else's question was taken")
	}
	if _, ok := q.Take(here); !ok {
		t.Error("the question was not there")
	}
	if _, ok := q.Take(here); ok {
		t.Error("the question was answered twice")
	}
	q.Ask(here, nil)
	now = now.Add(questionLife + time.Second)
	q.Ask(there, nil)
	if len(q.open) != 1 {
		t.Errorf("%d questions are kept, want the one that is not too old", len(q.open))
	}
	if _, ok := q.Take(here); ok {
		t.Error("a question was answered after its time")
	}
}

func TestATokenIsWatchedForWhereItWasAskedForAmongOthers(t *testing.T) {
	now := noon
	w := newBurning(func() time.Time { return now })
	among, alone := asked{Room: hall, User: "@olga:example.org"}, asked{Room: "!talk:example.org", User: "@olga:example.org"}
	w.Watch(among, false)
	w.Watch(alone, true)
	if !w.watched(among) || w.watched(alone) {
		t.Errorf("watched among others %v, in private %v, want true, false", w.watched(among), w.watched(alone))
	}
	now = now.Add(questionLife + time.Second)
	if w.watched(among) {
		t.Error("watched for ever")
	}
	for text, want := range map[string]bool{strings.Repeat("a1", 32): true, strings.Repeat("a1", 16): true, "short1234": false, "https://pretix.eu/acme/conf/": false} {
		if got := tokenShape.MatchString(text); got != want {
			t.Errorf("%q is a token: %v, want %v", text, got, want)
		}
	}
}
