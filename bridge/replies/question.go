package replies

import (
	"errors"
	"fmt"

	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// AskedFor is which question of an event asks for the Matrix ID, as far as it is settled.
type AskedFor struct {
	pretixconn.Found
	Known    bool
	Question api.Question // the one that is used, where Known
}

// questionLine says which question asks for the Matrix ID, or what to do about it.
func questionLine(list Checklist) string {
	q, key := list.Question, list.Event.Key
	line := ""
	switch {
	case q.Known:
		line = coverageLine(list)
		if list.Unread != nil {
			line += "\n- ⚠️ I could not read the orders to the end. " + trouble(list.Unread) + " " + lookAgain(key, list.Room)
		}
	case list.Unread != nil:
		line = "⚠️ I could not read which question asks for the Matrix ID. " + trouble(list.Unread) + " " + lookAgain(key, list.Room)
	case q.Proposal != nil && list.Awaits:
		line = "❓ Does the question " + bold(q.Proposal.Question.Any()) + " ask for the Matrix ID? Answer `yes`, or `no`."
	case q.Proposal != nil:
		line = "❓ Does the question " + bold(q.Proposal.Question.Any()) + fmt.Sprintf(" ask for the Matrix ID? Then say `!set %s question %d`.", reference(key), q.Proposal.ID)
	case len(q.Choices) > 0 && list.Awaits:
		line = "❓ Which question asks for the Matrix ID? Answer with its number, or add one in Pretix with the identifier `matrix`." + listQuestions(q.Choices)
	case len(q.Choices) > 0:
		line = "❓ Which question asks for the Matrix ID? `!set " + reference(key) + " question <number>` chooses one of these, or add one in Pretix with the identifier " +
			"`matrix`." + listQuestions(q.Choices)
	default:
		line = "❌ No question asks for the Matrix ID. Add one in Pretix under *Products → Questions*: type *text (one line)*, identifier `matrix`. " +
			lookAgain(key, list.Room)
	}
	var perOrder []string
	for _, unusable := range q.Unusable {
		if unusable.PerOrder {
			perOrder = append(perOrder, "⚠️ The question "+bold(unusable.Question.Any())+" is asked once per order: Pretix does not hand out its answers. Ask it per ticket.")
		}
	}
	return line + listed(perOrder)
}

// coverageLine says whether the question that is used is asked of those whom the room opens to.
func coverageLine(list Checklist) string {
	question, covered := bold(list.Question.Question.Question.Any()), list.Coverage
	names := func(products []int64, between string) string {
		return inline(lines(products, func(item int64) string { return bold(Product(list.Products, item, 0)) }), between)
	}
	const mend = " In Pretix, under *Products → Questions*, open the question and tick "
	switch {
	case covered.Nothing:
		return "⚠️ The question " + question + " asks for the Matrix ID, but it is asked for no product that is sold, so nobody is invited." + mend + "your tickets."
	case len(covered.Unasked) > 0:
		return "⚠️ The question " + question + " asks for the Matrix ID, but not for " + names(covered.Unasked, " or ") + ", so nobody is invited by that." + mend +
			"it, too. Who has bought it already can then add the ID to the order."
	case len(covered.Added) > 0:
		return "✅ The question " + question + " asks for the Matrix ID. For " + names(covered.Added, " and ") + " I take the answer of the ticket with which it was bought."
	}
	return "✅ The question " + question + " asks for the Matrix ID."
}

func listQuestions(questions []api.Question) string {
	return listedBelow(lines(questions, func(q api.Question) string { return fmt.Sprintf("`%d` %s", q.ID, quote(q.Question.Any())) }))
}

// ExpectsQuestion says what answers the question about the question.
func ExpectsQuestion(offered AskedFor) string {
	if offered.Proposal != nil {
		return "I have asked which question asks for the Matrix ID, and wait for `yes` or `no`. `cancel` ends that."
	}
	return "I have asked which question asks for the Matrix ID, and wait for its number or identifier. `cancel` ends that."
}

// QuestionFirst says what is missing before orders mean anything.
func QuestionFirst(key database.EventKey) string {
	return "I do not know yet which question asks for the Matrix ID, so I have read no orders. `!set " + reference(key) + " question <number>` says it."
}

// QuestionLater takes a no: the question is left open.
func QuestionLater(key database.EventKey) string {
	return "All right. `!set " + reference(key) + " question <number>` chooses one later; until then nobody can be invited."
}

// NoSuchQuestion says why a question cannot be the one that asks for the Matrix ID, which is one of the errors of [typed.Question].
func NoSuchQuestion(err error, text string, found pretixconn.Found) string {
	switch {
	case errors.Is(err, typed.ErrQuestionPerOrder):
		return "That question is asked once per order, and Pretix does not hand out such answers. Ask it per ticket (*Products → Questions*)."
	case errors.Is(err, typed.ErrQuestionNotText):
		return "That question is not answered with text, so no Matrix ID can stand there."
	}
	return "I do not find a question " + bold(text) + ". Name it by its number or its identifier, or by a whole word that no other one has. These could be it:" +
		listQuestions(found.Choices)
}

// QuestionSet says which question is used from now on.
func QuestionSet(question api.Question) string {
	return "✅ From now on I take the Matrix ID from " + bold(question.Question.Any()) + "."
}

// QuestionGone tells those who command an event that Pretix no longer has it.
func QuestionGone(known database.Event) string {
	return "⚠️ " + bold(known.Name) + ": Pretix no longer has the question that asked for the Matrix ID, so nobody new is invited. Make one there " +
		"with the internal identifier " + bold(known.QuestionIdentifier) + ", or choose another with `!set question <number>`. Until then I keep what I know."
}
