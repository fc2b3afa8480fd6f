package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
)

// onEach runs a test on each kind of database.
func onEach(t *testing.T, test func(t *testing.T, f *fixture)) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) { test(t, deploy(t, kind)) })
	}
}

// order buys tickets, one for each ID that was typed, as an order that is paid.
func (f *fixture) order(pending bool, typed ...string) string {
	f.t.Helper()
	spec := parts.OrderSpec{Pending: pending}
	for _, matrixID := range typed {
		spec.Positions = append(spec.Positions, parts.PositionSpec{MatrixID: matrixID})
	}
	made, err := f.conf.CreateOrder(f.t.Context(), spec)
	if err != nil {
		f.t.Fatalf("make an order: %v", err)
	}
	return made.Code
}

func TestPaidOrderInvitesEachPositionAndReportsTheTypo(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		t.Parallel() // most of it is waiting for the report
		f.threePositions("minimal")
	})
}

// TestSweepsAloneDoTheJob has no public address, so that Pretix cannot call.
func TestSweepsAloneDoTheJob(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, f *fixture) {
		t.Parallel()
		f.cfg.AppService.PublicAddress, f.cfg.Network.SweepInterval = "", time.Second
		if list := f.threePositions("readonly"); !strings.Contains(list, "look for new orders every") {
			t.Errorf("the checklist does not say how soon: %s", list)
		}
	})
}

// threePositions starts the program and has an order of three positions paid, one of them with a typo. It returns the checklist of the link.
func (f *fixture) threePositions(token string) (list string) {
	f.t.Helper()
	f.start()
	olga, ada, bob := f.person("olga"), f.person("ada"), f.person("bob")
	direct := olga.direct()
	olga.connects(direct, f.org.Tokens[token])
	room := olga.eventRoom(nil)
	list = olga.links(direct, room)
	code := f.order(true, ada.ID.String(), bob.ID.String(), "it's complicated")
	if err := f.conf.MarkPaid(f.t.Context(), code); err != nil {
		f.t.Fatalf("pay: %v", err)
	}
	olga.awaitMember(room, ada.ID, "invite")
	olga.awaitMember(room, bob.ID, "invite")
	if got, want := olga.invited(room), sorted(ada.ID, bob.ID); !slices.Equal(got, want) {
		f.t.Errorf("%d invited, want %d", len(got), len(want))
	}
	olga.ask(direct, "!status", "2 invited", code)
	olga.hears(direct, ever, "1 ticket cannot be invited", code, "no Matrix ID")
	return list
}

// TestTicketsOpenTheRoomsTheyShould has two rooms, one for every ticket and one for the online ticket, and orders of each kind that must not count.
func TestTicketsOpenTheRoomsTheyShould(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		f.start()
		olga, ada, bob, cleo := f.person("olga"), f.person("ada"), f.person("bob"), f.person("cleo")
		early, nobody := f.person("early"), f.person("nobody")
		direct := olga.direct()
		olga.connects(direct, f.org.Tokens["minimal"])
		everyone, online := olga.eventRoom(nil), olga.eventRoom(nil)
		// Three tickets sold before: one stays, one is canceled with a fee, one only after the link knows of it.
		f.buy(f.conf.Items.Ticket, early, parts.OrderSpec{})
		f.cancels(f.buy(f.conf.Items.Ticket, nobody, parts.OrderSpec{}), "5.00")
		known := f.buy(f.conf.Items.Ticket, nobody, parts.OrderSpec{})
		olga.links(direct, everyone)
		f.cancels(known, "")
		olga.links(direct, online, "“Online ticket”")
		f.buy(f.conf.Items.Ticket, ada, parts.OrderSpec{})
		f.buy(f.conf.Items.Online, bob, parts.OrderSpec{})
		pending := f.buy(f.conf.Items.Ticket, nobody, parts.OrderSpec{Pending: true})
		test := f.buy(f.conf.Items.Ticket, nobody, parts.OrderSpec{Testmode: true})
		canceled := f.buy(f.conf.Items.Ticket, nobody, parts.OrderSpec{Pending: true})
		f.cancels(canceled, "")
		f.buy(f.conf.Items.Ticket, cleo, parts.OrderSpec{}) // the last one: whoever is to be invited for another is so by then
		olga.awaitMember(everyone, cleo.ID, "invite")
		f.handled(pending, test, canceled)
		olga.awaitMember(everyone, ada.ID, "invite")
		olga.awaitMember(everyone, bob.ID, "invite")
		olga.awaitMember(online, bob.ID, "invite")
		olga.hears(direct, ever, "test order", "nobody is invited")
		f.settled()
		olga.ask(direct, "!batchinvite", "Done", "1 invitation sent")
		if got, want := olga.invited(everyone), sorted(early.ID, ada.ID, bob.ID, cleo.ID); !slices.Equal(got, want) {
			t.Errorf("the room for every ticket has %d invited, want %d", len(got), len(want))
		}
		if got, want := olga.invited(online), sorted(bob.ID); !slices.Equal(got, want) {
			t.Errorf("the room for online tickets has %d invited, want %d", len(got), len(want))
		}

		// The question is deleted in Pretix and made anew.
		eve := f.person("eve")
		f.makeQuestionAnew()
		f.buy(f.conf.Items.Online, eve, parts.OrderSpec{})
		olga.awaitMember(online, eve.ID, "invite")
		olga.awaitMember(everyone, eve.ID, "invite")
	})
}

