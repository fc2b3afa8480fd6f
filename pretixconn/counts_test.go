package pretixconn

import (
	"testing"
	"time"

	"matrix-pretix/pretixconn/api"
)

// States of an order.
const (
	statusExpired  = api.StatusExpired
	statusCanceled = "c" // of which no code asks
)

func TestCountsAreTicketsThatSomebodyHoldsNow(t *testing.T) {
	now := time.Date(2027, 1, 24, 12, 0, 0, 0, time.UTC)
	paid, pending := api.Order{Status: api.StatusPaid}, api.Order{Status: api.StatusPending}
	plain := api.Position{ID: 1}
	for name, c := range map[string]struct {
		order    api.Order
		position api.Position
		want     bool
	}{
		"paid":                                 {paid, plain, true},
		"free, which Pretix calls paid":        {paid, api.Position{ID: 1, Item: 3}, true},
		"pending":                              {pending, plain, false},
		"pending but valid":                    {api.Order{Status: "n", ValidIfPending: true}, plain, true},
		"pending but valid, in test mode":      {api.Order{Status: "n", ValidIfPending: true, Testmode: true}, plain, false},
		"pending but valid, awaiting approval": {api.Order{Status: "n", ValidIfPending: true, RequireApproval: true}, plain, false},
		"awaiting approval":                    {api.Order{Status: "n", RequireApproval: true}, plain, false},
		"approved and paid":                    {api.Order{Status: "p", RequireApproval: false}, plain, true},
		"paid, though it once had to wait":     {api.Order{Status: "p", RequireApproval: true}, plain, true},
		"expired":                              {api.Order{Status: statusExpired}, plain, false},
		"expired, valid if pending":            {api.Order{Status: statusExpired, ValidIfPending: true}, plain, false},
		"canceled as a whole":                  {api.Order{Status: statusCanceled}, plain, false},
		"canceled, valid if pending":           {api.Order{Status: statusCanceled, ValidIfPending: true}, plain, false},
		"paid test order":                      {api.Order{Status: "p", Testmode: true}, plain, false},
		"status of another Pretix":             {api.Order{Status: "x"}, plain, false},
		"no status":                            {api.Order{}, plain, false},
		"position canceled (with a fee)":       {paid, api.Position{Canceled: true}, false},
		"position blocked":                     {paid, api.Position{Blocked: true}, false},
		"an add-on":                            {paid, api.Position{AddonTo: 7}, true},
		"valid later":                          {paid, api.Position{ValidFrom: now.Add(time.Hour)}, true},
		"valid for another second":             {paid, api.Position{ValidUntil: now.Add(time.Second)}, true},
		"valid until this moment":              {paid, api.Position{ValidUntil: now}, false},
		"no longer valid":                      {paid, api.Position{ValidFrom: now.Add(-2 * time.Hour), ValidUntil: now.Add(-time.Hour)}, false},
	} {
		if got := counts(c.order, c.position, now); got != c.want {
			t.Errorf("%s: Counts = %v, want %v", name, got, c.want)
		}
	}
}

// TestWhatDoesNotCountSaysWhy has one of each: an order's own lack is told before that of its positions.
func TestWhatDoesNotCountSaysWhy(t *testing.T) {
	now := time.Date(2027, 1, 24, 12, 0, 0, 0, time.UTC)
	paid, seat := api.Order{Status: api.StatusPaid}, api.Position{ID: 1, Item: talk}
	for name, c := range map[string]struct {
		order    api.Order
		position api.Position
		want     Lack
	}{
		"counts":              {paid, seat, LackNothing},
		"test":                {api.Order{Status: api.StatusPaid, Testmode: true}, seat, LackReal},
		"unpaid":              {api.Order{Status: api.StatusPending}, seat, LackPayment},
		"to be approved":      {api.Order{Status: api.StatusPending, RequireApproval: true, ValidIfPending: true}, seat, LackApproval},
		"expired":             {api.Order{Status: statusExpired}, seat, LackTime},
		"canceled":            {api.Order{Status: statusCanceled}, api.Position{Item: talk, Canceled: true}, LackOrder},
		"canceled with a fee": {paid, api.Position{Item: talk, Canceled: true}, LackPosition},
		"blocked":             {paid, api.Position{Item: talk, Blocked: true}, LackRelease},
		"over":                {paid, api.Position{Item: talk, ValidUntil: now}, LackValidity},
		"a shirt":             {paid, api.Position{Item: shirt}, LackQuestion},
	} {
		c.order.Positions = []api.Position{c.position}
		got := Worths(c.order, Question{ID: asksID, Items: []int64{talk}}, "", now)
		if len(got) != 1 || got[0].Lack != c.want {
			t.Errorf("%s: Worths = %+v, want one that lacks %q", name, got, c.want)
		}
	}
}
