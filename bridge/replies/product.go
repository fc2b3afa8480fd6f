package replies

import (
	"fmt"

	"matrix-pretix/bridge/typed"
	"matrix-pretix/pretixconn/api"
)

// opensTo says in words which tickets open a room.
func opensTo(rules []string) string {
	if len(rules) == 0 {
		return "every ticket"
	}
	return "tickets for " + inline(lines(rules, bold), " or ")
}

// Product names an item and, if there is one, its variation; by its number where Pretix could not be asked.
func Product(items []api.Item, itemID, variationID int64) string {
	if itemID == 0 {
		return "any product"
	}
	item := typed.ItemByID(items, itemID)
	name := typed.ItemChoice(item).Name()
	if item.Name.Any() == "" {
		name = fmt.Sprintf("product %d", itemID)
	}
	for _, variation := range item.Variations {
		if variation.ID == variationID {
			return name + " – " + variation.Value.Any()
		}
	}
	return name
}

// UnknownItem answers a product that is not there with those that are.
func UnknownItem(text string, items []typed.Choice) string {
	return "There is no product " + bold(text) + ". These are:" + listChoices(items)
}

// UnknownVariation answers a variation that is not there with those that are.
func UnknownVariation(text, item string, variations []typed.Choice) string {
	if len(variations) == 0 {
		return bold(item) + " has no variations, so I do not know what " + bold(text) + " means. Put names with blanks in quotes."
	}
	return bold(item) + " has no variation " + bold(text) + ". These are:" + listChoices(variations)
}

// WhichItem asks which of several products or variations is meant.
func WhichItem(text string, found []typed.Choice) string {
	return "Which one is " + bold(text) + "? Answer with a number.\n" + enumerated(lines(found, func(c typed.Choice) string { return quote(c.Name()) }))
}

func listChoices(choices []typed.Choice) string {
	return "\n" + listed(lines(choices, func(c typed.Choice) string { return fmt.Sprintf("`%d` %s", c.ID, quote(c.Name())) }))
}
