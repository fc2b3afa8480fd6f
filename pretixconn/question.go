package pretixconn

import (
	"strings"

	"matrix-pretix/pretixconn/api"
)

// questionIdentifier marks the question that asks for the Matrix ID. Identifiers outlive the copying of an event; IDs do not.
const questionIdentifier = "matrix"

// Found is which of an event's questions may be the one that asks for the Matrix ID. At most one of Exact and Proposal is set.
type Found struct {
	Exact    *api.Question  // has the identifier `matrix`: taken without asking
	Proposal *api.Question  // the only one that speaks of Matrix: taken after a yes
	Choices  []api.Question // all that could be it, to choose from by hand: asked of each ticket, answered with text

	// Unusable ones speak of Matrix, but are asked once per order, so that their answers cannot be read, or are not answered with
	// text. PerOrder and Type tell which.
	Unusable []api.Question
}

// FindQuestion looks for the question that asks for the Matrix ID.
func FindQuestion(questions []api.Question) Found {
	var found Found
	var speaking []api.Question
	for _, q := range questions {
		usable := !q.PerOrder && (q.Type == api.QuestionLine || q.Type == api.QuestionText)
		switch {
		case usable && q.Identifier == questionIdentifier:
			found.Exact = &q
		case usable && speaksOfMatrix(q):
			speaking = append(speaking, q)
		case !usable && speaksOfMatrix(q):
			found.Unusable = append(found.Unusable, q)
		}
		if usable {
			found.Choices = append(found.Choices, q)
		}
	}
	if found.Exact == nil && len(speaking) == 1 {
		found.Proposal = &speaking[0]
	}
	return found
}

// speaksOfMatrix looks for the word in all that buyers see of the question, in each language, and in its identifier.
func speaksOfMatrix(q api.Question) bool {
	texts := append(q.Question.All(), q.HelpText.All()...)
	for _, text := range append(texts, q.Identifier) {
		text = strings.ToLower(text)
		if strings.Contains(text, "matrix") || strings.Contains(text, "mxid") {
			return true
		}
	}
	return false
}
