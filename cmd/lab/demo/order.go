package demo

import (
	"context"
	"fmt"
	"regexp"
	"time"
)

// change is what made an order's people be invited, by Pretix's own clock, which is this machine's.
type change struct {
	code string
	how  string
	at   time.Time
}

// order is what is read of an order here.
type order struct {
	Code         string    `json:"code"`
	LastModified time.Time `json:"last_modified"`
	Payments     []struct {
		Date *time.Time `json:"payment_date"`
	} `json:"payments"`
	Positions []struct {
		Answers []struct {
			Answer string `json:"answer"`
		} `json:"answers"`
	} `json:"positions"`
}

// change tells whether the order has just been paid, or was changed after that.
func (o order) change() change {
	paid := time.Time{}
	for _, payment := range o.Payments {
		if payment.Date != nil && payment.Date.After(paid) {
			paid = *payment.Date
		}
	}
	// Pretix writes the order several times while it takes a payment.
	const sameMoment = 3 * time.Second
	if o.LastModified.Sub(paid) > sameMoment {
		return change{o.Code, "changed", o.LastModified}
	}
	return change{o.Code, "paid", paid}
}

// names reports whether somebody's Matrix ID was typed in the order, in whatever form.
func (o order) names(who string) bool {
	name := regexp.MustCompile(`(?i)(^|[^a-z0-9])` + regexp.QuoteMeta(localpart(who)) + `($|[^a-z0-9])`)
	for _, position := range o.Positions {
		for _, answer := range position.Answers {
			if name.MatchString(answer.Answer) {
				return true
			}
		}
	}
	return false
}

// changed reads when an order was paid or changed.
func (p *play) changed(ctx context.Context, code string) (change, error) {
	var read order
	if err := p.event.API(ctx, "GET", "orders/"+code+"/", nil, &read); err != nil {
		return change{}, fmt.Errorf("read order %s: %w", code, err)
	}
	return read.change(), nil
}

// orderOf finds the order for which somebody was invited, among those that changed last. Without one the change is empty.
func (p *play) orderOf(ctx context.Context, who string) change {
	var list struct {
		Results []order `json:"results"`
	}
	if p.event.API(ctx, "GET", "orders/?ordering=-last_modified", nil, &list) != nil {
		return change{}
	}
	for _, o := range list.Results {
		if o.names(who) {
			return o.change()
		}
	}
	return change{}
}
