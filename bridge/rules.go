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

// chooseRule finds the product and the variation that somebody named, asking where the words fit several, and links with them. No words are no rule:
// every ticket. Whether the person may is decided at each turn, for an answer may come many minutes after the question.
func (b *Bridge) chooseRule(ctx context.Context, c *call, l linking, words []word) {
	decision, ok := c.may(ctx, authority.Link, l.key, l.room.ID)
	if !ok {
		return
	}
	if l.rule.Item == 0 && len(words) == 1 && strings.EqualFold(words[0].text, "all") {
		l.all, words = true, nil
	}
	if len(words) == 0 {
		b.link(ctx, c, decision, l)
		return
	}
	items, err := b.pretix.Items(ctx, l.key)
	if err != nil {
		c.failed(ctx, "read products", err)
		return
	}
	if l.rule.Item != 0 {
		b.chooseVariation(ctx, c, decision, l, itemByID(items, l.rule.Item), words)
		return
	}
	switch found, rest := pickItem(words, items); len(found) {
	case 0:
		c.tell(ctx, decision.Answer, sayUnknownItem(joined(words), itemChoices(items)))
	case 1:
		l.rule.Item = found[0].ID
		b.chooseRule(ctx, c, l, rest)
	default:
		c.ask(ctx, decision.Answer, sayWhichItem(joined(words), found), oneOf(namesOf(found), func(ctx context.Context, c *call, chosen int) {
			l.rule.Item = found[chosen].ID
			b.chooseRule(ctx, c, l, rest)
		}))
	}
}

func (b *Bridge) chooseVariation(ctx context.Context, c *call, decision authority.Decision, l linking, item api.Item, words []word) {
	variations := variationChoices(item)
	var found []choice
	if wholeName(words) {
		found = pick(joined(words), variations)
	}
	switch len(found) {
	case 0:
		c.tell(ctx, decision.Answer, sayUnknownVariation(joined(words), itemChoice(item).name(), variations))
	case 1:
		l.rule.Variation = found[0].ID
		b.link(ctx, c, decision, l)
	default:
		c.ask(ctx, decision.Answer, sayWhichItem(joined(words), found), oneOf(namesOf(found), func(ctx context.Context, c *call, chosen int) {
			l.rule.Variation = found[chosen].ID
			b.chooseRule(ctx, c, l, nil)
		}))
	}
}

// pickItem finds the product named by the words. A name with blanks that was typed without quotes is tried as a whole first, then word by word, so
// that what is left over names the variation. What stood in quotes is a name by itself.
func pickItem(words []word, items []api.Item) (found []choice, rest []word) {
	choices := itemChoices(items)
	exact := func(name string) []choice {
		return chosen(choices, func(c choice) bool {
			return slices.ContainsFunc(c.Names, func(known string) bool { return fold(known) == fold(name) })
		})
	}
	for _, find := range []func(name string) []choice{exact, func(name string) []choice { return pick(name, choices) }} {
		for n := len(words); n > 0; n-- {
			if !wholeName(words[:n]) {
				continue
			}
			if found = find(joined(words[:n])); len(found) > 0 {
				return found, words[n:]
			}
		}
	}
	return nil, words
}

// wholeName reports whether words may together be one name.
func wholeName(words []word) bool {
	return len(words) == 1 || !slices.ContainsFunc(words, func(word word) bool { return word.quoted })
}

func joined(words []word) string { return strings.Join(texts(words), " ") }

// namesOf is how the choices of a list may be named in an answer, besides by their place in it.
func namesOf(choices []choice) [][]string {
	names := make([][]string, len(choices))
	for i, c := range choices {
		names[i] = append([]string{fmt.Sprintf("#%d", c.ID)}, c.Names...)
	}
	return names
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

// passing reports whether an error is one of Pretix, without which the answer can do, or nobody's login sees the event now.
func passing(err error) bool {
	_, ofPretix := errors.AsType[*api.Error](err)
	return ofPretix || errors.Is(err, pretixconn.ErrNoLogin)
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
