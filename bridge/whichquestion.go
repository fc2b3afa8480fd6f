package bridge

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

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
		if err := b.store.SetQuestion(ctx, key, settled.Question.ID, settled.Question.Identifier); err != nil {
			return settled, err
		}
		return settled, b.store.MarkScanned(ctx, key, time.Time{}) // other answers
	}
	return settled, nil
}

// awaitQuestion takes a yes to the proposal that the checklist made, or a number out of its list.
func (b *Bridge) awaitQuestion(c *call, told *said, key database.EventKey, offered askedFor) {
	b.questions.Ask(asked{Room: told.message.Room, User: c.sender}, func(ctx context.Context, reply *call, text string) {
		follow := c.follow(reply)
		switch {
		case offered.Proposal != nil && isYes(text):
			b.chooseQuestion(ctx, follow, key, strconv.FormatInt(offered.Proposal.ID, 10))
		case isNo(text):
			follow.say(ctx, sayQuestionLater)
		default:
			b.chooseQuestion(ctx, follow, key, text)
		}
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
