package typed

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// Why [Question] finds none that could ask for the Matrix ID.
var (
	ErrNoQuestion       = errors.New("no such question")
	ErrQuestionPerOrder = errors.New("asked per order")
	ErrQuestionNotText  = errors.New("not answered with text")
)

// Question finds a question by its number in Pretix, by its identifier or its text, or by whole words that no other one has: by less, one would be
// taken that was not meant, and from then on everybody is invited by what was answered there.
func Question(text string, questions []api.Question) (api.Question, error) {
	wanted := fold(text)
	if wanted == "" {
		return api.Question{}, ErrNoQuestion
	}
	for _, fits := range []func(q api.Question) bool{
		func(q api.Question) bool { return strings.TrimPrefix(wanted, "#") == strconv.FormatInt(q.ID, 10) },
		func(q api.Question) bool { return fold(q.Identifier) == wanted },
		func(q api.Question) bool {
			return slices.ContainsFunc(q.Question.All(), func(text string) bool { return fold(text) == wanted })
		},
		func(q api.Question) bool {
			return slices.ContainsFunc(q.Question.All(), func(text string) bool { return holdsWords(text, wanted) })
		},
	} {
		found := slices.DeleteFunc(slices.Clone(questions), func(q api.Question) bool { return !fits(q) })
		if len(found) == 1 {
			return usable(found[0])
		}
	}
	return api.Question{}, ErrNoQuestion
}

// shortestWords is how many characters of a question's text must be typed: "a" is a word, too.
const shortestWords = 4

// holdsWords reports whether a text has these words one after the other.
func holdsWords(text, wanted string) bool {
	spaced := func(text string) string {
		return " " + strings.Join(strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }), " ") + " "
	}
	return utf8.RuneCountInString(wanted) >= shortestWords && strings.TrimSpace(spaced(wanted)) != "" && strings.Contains(spaced(text), spaced(wanted))
}

// usable says why a question cannot ask for the Matrix ID.
func usable(q api.Question) (api.Question, error) {
	switch {
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
