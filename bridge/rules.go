package bridge

import (
	"context"
	"errors"
	"strings"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/replies"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// chooseRule finds the product and the variation that somebody named, asking where the words fit several, and links with them. No words are no rule:
// every ticket. Whether the person may is decided at each turn, for an answer may come many minutes after the question.
func (b *Bridge) chooseRule(ctx context.Context, c *call, l linking, words []typed.Word) {
	decision, ok := c.may(ctx, authority.Link, l.key, l.room.ID)
	if !ok {
		return
	}
	if l.rule.Item == 0 {
		b.pretix.LookAnew(l.key)
	}
	if l.rule.Item == 0 && len(words) == 1 && strings.EqualFold(words[0].Text, "all") {
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
		b.chooseVariation(ctx, c, decision, l, typed.ItemByID(items, l.rule.Item), words)
		return
	}
	switch found, rest := typed.Item(words, items); len(found) {
	case 0:
		c.tell(ctx, decision.Answer, replies.UnknownItem(typed.Joined(words), typed.ItemChoices(items)))
	case 1:
		l.rule.Item = found[0].ID
		b.chooseRule(ctx, c, l, rest)
	default:
		c.ask(ctx, decision.Answer, replies.WhichItem(typed.Joined(words), found), oneOf(typed.NamesOf(found), func(ctx context.Context, c *call, chosen int) {
			l.rule.Item = found[chosen].ID
			b.chooseRule(ctx, c, l, rest)
		}))
	}
}

func (b *Bridge) chooseVariation(ctx context.Context, c *call, decision authority.Decision, l linking, item api.Item, words []typed.Word) {
	variations := typed.VariationChoices(item)
	switch found := typed.Variation(words, variations); len(found) {
	case 0:
		c.tell(ctx, decision.Answer, replies.UnknownVariation(typed.Joined(words), typed.ItemChoice(item).Name(), variations))
	case 1:
		l.rule.Variation = found[0].ID
		b.link(ctx, c, decision, l)
	default:
		c.ask(ctx, decision.Answer, replies.WhichItem(typed.Joined(words), found), oneOf(typed.NamesOf(found), func(ctx context.Context, c *call, chosen int) {
			l.rule.Variation = found[chosen].ID
			b.chooseRule(ctx, c, l, nil)
		}))
	}
}

// catalog are the products of an event, which give names to their numbers. Where Pretix cannot be asked, there are none, and numbers it is.
func (b *Bridge) catalog(ctx context.Context, key database.EventKey) ([]api.Item, error) {
	items, err := b.pretix.Items(ctx, key)
	if err != nil && !passing(err) {
		return nil, err
	}
	return items, nil
}

// passing reports whether an error is one of Pretix, without which the answer can do, or nobody's login sees the event now.
func passing(err error) bool {
	_, ofPretix := errors.AsType[*api.Error](err)
	return ofPretix || errors.Is(err, pretixconn.ErrNoLogin)
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
		texts = append(texts, replies.Product(products, rule.Item, rule.Variation))
	}
	return texts, nil
}

func (b *Bridge) shownLink(ctx context.Context, link database.Link) (replies.ShownLink, error) {
	event, err := b.store.Event(ctx, link.Event)
	if err != nil {
		return replies.ShownLink{}, err
	}
	rules, err := b.ruleTexts(ctx, link)
	return replies.ShownLink{Event: event, Link: link, Rules: rules}, err
}
