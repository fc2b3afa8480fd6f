package pretixconn

import (
	"slices"

	"matrix-pretix/pretixconn/api"
)

// Coverage is how far a question is asked of those who buy certain products.
type Coverage struct {
	Unasked []int64 // products whose buyers it is not asked of, in no way
	Added   []int64 // nor of these, but of those who buy what they are added to: they take that answer
	Nothing bool    // no product that is sold has the question
}

// CoverageOf looks for the question among the event's items. No products are all that are sold: then some may well have no holder who could be asked, as
// T-shirts, and only a question that is asked for nothing at all is wrong. Without items nothing is known, and nothing said.
func CoverageOf(q api.Question, products []int64, items []api.Item) Coverage {
	var covered Coverage
	if len(items) == 0 {
		return covered
	}
	asked := func(item api.Item) bool { return item.Active && slices.Contains(q.Items, item.ID) }
	if len(products) == 0 {
		covered.Nothing = !slices.ContainsFunc(items, asked)
		return covered
	}
	for _, item := range items {
		switch {
		case !slices.Contains(products, item.ID), slices.Contains(q.Items, item.ID):
		case slices.ContainsFunc(items, func(parent api.Item) bool { return asked(parent) && takes(parent, item) }):
			covered.Added = append(covered.Added, item.ID)
		default:
			covered.Unasked = append(covered.Unasked, item.ID)
		}
	}
	return covered
}

// takes reports whether an item can be added to another, or comes with it.
func takes(parent, item api.Item) bool {
	return slices.ContainsFunc(parent.AddOns, func(one api.AddOn) bool { return item.Category != 0 && one.Category == item.Category }) ||
		slices.ContainsFunc(parent.Bundles, func(one api.Bundle) bool { return one.Item == item.ID })
}
