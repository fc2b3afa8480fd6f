package inviter

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.uber.org/zap"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// ErrQuestionGone says that Pretix has the question no more that asks for the Matrix ID, nor another one of its identifier. Until it has,
// no order says anything, and what was known before stands.
var ErrQuestionGone = errors.New("the question that asks for the Matrix ID is gone")

// question gives the event's question as it stands in Pretix now. One that was deleted and made anew takes the place of the old one, and
// all orders are read once more, as after every change of the question.
func (in *Inviter) question(ctx context.Context, event database.Event) (pretixconn.Question, error) {
	questions, err := in.questions.Do(ctx, event.Key.String(), func() ([]api.Question, error) {
		return in.pretix.Questions(ctx, event.Key)
	})
	if err != nil {
		return pretixconn.Question{}, &unreadError{err}
	}
	found, ok := QuestionOf(event, questions)
	if !ok {
		if in.desk.unasked.Put(event.Key) {
			in.log.Warn("the event's question is gone", event.Key.Fields()...)
			in.hooks.QuestionGone(ctx, event.Key)
		}
		return pretixconn.Question{}, &unreadError{ErrQuestionGone}
	}
	in.desk.unasked.Drop(event.Key)
	return found, in.takeQuestion(ctx, event, found)
}

// QuestionGone reports whether Pretix was last seen without the event's question.
func (in *Inviter) QuestionGone(key database.EventKey) bool { return in.desk.unasked.Has(key) }

// takeQuestion writes down a question that was made anew.
func (in *Inviter) takeQuestion(ctx context.Context, event database.Event, found pretixconn.Question) error {
	if found.ID == event.QuestionID {
		return nil
	}
	if err := in.store.SetQuestion(ctx, event.Key, found.ID, found.Identifier); err != nil {
		return fmt.Errorf("follow the question: %w", err)
	}
	in.log.Info("the event's question was made anew", append(event.Key.Fields(), zap.Int64("question", found.ID))...)
	in.unscanned.Store(true)
	return nil
}

// QuestionOf finds the event's question among those that Pretix lists: by its ID, else by its identifier, which outlives its being
// deleted and made anew, if it can be answered with a Matrix ID.
func QuestionOf(event database.Event, questions []api.Question) (pretixconn.Question, bool) {
	usable := pretixconn.FindQuestion(questions).Choices
	at := slices.IndexFunc(questions, func(q api.Question) bool { return q.ID == event.QuestionID })
	if at < 0 {
		questions = usable
		at = slices.IndexFunc(questions, func(q api.Question) bool {
			return q.Identifier == event.QuestionIdentifier && q.Identifier != ""
		})
	}
	if at < 0 {
		return pretixconn.Question{}, false
	}
	q := questions[at]
	return pretixconn.Question{ID: q.ID, Identifier: q.Identifier, Items: q.Items}, true
}
