package typed

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// Why [Question] finds none that could ask for the Matrix ID.
var (
	ErrNoQuestion       = errors.New("no such question")
	ErrQuestionPerOrder = errors.New("asked per order")
	ErrQuestionNotText  = errors.New("not answered with text")
)

// Question finds a question by its number in Pretix, its identifier or its words.
func Question(text string, questions []api.Question) (api.Question, error) {
	choices := make([]Choice, 0, len(questions))
	for _, q := range questions {
		choices = append(choices, Choice{ID: q.ID, Names: append(q.Question.All(), q.Identifier)})
	}
	found := pick(text, choices)
	if len(found) != 1 {
		return api.Question{}, ErrNoQuestion
	}
	i := slices.IndexFunc(questions, func(q api.Question) bool { return q.ID == found[0].ID })
	switch q := questions[i]; {
	case q.PerOrder:
		return q, ErrQuestionPerOrder
	case q.Type != api.QuestionLine && q.Type != api.QuestionText:
		return q, ErrQuestionNotText
	default:
		return q, nil
	}
}

// AnswersQuestion tells an answer to the question about the question from talk: yes where something is proposed, no, or the number or the identifier of
// a question. Words out of its text are talk.
func AnswersQuestion(text string, offered pretixconn.Found) bool {
	if No(text) || offered.Proposal != nil && Yes(text) {
		return true
	}
	text = strings.TrimPrefix(answerWord(text), "#")
	return slices.ContainsFunc(slices.Concat(offered.Choices, offered.Unusable), func(one api.Question) bool {
		return text == strconv.FormatInt(one.ID, 10) || one.Identifier != "" && strings.EqualFold(text, one.Identifier)
	})
}
