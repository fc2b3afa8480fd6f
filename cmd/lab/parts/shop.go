package parts

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Purchase is what a customer wants to buy in the shop. The zero value is one regular ticket.
type Purchase struct {
	Email string
	// Tickets are what the cart holds. Prices are the shop's.
	Tickets []PositionSpec
	// GiftCard pays for everything at once. Else the customer promises to transfer the money, and the order waits for MarkPaid.
	GiftCard string
}

// Bought is what the customer has in the end.
type Bought struct {
	Code   string
	Secret string
	// URL is the order's page, where the customer may change answers.
	URL string
}

// tickets are the positions that are bought by themselves, not added to another.
func (p Purchase) tickets() []PositionSpec {
	return slices.DeleteFunc(slices.Clone(p.Tickets), func(t PositionSpec) bool { return t.AddOnTo != 0 })
}

// orderPage is the address of an order's page, which is all that a customer gets.
var orderPage = regexp.MustCompile(`^(.*/order/([A-Z0-9]+)/([a-z0-9]+)/)`)

// Buy buys in the event's shop through its web pages, as a customer does, and returns the order. Each step of the checkout that
// Pretix shows is filled in; one that it shows again is an error.
func (e *Event) Buy(ctx context.Context, purchase Purchase) (*Bought, error) {
	if len(purchase.Tickets) == 0 {
		purchase.Tickets = []PositionSpec{{}}
	}
	b := newBrowser()
	if err := e.fillCart(ctx, b, purchase.tickets()); err != nil {
		return nil, fmt.Errorf("fill the cart: %w", err)
	}
	if err := b.open(ctx, e.URL+"checkout/start"); err != nil {
		return nil, err
	}
	seen := ""
	for range 10 {
		if match := orderPage.FindStringSubmatch(b.at.Path); match != nil {
			return &Bought{Code: match[2], Secret: match[3], URL: e.pretix.URL + match[1]}, nil
		}
		step := path.Base(b.at.Path)
		if step == seen {
			return nil, fmt.Errorf("check out: step %s is shown again%s", step, b.complaint())
		}
		seen = step
		f, err := b.form("")
		if err != nil {
			return nil, fmt.Errorf("check out: %w", err)
		}
		typed, err := e.typed(step, f, purchase)
		if err == nil {
			err = b.submit(ctx, f, typed)
		}
		if err != nil {
			return nil, fmt.Errorf("check out, step %s: %w", step, err)
		}
	}
	return nil, errors.New("check out: it does not end")
}

// fillCart adds one ticket after the other, so that the numbers that Pretix gives them keep their order.
func (e *Event) fillCart(ctx context.Context, b *browser, tickets []PositionSpec) error {
	for _, ticket := range tickets {
		p := e.position(1, ticket)
		page, field := e.URL, fmt.Sprintf("item_%d", p["item"])
		if subevent, series := p["subevent"]; series {
			page += fmt.Sprintf("%d/", subevent)
		}
		if variation, varies := p["variation"]; varies {
			field = fmt.Sprintf("variation_%d_%d", p["item"], variation)
		}
		if err := b.open(ctx, page); err != nil {
			return err
		}
		f, err := b.form("cart/add?")
		if err != nil {
			return err
		}
		if !slices.Contains(f.names, field) {
			return fmt.Errorf("find the product %s on %s", field, b.at.Path)
		}
		if err := b.submit(ctx, f, url.Values{field: {"1"}}); err != nil {
			return err
		}
	}
	return nil
}

