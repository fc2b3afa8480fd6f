package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// withRule finds the product and the variation that somebody named, asking where the words fit several, and goes on with the rule. No words are
// no rule: every ticket.
func (b *Bridge) withRule(
	ctx context.Context, c *call, where authority.Answer, key database.EventKey, words []string, then func(context.Context, *call, database.Rule),
) {
	if len(words) == 0 {
		then(ctx, c, database.Rule{})
		return
	}
	items, err := b.pretix.Items(ctx, key)
	if err != nil {
		c.failed(ctx, "read products", err)
		return
	}
	found, rest := pickItem(words, items)
	switch len(found) {
	case 0:
		c.tell(ctx, where, sayUnknownItem(strings.Join(words, " "), itemChoices(items)))
	case 1:
		b.withVariation(ctx, c, where, itemByID(items, found[0].ID), rest, then)
	default:
		c.ask(ctx, where, sayWhichItem(strings.Join(words, " "), found), func(ctx context.Context, c *call, text string) {
			b.withRule(ctx, c, where, key, append([]string{numberedChoice(text, found)}, rest...), then)
		})
	}
}

func (b *Bridge) withVariation(
	ctx context.Context, c *call, where authority.Answer, item api.Item, words []string, then func(context.Context, *call, database.Rule),
) {
	if len(words) == 0 {
		then(ctx, c, database.Rule{Item: item.ID})
		return
	}
	text := strings.Join(words, " ")
	variations := variationChoices(item)
	found := pick(text, variations)
	switch len(found) {
	case 0:
		c.tell(ctx, where, sayUnknownVariation(text, itemChoice(item).name(), variations))
	case 1:
		then(ctx, c, database.Rule{Item: item.ID, Variation: found[0].ID})
	default:
		c.ask(ctx, where, sayWhichItem(text, found), func(ctx context.Context, c *call, text string) {
			b.withVariation(ctx, c, where, item, []string{numberedChoice(text, found)}, then)
		})
	}
}

// pickItem finds the product named by the words. A name with blanks that was typed without quotes is tried as a whole first, then word by word, so
// that what is left over names the variation.
func pickItem(words []string, items []api.Item) (found []choice, rest []string) {
	choices := itemChoices(items)
	for n := len(words); n > 0; n-- {
		exact := chosen(choices, func(c choice) bool {
			return slices.ContainsFunc(c.Names, func(name string) bool { return fold(name) == fold(strings.Join(words[:n], " ")) })
		})
		if len(exact) > 0 {
			return exact, words[n:]
		}
	}
	for n := len(words); n > 0; n-- {
		if found = pick(strings.Join(words[:n], " "), choices); len(found) > 0 {
			return found, words[n:]
		}
	}
	return nil, words
}

// numberedChoice lets a person answer with the number in the list that was shown. What comes out names the choice by its ID.
func numberedChoice(text string, choices []choice) string {
	options := make([]string, len(choices))
	for i, c := range choices {
		options[i] = fmt.Sprintf("#%d", c.ID)
	}
	return numbered(text, options)
}

func itemChoice(item api.Item) choice {
	names := append([]string{item.Name.Any()}, item.Name.All()...)
	if item.InternalName != "" {
		names = append(names, item.InternalName)
	}
	return choice{ID: item.ID, Names: names}
}

func itemChoices(items []api.Item) []choice {
	choices := make([]choice, 0, len(items))
	for _, item := range items {
		choices = append(choices, itemChoice(item))
	}
	return choices
}

func variationChoices(item api.Item) []choice {
	choices := make([]choice, 0, len(item.Variations))
	for _, variation := range item.Variations {
		choices = append(choices, choice{ID: variation.ID, Names: append([]string{variation.Value.Any()}, variation.Value.All()...)})
	}
	return choices
}

func itemByID(items []api.Item, itemID int64) api.Item {
	for _, item := range items {
		if item.ID == itemID {
			return item
		}
	}
	return api.Item{ID: itemID}
}

// catalog gives names to the numbers of an event's products. Where Pretix cannot be asked, numbers it is.
type catalog struct {
	items []api.Item
}

func (b *Bridge) catalog(ctx context.Context, key database.EventKey) (catalog, error) {
	items, err := b.pretix.Items(ctx, key)
	if err != nil && !passing(err) {
		return catalog{}, err
	}
	return catalog{items: items}, nil
}

// passing reports whether an error of Pretix is one without which the answer can do: it is down, or nobody's login sees the event now.
func passing(err error) bool {
	return errors.Is(err, api.ErrUnavailable) || errors.Is(err, pretixconn.ErrNoLogin)
}

// product names an item and, if there is one, its variation.
func (k catalog) product(itemID, variationID int64) string {
	if itemID == 0 {
		return "any product"
	}
	item := itemByID(k.items, itemID)
	name := itemChoice(item).name()
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

// ruleTexts says in words which tickets open a linked room; none means every ticket.
func (b *Bridge) ruleTexts(ctx context.Context, link database.Link) ([]string, error) {
	if len(link.Rules) == 0 {
		return nil, nil
	}
	products, err := b.catalog(ctx, link.Event)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, rule := range link.Rules {
		texts = append(texts, products.product(rule.Item, rule.Variation))
	}
	return texts, nil
}

// linkText is a link as it is shown.
type linkText struct {
	Event database.Event
	Link  database.Link
	Rules []string
}

func (b *Bridge) linkText(ctx context.Context, link database.Link) (linkText, error) {
	event, err := b.store.Event(ctx, link.Event)
	if err != nil {
		return linkText{}, err
	}
	rules, err := b.ruleTexts(ctx, link)
	return linkText{Event: event, Link: link, Rules: rules}, err
}