// makeQuestionAnew deletes the question that asks for the Matrix ID and makes another of the same identifier.
func (f *fixture) makeQuestionAnew() {
	f.t.Helper()
	path := fmt.Sprintf("questions/%d/", f.conf.Questions.Matrix)
	var question fields
	if err := f.conf.API(f.t.Context(), http.MethodGet, path, nil, &question); err != nil {
		f.t.Fatalf("read the question: %v", err)
	}
	if err := f.conf.API(f.t.Context(), http.MethodDelete, path, nil, nil); err != nil {
		f.t.Fatalf("delete the question: %v", err)
	}
	delete(question, "id")
	var made struct{ ID int64 }
	if err := f.conf.API(f.t.Context(), http.MethodPost, "questions/", question, &made); err != nil {
		f.t.Fatalf("make the question anew: %v", err)
	}
	if made.ID == f.conf.Questions.Matrix {
		f.t.Fatalf("the new question has the ID of the old one, %d", made.ID)
	}
	f.conf.Questions.Matrix = made.ID
}

// cancels cancels an order, keeping the fee if one is given.
func (f *fixture) cancels(code, fee string) {
	f.t.Helper()
	if err := f.conf.Cancel(f.t.Context(), code, fee); err != nil {
		f.t.Fatalf("cancel: %v", err)
	}
}

// buy makes an order of one ticket for a person.
func (f *fixture) buy(item int64, who *person, spec parts.OrderSpec) string {
	f.t.Helper()
	position := parts.PositionSpec{Item: item, MatrixID: who.ID.String()}
	if item == f.conf.Items.Ticket {
		position.Variation = f.conf.Variations.Regular
	}
	spec.Positions = []parts.PositionSpec{position}
	made, err := f.conf.CreateOrder(f.t.Context(), spec)
	if err != nil {
		f.t.Fatalf("make an order: %v", err)
	}
	return made.Code
}

// TestChangedIDIsInvitedAndWhoHasGoneIsNotAskedAgain buys in the shop, where the buyer changes an answer later, and has guests who leave, decline and are
// put out. All of them hold tickets until the end, bought again after they went.
func TestChangedIDIsInvitedAndWhoHasGoneIsNotAskedAgain(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		f.start()
		olga, ada, bob, dan, eve := f.person("olga"), f.person("ada"), f.person("bob"), f.person("dan"), f.person("eve")
		cleo, nameless := f.person("cleo"), f.nameless("dora")
		direct := olga.direct()
		olga.connects(direct, f.org.Tokens["minimal"])
		room := olga.eventRoom(nil)
		olga.links(direct, room)

		bought := f.shops(ada, bob, dan, eve)
		for _, who := range []*person{ada, bob, dan, eve} {
			olga.awaitMember(room, who.ID, "invite")
		}
		ada.call("POST", "/join/"+esc(string(room)), fields{}, nil)
		ada.leaves(room)
		dan.leaves(room) // declines
		olga.kicks(room, bob.ID)
		olga.ask(direct, "!status", "left the room", "declined", "removed from the room")

		// The buyer changes the order, which makes it due: the new ID is invited, and nobody who has gone.
		made, err := f.conf.Order(t.Context(), bought.Code)
		if err != nil {
			t.Fatalf("read the order: %v", err)
		}
		if err := f.conf.EditAsCustomer(t.Context(), bought.URL, made.Positions[3].ID, cleo.ID.String()); err != nil {
			t.Fatalf("change the ID as the buyer: %v", err)
		}
		olga.awaitMember(room, cleo.ID, "invite")
		f.handled(f.order(false, ada.ID.String(), bob.ID.String(), dan.ID.String(), nameless.ID.String()))
		olga.awaitMember(room, nameless.ID, "invite")
		for _, gone := range []*person{ada, bob, dan} {
			if got := olga.member(room, gone.ID); got != "leave" {
				t.Errorf("somebody who has gone is %q after a second ticket, want leave", got)
			}
		}

		// The organizer's word asks once more.
		olga.ask(direct, "!invite "+bought.Code, "invited")
		for _, gone := range []*person{ada, bob, dan} {
			olga.awaitMember(room, gone.ID, "invite")
		}
	})
}

