package bridge

import (
	"context"
	"slices"

	"matrix-pretix/bridge/inviter"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// orderUnserved says by which of an order's positions nobody is asked into a room, and why. Whom the others name is dropped here.
func (b *Bridge) orderUnserved(ctx context.Context, known database.Event, order api.Order) ([]replies.Unserved, error) {
	questions, err := b.pretix.Questions(ctx, known.Key)
	if err != nil {
		return nil, err
	}
	question, ok := inviter.QuestionOf(known, questions)
	if !ok {
		return nil, nil // that is told of the event
	}
	links, err := b.store.LinksOf(ctx, known.Key)
	if err != nil {
		return nil, err
	}
	products, err := b.catalog(ctx, known.Key)
	if err != nil {
		return nil, err
	}
	return unserved(pretixconn.Worths(order, question, known.DefaultServer, b.now()), links, products), nil
}

// unserved picks the positions by which nobody is asked. One whose product asks for no Matrix ID, as a T-shirt's, counts only where there is nothing
// else.
func unserved(worths []pretixconn.Worth, links []database.Link, products []api.Item) []replies.Unserved {
	var missed, unasked []replies.Unserved
	tickets := 0
	for _, worth := range worths {
		opens := slices.ContainsFunc(links, func(link database.Link) bool { return link.Opens(worth.Item, worth.Variation, worth.Subevent) })
		one := replies.Unserved{
			Product: replies.Product(products, worth.Item, worth.Variation), Lack: worth.Lack, Problem: worth.Problem,
		}
		switch {
		case worth.Lack == pretixconn.LackQuestion:
			unasked = append(unasked, one)
		case worth.Lack != pretixconn.LackNothing, worth.Problem != pretixconn.ProblemNone, !opens:
			missed = append(missed, one)
		default:
			tickets++
		}
	}
	if len(missed)+tickets == 0 {
		return unasked
	}
	return missed
}
