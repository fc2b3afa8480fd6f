package main

import (
	"fmt"
	"net/http"
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
)

// TestInviteSaysWhyNobodyIsInvited has orders as Pretix really gives them, of which none has somebody to invite, and each for another reason.
func TestInviteSaysWhyNobodyIsInvited(t *testing.T) {
	f, olga, direct := started(t)
	ada := f.person("ada")
	room := olga.eventRoom(nil)
	olga.links(direct, room)
	made := func(spec parts.OrderSpec) string {
		t.Helper()
		order, err := f.conf.CreateOrder(t.Context(), spec)
		if err != nil {
			t.Fatalf("make an order: %v", err)
		}
		return order.Code
	}
	hers := []parts.PositionSpec{{MatrixID: ada.ID.String()}}
	canceled := made(parts.OrderSpec{Positions: hers, Pending: true})
	if err := f.conf.Cancel(t.Context(), canceled, ""); err != nil {
		t.Fatalf("cancel an order: %v", err)
	}
	for claim, tc := range map[string]struct{ code, want string }{
		"unpaid":   {made(parts.OrderSpec{Positions: hers, Pending: true}), "it is not paid yet"},
		"canceled": {canceled, "it was cancelled"},
		"test":     {made(parts.OrderSpec{Positions: hers, Testmode: true}), "it is a test order"},
		"no ID":    {f.order(false, ""), "no Matrix ID was given"},
		"e-mail":   {f.order(false, "ada@example.org"), "an e-mail address was given"},
	} {
		t.Log(claim)
		olga.ask(direct, "!invite "+tc.code, "Order `"+tc.code+"`: "+tc.want)
	}
	if got := olga.member(room, ada.ID); got != "" {
		t.Errorf("ada is %q in the room, want nothing", got)
	}

	// Somebody who stands already is not said to be invited anew, but who has left is.
	code := f.order(false, ada.ID.String(), "ada@example.org")
	olga.awaitMember(room, ada.ID, "invite")
	f.handled(code)
	olga.ask(direct, "!invite "+code, "was invited already, and has not answered", "Ticket – Regular", "an e-mail address was given")
	ada.leaves(room)
	olga.awaitMember(room, ada.ID, "leave")
	olga.ask(direct, "!invite "+code, "invited now")
	ada.enters(room)
	f.eventually("she is known to be in the room", func() bool {
		return len(olga.ask(direct, "!status", "1 joined")) > 0
	})
	olga.ask(direct, "!invite "+code, "in the room")
}

// TestThePrivateTalkAnswersWhateverIsSaidInIt has a talk, another one with somebody else in it, and a room of an event on its way.
func TestThePrivateTalkAnswersWhateverIsSaidInIt(t *testing.T) {
	f, olga, direct := started(t)
	gus := f.person("gus")
	olga.ask(direct, "!setrom", "I do not know **setrom**", "Do you mean", "setroom`")
	olga.ask(direct, "help", "`!batchinvite")
	olga.ask(direct, "cancel", "there is nothing to cancel")
	olga.ask(direct, "How do I begin?", "`!help` lists them", "put your Matrix ID into your order")
	again := olga.say(direct, "Nobody told me.")
	olga.ask(direct, "!version", "matrix-pretix")
	if got := olga.botsSaid(direct, again); len(got) != 1 {
		t.Errorf("plain words were answered again at once: %q", got)
	}
	olga.ask(direct, "!authorize", "API token")
	olga.ask(direct, "help", "`!batchinvite")
	olga.ask(direct, "cancel", "nothing was done")

	room := olga.eventRoom(nil)
	olga.ask(room, "!setrom", "Do you mean")
	gus.joins(room, olga)
	gus.joins(direct, olga)
	for _, among := range []id.RoomID{room, direct} {
		before := olga.say(among, "!setrom")
		for _, text := range []string{"help", "cancel", "How do I begin?"} {
			olga.say(among, text)
		}
		olga.ask(among, "!pretix version", "matrix-pretix")
		if got := olga.botsSaid(among, before); len(got) != 1 {
			t.Errorf("words among others were answered: %q", got)
		}
	}
}

// TestTheChecklistLooksForWhomTheQuestionIsAsked has an add-on, a product that nobody thought of, and a question that is asked for nothing.
func TestTheChecklistLooksForWhomTheQuestionIsAsked(t *testing.T) {
	f, olga, direct := started(t)
	more := fields{"name": fields{"en": "Balcony"}, "default_price": "5.00", "active": true}
	if err := f.conf.API(t.Context(), http.MethodPost, "items/", more, nil); err != nil {
		t.Fatalf("make a product: %v", err)
	}
	workshop, balcony, every := olga.eventRoom(nil), olga.eventRoom(nil), olga.eventRoom(nil)
	set := "!setroom " + f.ref() + " "
	olga.ask(direct, set+string(workshop)+" Workshop", "✅ The question **Your Matrix ID**", "For **Workshop** I take the answer of the ticket")
	olga.ask(direct, set+string(balcony)+" Balcony", "⚠️ The question **Your Matrix ID**", "but not for **Balcony**")
	olga.ask(direct, set+string(every), "✅ The question **Your Matrix ID** asks for the Matrix ID.")
	question := fmt.Sprintf("questions/%d/", f.conf.Questions.Matrix)
	if err := f.conf.API(t.Context(), http.MethodPatch, question, fields{"items": []int64{}}, nil); err != nil {
		t.Fatalf("change a question: %v", err)
	}
	olga.ask(direct, set+string(every), "⚠️ The question **Your Matrix ID**", "for no product that is sold")
	olga.ask(direct, set+string(workshop)+" Workshop", "but not for **Workshop**")
}
