package pretixconn

import (
	"slices"
	"testing"

	"matrix-pretix/pretixconn/api"
)

func TestFindQuestionTellsTheOneThatAsksForTheMatrixID(t *testing.T) {
	diet := api.Question{ID: 1, Identifier: "diet", Type: api.QuestionLine, Question: api.Text{"en": "Diet"}}
	exact := api.Question{ID: 2, Identifier: "matrix", Type: api.QuestionLine, Question: api.Text{"en": "Your chat name"}}
	spoken := api.Question{ID: 3, Identifier: "A7F3", Type: api.QuestionLine, Question: api.Text{"de": "Deine MATRIX-ID", "en": "Chat"}}
	hinted := api.Question{ID: 4, Identifier: "B2", Type: api.QuestionText, Question: api.Text{"": "Chat"}, HelpText: api.Text{"en": "an MXID"}}
	named := api.Question{ID: 5, Identifier: "Matrix-ID", Type: api.QuestionLine, Question: api.Text{"en": "Chat"}}
	yesNo := api.Question{ID: 6, Identifier: "matrix", Type: "B", Question: api.Text{"en": "On Matrix?"}}
	perOrder := api.Question{ID: 7, Identifier: "matrix", Type: api.QuestionLine, PerOrder: true}
	choice := api.Question{ID: 8, Identifier: "size", Type: "C", Question: api.Text{"en": "Size"}}
	for name, c := range map[string]struct {
		asked             []api.Question
		exact, proposal   int64
		choices, unusable []int64
	}{
		"none":                       {},
		"by identifier":              {asked: []api.Question{diet, exact}, exact: 2, choices: []int64{1, 2}},
		"identifier before words":    {asked: []api.Question{spoken, exact, hinted}, exact: 2, choices: []int64{3, 2, 4}},
		"only one speaks of it":      {asked: []api.Question{diet, spoken, choice}, proposal: 3, choices: []int64{1, 3}},
		"in the help text":           {asked: []api.Question{hinted}, proposal: 4, choices: []int64{4}},
		"in an identifier alike":     {asked: []api.Question{named}, proposal: 5, choices: []int64{5}},
		"two speak of it":            {asked: []api.Question{spoken, hinted}, choices: []int64{3, 4}},
		"nothing speaks of it":       {asked: []api.Question{diet, choice}, choices: []int64{1}},
		"answered with yes or no":    {asked: []api.Question{diet, yesNo}, choices: []int64{1}, unusable: []int64{6}},
		"asked once per order":       {asked: []api.Question{perOrder}, unusable: []int64{7}},
		"once per order, and spoken": {asked: []api.Question{perOrder, spoken}, proposal: 3, choices: []int64{3}, unusable: []int64{7}},
	} {
		got := FindQuestion(c.asked)
		if idOf(got.Exact) != c.exact || idOf(got.Proposal) != c.proposal {
			t.Errorf("%s: exact %d, proposal %d; want %d, %d", name, idOf(got.Exact), idOf(got.Proposal), c.exact, c.proposal)
		}
		if !slices.Equal(idsOf(got.Choices), c.choices) || !slices.Equal(idsOf(got.Unusable), c.unusable) {
			t.Errorf("%s: choices %d, unusable %d; want %d, %d", name, idsOf(got.Choices), idsOf(got.Unusable), c.choices, c.unusable)
		}
	}
}

func idOf(q *api.Question) int64 {
	if q == nil {
		return 0
	}
	return q.ID
}

func idsOf(questions []api.Question) []int64 {
	var ids []int64
	for _, q := range questions {
		ids = append(ids, q.ID)
	}
	return ids
}
