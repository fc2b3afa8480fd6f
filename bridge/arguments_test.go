package bridge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// TestFailuresAreGatheredForAMinute has two events, one with a failure that is old enough and a newer one that goes along.
func TestFailuresAreGatheredForAMinute(t *testing.T) {
	other := database.EventKey{Instance: "eu", Organizer: "acme", Event: "gala"}
	failures := []database.Failure{ // the newest first
		{Event: evil, Code: "ALONG", FoundAt: noon},
		{Event: other, Code: "NEW", FoundAt: noon.Add(-gatherTime + time.Second)},
		{Event: evil, Code: "OLD", FoundAt: noon.Add(-gatherTime)},
	}
	gathering := make(reports)
	due := gathering.due(failures, noon)
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

	// What did not go into that report gathers for the next one.
	gathering[evil] = noon.Add(gatherTime)
	if due := gathering.due(failures, noon.Add(gatherTime-time.Second)); len(due[evil]) != 0 {
		t.Errorf("reported %v again at once", due[evil])
	}
	if due := gathering.due(failures, noon.Add(gatherTime)); len(due[evil]) != 2 {
		t.Errorf("reported %v a minute later, want what is left", due[evil])
	}
}

func TestWhatAReportDoesNotListIsLeftForTheNext(t *testing.T) {
	all := many(func(i int) database.Failure { return database.Failure{Event: evil, Position: int64(i)} })
	told := make(map[int64]bool)
	for left := all; len(left) > 0; {
		shown, more := nextReport(left)
		if text := sayReport(evilOne, make([]failureText, len(shown)), more, noon); strings.Count(text, "no Matrix ID")+strings.Count(text, "refused") != len(shown) {
			t.Fatalf("%d are marked as told by a report that lists others: %s", len(shown), text)
		}
		for _, failure := range shown {
			told[failure.Position] = true
		}
		if more != len(left)-len(shown) {
			t.Errorf("%d more are announced, want %d", more, len(left)-len(shown))
		}
		left = left[len(shown):]
	}
	if len(told) != len(all) {
		t.Errorf("%d are told, want all %d", len(told), len(all))
	}
}

func TestAQuestionIsOpenInItsPlaceAndInTime(t *testing.T) {
	now := noon
	q := newQuestions(func() time.Time { return now })
	here, there := asked{Room: hall, User: "@olga:example.org"}, asked{Room: hall, User: "@gus:example.org"}
	isOpen := func(who asked) bool {
		_, open := q.Open(who)
		return open
	}
	q.Ask(here, question{})
	if isOpen(there) {
		t.Error("somebody else's question is open")
	}
	for range 2 {
		if !isOpen(here) {
			t.Error("the question is not open, or was so only once")
		}
	}
	if q.Close(here); isOpen(here) {
		t.Error("the question is open after its answer")
	}
	q.Ask(here, question{})
	now = now.Add(questionLife + time.Second)
	if isOpen(here) {
		t.Error("a question is open after its time")
	}
	if q.Ask(there, question{}); len(q.open) != 1 {
		t.Errorf("%d questions are kept, want the one that is not too old", len(q.open))
	}
}

// TestAQuestionThatComesByItselfTakesNoOthersPlace has a checklist that is ready while something else is being asked.
func TestAQuestionThatComesByItselfTakesNoOthersPlace(t *testing.T) {
	who := asked{Room: hall, User: "@olga:example.org"}
	for name, tc := range map[string]struct {
		open *question
		want bool
	}{
		"nothing":              {nil, true},
		"a token is asked for": {&question{login: true}, false},
		"a yes is asked for":   {&question{}, false},
		"about another event":  {&question{about: "question of gala"}, false},
		"about the same event": {&question{about: "question of conf"}, true},
	} {
		q := newQuestions(func() time.Time { return noon })
		if tc.open != nil {
			q.Ask(who, *tc.open)
		}
		if got := q.Offer(who, question{about: "question of conf"}); got != tc.want {
			t.Errorf("%s: offered %v, want %v", name, got, tc.want)
		}
	}
}

