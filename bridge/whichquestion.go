package bridge

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// askedFor is which question of an event asks for the Matrix ID, as far as it is settled.
type askedFor struct {
	pretixconn.Found
	Known    bool
	Question api.Question // the one that is used, where Known
}

// settleQuestion finds the question that asks for the Matrix ID: the one chosen before if it still exists, else the one with the identifier that
// leaves no doubt. Where there is doubt the choice is the organizer's.
func (b *Bridge) settleQuestion(ctx context.Context, key database.EventKey) (askedFor, error) {
	event, err := b.store.Event(ctx, key)
	if err != nil {
		return askedFor{}, err
	}
	questions, err := b.pretix.Questions(ctx, key)
	if err != nil {
		return askedFor{}, err
	}
	settled := askedFor{Found: pretixconn.FindQuestion(questions)}
	for _, q := range settled.Choices {
		if event.QuestionID != 0 && (q.ID == event.QuestionID || q.Identifier == event.QuestionIdentifier) {
			settled.Known, settled.Question = true, q
		}
	}
	if !settled.Known && settled.Exact != nil {
		settled.Known, settled.Question = true, *settled.Exact
	}
	if settled.Known && settled.Question.ID != event.QuestionID {
		return settled, b.store.SetQuestion(ctx, key, settled.Question.ID, settled.Question.Identifier)
	}
	return settled, nil
}

// awaitQuestion takes a yes to the proposal that the checklist makes, or a number out of its list, and reports whether it does: where something else is
// being asked in the same place, the command does it.
func (b *Bridge) awaitQuestion(c *call, told *said, key database.EventKey, offered askedFor) bool {
	if offered.Proposal == nil && len(offered.Choices) == 0 {
		return false
	}
	return b.questions.Offer(asked{Room: told.message.Room, User: c.sender}, c.followedBy(question{
		about: "question of " + key.String(), takes: offered.answeredBy, expected: sayExpectsQuestion(offered),
		answer: func(ctx context.Context, c *call, text string) {
			switch {
			case isNo(text):
				c.say(ctx, sayQuestionLater(key))
			case isYes(text):
				b.chooseQuestion(ctx, c, key, strconv.FormatInt(offered.Proposal.ID, 10))
			default:
				b.chooseQuestion(ctx, c, key, text)
			}
		},
	}))
}

// answeredBy tells an answer from talk: yes where something is proposed, no, or the number or the identifier of a question. Words out of its text
// are talk.
func (q askedFor) answeredBy(text string) bool {
	if isNo(text) || q.Proposal != nil && isYes(text) {
		return true
	}
	text = strings.TrimPrefix(answerWord(text), "#")
	return slices.ContainsFunc(slices.Concat(q.Choices, q.Unusable), func(one api.Question) bool {
		return text == strconv.FormatInt(one.ID, 10) || one.Identifier != "" && strings.EqualFold(text, one.Identifier)
	})
}

// chooseQuestion uses the question that somebody names by number or identifier, and reads the orders with it.
func (b *Bridge) chooseQuestion(ctx context.Context, c *call, key database.EventKey, text string) {
	decision, ok := c.may(ctx, authority.SetSetting, key, "")
	if !ok {
		return
	}
	questions, err := b.pretix.Questions(ctx, key)
	if err != nil {
		c.failed(ctx, "read questions", err)
		return
	}
	question, err := questionNamed(text, questions)
	if err != nil {
		c.tell(ctx, decision.Answer, sayNoSuchQuestion(err, text, pretixconn.FindQuestion(questions)))
		return
	}
	if err := b.store.SetQuestion(ctx, key, question.ID, question.Identifier); err != nil {
		c.failed(ctx, "set question", err)
		return
	}
	b.readAnew(ctx, c.tell(ctx, decision.Answer, sayQuestionSet(question)), key)
}

var (
	errNoQuestion       = errors.New("no such question")
	errQuestionPerOrder = errors.New("asked per order")
	errQuestionNotText  = errors.New("not answered with text")
)

// questionNamed finds a question by its number in Pretix, its identifier or its words.
func questionNamed(text string, questions []api.Question) (api.Question, error) {
	choices := make([]choice, 0, len(questions))
	for _, q := range questions {
		choices = append(choices, choice{ID: q.ID, Names: append(q.Question.All(), q.Identifier)})
	}
	found := pick(text, choices)
	if len(found) != 1 {
		return api.Question{}, errNoQuestion
	}
	i := slices.IndexFunc(questions, func(q api.Question) bool { return q.ID == found[0].ID })
	switch q := questions[i]; {
	case q.PerOrder:
		return q, errQuestionPerOrder
	case q.Type != api.QuestionLine && q.Type != api.QuestionText:
		return q, errQuestionNotText
	default:
		return q, nil
	}
}

func isYes(text string) bool {
	return slices.Contains([]string{"yes", "y", "ok", "okay", "yes please", "sure", "ja", "oui", "si", "sí", "👍", "✅"}, answerWord(text))
}

func isNo(text string) bool {
	return slices.Contains([]string{"no", "n", "nope", "nein", "non", "👎"}, answerWord(text))
}

func answerWord(text string) string {
	return strings.ToLower(strings.Trim(text, " .!,\n"))
}
