package bridge

import (
	"slices"
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// TestEachPositionOfAnOrderSaysWhyNobodyIsAskedByIt has tickets, what is none, and T-shirts.
func TestEachPositionOfAnOrderSaysWhyNobodyIsAskedByIt(t *testing.T) {
	const seat, shirt, stream = 1, 2, 3
	products := []api.Item{{ID: seat, Name: api.Text{"en": "Seat"}}, {ID: shirt, Name: api.Text{"en": "Shirt"}}, {ID: stream, Name: api.Text{"en": "Stream"}}}
	hallOnly := []database.Link{{Event: conf, Room: hall, Rules: []database.Rule{{Item: seat}}}}
	worth := func(item int64, lack pretixconn.Lack, problem pretixconn.Problem) pretixconn.Worth {
		w := pretixconn.Worth{Lack: lack}
		w.Item, w.Problem = item, problem
		if lack == pretixconn.LackNothing && problem == pretixconn.ProblemNone {
			w.IDs = []id.UserID{"@ada:example.org"}
		}
		return w
	}
	good, noID := worth(seat, "", ""), worth(seat, "", pretixconn.ProblemMissing)
	canceled, aShirt, elsewhere := worth(seat, pretixconn.LackPosition, ""), worth(shirt, pretixconn.LackQuestion, pretixconn.ProblemMissing), worth(stream, "", "")
	for claim, tc := range map[string]struct {
		worths []pretixconn.Worth
		want   []replies.Unserved
	}{
		"served":                      {[]pretixconn.Worth{good}, nil},
		"served, with a shirt":        {[]pretixconn.Worth{good, aShirt}, nil},
		"no ID":                       {[]pretixconn.Worth{good, noID, aShirt}, []replies.Unserved{{Product: "Seat", Problem: pretixconn.ProblemMissing}}},
		"canceled":                    {[]pretixconn.Worth{canceled}, []replies.Unserved{{Product: "Seat", Lack: pretixconn.LackPosition}}},
		"nothing but a shirt":         {[]pretixconn.Worth{aShirt}, []replies.Unserved{{Product: "Shirt", Lack: pretixconn.LackQuestion, Problem: pretixconn.ProblemMissing}}},
		"a ticket that opens no room": {[]pretixconn.Worth{good, elsewhere}, []replies.Unserved{{Product: "Stream"}}},
	} {
		if got := unserved(tc.worths, hallOnly, products); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %+v, want %+v", claim, got, tc.want)
		}
	}
}
