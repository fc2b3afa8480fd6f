package bridge

import (
	"context"
	"strconv"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// settleQuestion finds the question that asks for the Matrix ID: the one chosen before if it still exists, else the one with the identifier that
// leaves no doubt. Where there is doubt the choice is the organizer's.
func (b *Bridge) settleQuestion(ctx context.Context, key database.EventKey) (replies.AskedFor, error) {
	event, err := b.store.Event(ctx, key)
	if err != nil {
		return replies.AskedFor{}, err
	}
	questions, err := b.pretix.Questions(ctx, key)
	if err != nil {
		return replies.AskedFor{}, err
	}
	settled := replies.AskedFor{Found: pretixconn.FindQuestion(questions)}
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
func (b *Bridge) awaitQuestion(c *call, told *said, key database.EventKey, offered replies.AskedFor) bool {
	if offered.Proposal == nil && len(offered.Choices) == 0 {
		return false
	}
	return b.questions.Offer(asked{Room: told.message.Room, User: c.sender}, c.followedBy(question{
		about: "question of " + key.String(), expected: replies.ExpectsQuestion(offered),
		takes: func(text string) bool { return typed.AnswersQuestion(text, offered.Found) },
		answer: func(ctx context.Context, c *call, text string) {
			switch {
			case typed.No(text):
				c.say(ctx, replies.QuestionLater(key))
			case typed.Yes(text):
				b.chooseQuestion(ctx, c, key, strconv.FormatInt(offered.Proposal.ID, 10))
			default:
				b.chooseQuestion(ctx, c, key, text)
			}
		},
	}))
}

// chooseQuestion uses the question that somebody names by number or identifier, and reads the orders with it.
func (b *Bridge) chooseQuestion(ctx context.Context, c *call, key database.EventKey, text string) {
	decision, ok := c.may(ctx, authority.SetSetting, key, "")
	if !ok {
		return
	}
	b.pretix.LookAnew(key)
	questions, err := b.pretix.Questions(ctx, key)
	if err != nil {
		c.failed(ctx, "read questions", err)
		return
	}
	question, err := typed.Question(text, questions)
	if err != nil {
		c.tell(ctx, decision.Answer, replies.NoSuchQuestion(err, text, pretixconn.FindQuestion(questions)))
		return
	}
	if err := b.store.SetQuestion(ctx, key, question.ID, question.Identifier); err != nil {
		c.failed(ctx, "set question", err)
		return
	}
	b.readAnew(ctx, c.tell(ctx, decision.Answer, replies.QuestionSet(question)), key)
}