// typed is what the customer types in a step of the checkout.
func (e *Event) typed(step string, f form, purchase Purchase) (url.Values, error) {
	typed := url.Values{}
	switch step {
	case "addons":
		return e.added(f, purchase)
	case "questions":
		typed.Set("email", orElse(purchase.Email, "buyer@example.org"))
		numbers, tickets := prefixes(f.names, "", "-"), purchase.tickets()
		if len(numbers) != len(tickets) {
			return nil, fmt.Errorf("answer for %d tickets: the page asks for %d", len(tickets), len(numbers))
		}
		for i, ticket := range tickets {
			e.answer(typed, f, numbers[i], ticket)
		}
	case "payment":
		typed.Set("payment", "manual")
		if purchase.GiftCard != "" {
			typed.Set("payment", "giftcard")
			name, ok := f.field("giftcard-code")
			if !ok {
				return nil, errors.New("pay by gift card: the shop does not offer it")
			}
			typed.Set(name, purchase.GiftCard)
		}
	}
	return typed, nil
}

// answer types what a ticket needs into the fields that begin with its number.
func (e *Event) answer(typed url.Values, f form, number int, ticket PositionSpec) {
	put := func(field, value string) {
		name := fmt.Sprintf("%d-%s", number, field)
		if value != "" && slices.Contains(f.names, name) {
			typed.Set(name, value)
		}
	}
	put("attendee_name_parts_0", ticket.AttendeeName)
	put("attendee_email", ticket.AttendeeEmail)
	put(fmt.Sprintf("question_%d", e.Questions.Matrix), ticket.MatrixID)
	for question, answer := range ticket.Answers {
		put(fmt.Sprintf("question_%d", question), answer)
	}
}

// added ticks the products that are added to tickets. Only a ticket with variations can have any.
func (e *Event) added(f form, purchase Purchase) (url.Values, error) {
	typed, numbers, at := url.Values{}, prefixes(f.names, "cp_", "_item_"), 0
	for i, main := range purchase.Tickets {
		if main.AddOnTo != 0 || main.Item != 0 && main.Item != e.Items.Ticket {
			continue
		}
		if at >= len(numbers) {
			return nil, fmt.Errorf("add products: the page offers them for %d tickets only", len(numbers))
		}
		for _, added := range purchase.Tickets {
			if added.AddOnTo == i+1 {
				typed.Set(fmt.Sprintf("cp_%d_item_%d", numbers[at], added.Item), "1")
			}
		}
		at++
	}
	return typed, nil
}

// prefixes returns the numbers in names like "7-question_1", between what comes before and what comes after, each once, in
// ascending order.
func prefixes(names []string, before, after string) []int {
	var numbers []int
	for _, name := range names {
		rest, begins := strings.CutPrefix(name, before)
		digits, _, found := strings.Cut(rest, after)
		if number, err := strconv.Atoi(digits); begins && found && err == nil && !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// EditAsCustomer changes the answer of a position to the question "matrix" on the order's page, as the customer does who has
// its address. Position 0 means the first.
func (e *Event) EditAsCustomer(ctx context.Context, orderURL string, position int64, matrixID string) error {
	b := newBrowser()
	if err := b.open(ctx, strings.TrimSuffix(orderURL, "/")+"/modify"); err != nil {
		return err
	}
	f, err := b.form("")
	if err != nil {
		return fmt.Errorf("change an order: %w", err)
	}
	numbers := prefixes(f.names, "", "-")
	if position == 0 && len(numbers) > 0 {
		position = int64(numbers[0])
	}
	field := fmt.Sprintf("%d-question_%d", position, e.Questions.Matrix)
	if !slices.Contains(f.names, field) {
		return fmt.Errorf("change an order: its page does not ask for %s%s", field, b.complaint())
	}
	if err := b.submit(ctx, f, url.Values{field: {matrixID}}); err != nil {
		return fmt.Errorf("change an order: %w", err)
	}
	if path.Base(b.at.Path) == "modify" {
		return fmt.Errorf("change an order: its page is shown again%s", b.complaint())
	}
	return nil
}

// NewGiftCard makes a gift card of that value, and returns its code.
func (o *Organizer) NewGiftCard(ctx context.Context, value string) (string, error) {
	code := strings.ToUpper(token(16))
	body := map[string]any{"secret": code, "value": value, "currency": "EUR"}
	return code, o.API(ctx, "POST", "giftcards/", body, nil)
}