// shops buys a ticket for each in the event's shop, as a customer does.
func (f *fixture) shops(people ...*person) *parts.Bought {
	f.t.Helper()
	card, err := f.org.NewGiftCard(f.t.Context(), "900.00")
	if err != nil {
		f.t.Fatalf("make a gift card: %v", err)
	}
	purchase := parts.Purchase{GiftCard: card}
	for _, who := range people {
		purchase.Tickets = append(purchase.Tickets, parts.PositionSpec{MatrixID: who.ID.String()})
	}
	bought, err := f.conf.Buy(f.t.Context(), purchase)
	if err != nil {
		f.t.Fatalf("buy in the shop: %v", err)
	}
	return bought
}

// nameless registers somebody whose profile looks as if there were nobody, but whose client has uploaded its keys, as clients do.
func (f *fixture) nameless(name string) *person {
	f.t.Helper()
	user, err := f.lab.Synapse.Register(f.t.Context(), parts.Unique(name), parts.UserOptions{NoName: true})
	if err != nil {
		f.t.Fatalf("register: %v", err)
	}
	p := &person{f: f, ID: id.UserID(user.UserID), token: user.AccessToken}
	keys := fields{"curve25519:" + user.DeviceID: "c3VyZWx5IG5vdCBhIHJlYWwga2V5", "ed25519:" + user.DeviceID: "c3VyZWx5IG5vdCBhIHJlYWwga2V5"}
	p.call("POST", "/keys/upload", fields{"device_keys": fields{
		"user_id": user.UserID, "device_id": user.DeviceID, "algorithms": []string{"m.megolm.v1.aes-sha2"}, "keys": keys, "signatures": fields{},
	}}, nil)
	return p
}

// TestBatchInvitesEverybody runs under the homeserver's default limits, under which a normal user's bot comes to ten.
func TestBatchInvitesEverybody(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		const tickets = 300
		f.start()
		olga := f.person("olga")
		people, err := f.lab.Synapse.Users(t.Context(), parts.Unique("guest"), tickets)
		if err != nil {
			t.Fatalf("register people: %v", err)
		}
		if _, err := f.conf.ManyOrders(t.Context(), tickets, func(i int) string { return people[i].UserID }); err != nil {
			t.Fatalf("make orders: %v", err)
		}
		direct := olga.direct()
		olga.connects(direct, f.org.Tokens["minimal"])
		room := olga.eventRoom(nil)
		if list := olga.links(direct, room); !strings.Contains(list, "300 tickets match") {
			t.Errorf("the checklist does not count the tickets sold before: %s", list)
		}
		if got := olga.invited(room); len(got) != 0 {
			t.Errorf("%d invited by linking alone, want 0", len(got))
		}
		began := time.Now()
		asked := olga.say(direct, "!batchinvite")
		f.eventually("all are invited", func() bool { return len(olga.invited(room)) == tickets })
		t.Logf("%d invitations in %s", tickets, time.Since(began).Round(time.Millisecond))
		olga.hears(direct, asked, "Done", "300 invitations sent")
	})
}

func sorted(ids ...id.UserID) []id.UserID {
	slices.Sort(ids)
	return ids
}