func TestATokenIsWatchedForWhereItWasAskedForAmongOthers(t *testing.T) {
	now := noon
	w := newBurning(func() time.Time { return now })
	among, alone := asked{Room: hall, User: "@olga:example.org"}, asked{Room: "!talk:example.org", User: "@olga:example.org"}
	other := asked{Room: hall, User: "@gus:example.org"}
	w.Watch(among, false)
	w.Watch(other, false)
	w.Watch(alone, true)
	if !w.watched(among) || w.watched(alone) {
		t.Errorf("watched among others %v, in private %v, want true, false", w.watched(among), w.watched(alone))
	}
	if w.End(among.User); w.watched(among) || !w.watched(other) {
		t.Errorf("after one has connected: watched %v, another one %v, want false, true", w.watched(among), w.watched(other))
	}
	now = now.Add(questionLife + time.Second)
	if w.watched(other) {
		t.Error("watched for ever")
	}
}

// TestOnlyAnAnswerIsAnAnswer has the questions that are asked in rooms, too, where people and other bots talk meanwhile.
func TestOnlyAnAnswerIsAnAnswer(t *testing.T) {
	id, order := api.Question{ID: 17, Identifier: "mxid", Question: api.Text{"en": "Your Matrix ID"}}, api.Question{ID: 18, Identifier: "ABCDE", PerOrder: true}
	about := func(offered pretixconn.Found) func(string) bool {
		return func(text string) bool { return typed.AnswersQuestion(text, offered) }
	}
	proposed := about(pretixconn.Found{Proposal: &id, Choices: []api.Question{id}})
	listed := about(pretixconn.Found{Choices: []api.Question{id}, Unusable: []api.Question{order}})
	options := oneOf([][]string{{"eu/acme/conf", "acme/conf"}, {"eu/acme/gala", "acme/gala"}}, nil)
	for _, tc := range []struct {
		name    string
		takes   func(string) bool
		answers []string
		talk    []string
	}{
		{"yes or no", yesOrNo(nil).takes, []string{"yes", "No.", "👍"}, []string{"Hold on", "yes, but later", "1", ""}},
		{"one of a list", options.takes, []string{"1", "2.", "#1", "ACME/gala", "eu/acme/conf"}, []string{"3", "0", "conf is nice", "acme", ""}},
		{"proposed question", proposed, []string{"yes", "no", "17", "#17", "MXID"}, []string{"your Matrix ID", "matrix", "ID", "1", "Hold on", ""}},
		{"listed questions", listed, []string{"no", "17", "18", "abcde"}, []string{"yes", "Your Matrix ID", "19", ""}},
	} {
		for _, text := range tc.answers {
			if !tc.takes(text) {
				t.Errorf("%s: %q is no answer", tc.name, text)
			}
		}
		for _, text := range tc.talk {
			if tc.takes(text) {
				t.Errorf("%s: %q is taken for an answer", tc.name, text)
			}
		}
	}
}

// TestAnAnswerCountsWhereAndBeforeWhomItIsTyped has a talk into which somebody came while the question was open.
func TestAnAnswerCountsWhereAndBeforeWhomItIsTyped(t *testing.T) {
	const talk = id.RoomID("!talk:example.org")
	typedIn := func(room id.RoomID, alone bool) *call {
		return &call{room: room, direct: alone, heard: homeserver.Heard{Evt: &event.Event{RoomID: room}}}
	}
	asked := typedIn(talk, true)
	asked.place = &authority.Answer{Kind: authority.Here, Room: talk}
	if next := asked.follow(typedIn(talk, false)); next.direct || next.place != nil || next.here().Room != talk {
		t.Errorf("goes on as if nobody had come in: direct %v, place %v", next.direct, next.place)
	}
	if next := typedIn(hall, false).follow(typedIn(talk, true)); !next.direct || next.here().Room != talk || next.room != hall {
		t.Errorf("goes on in %s (direct %v) about %s, want in the talk about the room", next.here().Room, next.direct, next.room)
	}
}
