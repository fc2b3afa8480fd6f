package typed

import (
	"slices"

	"matrix-pretix/pretixconn/api"
)

// Item finds the product named by the words. A name with blanks that was typed without quotes is tried as a whole first, then word by word, so
// that what is left over names the variation. What stood in quotes is a name by itself.
func Item(words []Word, items []api.Item) (found []Choice, rest []Word) {
	choices := ItemChoices(items)
	exact := func(name string) []Choice {
		return chosen(choices, func(c Choice) bool {
			return slices.ContainsFunc(c.Names, func(known string) bool { return fold(known) == fold(name) })
		})
	}
	for _, find := range []func(name string) []Choice{exact, func(name string) []Choice { return pick(name, choices) }} {
		for n := len(words); n > 0; n-- {
			if !wholeName(words[:n]) {
				continue
			}
			if found = find(Joined(words[:n])); len(found) > 0 {
				return found, words[n:]
			}
		}
	}
	return nil, words
}

// Variation finds the variation named by the words, which are one name.
func Variation(words []Word, variations []Choice) []Choice {
	if !wholeName(words) {
		return nil
	}
	return pick(Joined(words), variations)
}

// wholeName reports whether words may together be one name.
func wholeName(words []Word) bool {
	return len(words) == 1 || !slices.ContainsFunc(words, func(word Word) bool { return word.quoted })
}

// ItemChoice is a product with all the names that it goes by.
func ItemChoice(item api.Item) Choice {
	names := append([]string{item.Name.Any()}, item.Name.All()...)
	if item.InternalName != "" {
		names = append(names, item.InternalName)
	}
	return Choice{ID: item.ID, Names: names}
}

// ItemChoices are products to choose from.
func ItemChoices(items []api.Item) []Choice {
	choices := make([]Choice, 0, len(items))
	for _, item := range items {
		choices = append(choices, ItemChoice(item))
	}
	return choices
}

// VariationChoices are a product's variations to choose from.
func VariationChoices(item api.Item) []Choice {
	choices := make([]Choice, 0, len(item.Variations))
	for _, variation := range item.Variations {
		choices = append(choices, Choice{ID: variation.ID, Names: append([]string{variation.Value.Any()}, variation.Value.All()...)})
	}
	return choices
}

// ItemByID is the product with a number, or nothing but the number where none has it.
func ItemByID(items []api.Item, itemID int64) api.Item {
	for _, item := range items {
		if item.ID == itemID {
			return item
		}
	}
	return api.Item{ID: itemID}
}
