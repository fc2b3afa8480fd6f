package bridge

import (
	"testing"
	"time"

	"matrix-pretix/bridge/typed"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

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
