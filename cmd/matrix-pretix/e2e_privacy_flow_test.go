package main

import (
	"net/url"
	"strings"
	"syscall"
	"time"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
)

// guest is an attendee with everything that Pretix knows of them. Each text has a random tail and so can be searched for.
type guest struct {
	mark  string // is in their Matrix ID, however that is written
	typed string // their answer to the question for it
	name  string
	email string
	food  string // their answer to another question
}

// newGuest invents somebody who types their Matrix ID in that form, in which %s is the name in it and %S the same in capitals.
func newGuest(name, form string) guest {
	mark := parts.Unique(name)
	return guest{
		mark: mark, typed: strings.NewReplacer("%s", mark, "%S", strings.ToUpper(mark)).Replace(form),
		name: parts.Unique("Name of " + name), email: parts.Unique("mail-"+name) + "@example.org", food: parts.Unique("food-" + name),
	}
}

func (g guest) texts() []string {
	mailbox, _, _ := strings.Cut(g.email, "@")
	return []string{g.mark, g.name, mailbox, g.food}
}

// position is the guest's ticket.
func (f *flow) position(g guest, item int64) parts.PositionSpec {
	p := parts.PositionSpec{
		Item: item, AttendeeName: g.name, AttendeeEmail: g.email, MatrixID: g.typed, Answers: map[int64]string{f.food: g.food},
	}
	if item == f.conf.Items.Ticket {
		p.Variation = f.conf.Variations.Regular
	}
	return p
}

// sell makes an order of tickets for guests. The buyer's address is the first one's.
func (f *flow) sell(item int64, pending bool, guests ...guest) string {
	f.t.Helper()
	spec := parts.OrderSpec{Pending: pending, Email: guests[0].email}
	for _, g := range guests {
		spec.Positions = append(spec.Positions, f.position(g, item))
	}
	made, err := f.conf.CreateOrder(f.t.Context(), spec)
	if err != nil {
		f.t.Fatalf("make an order: %v", err)
	}
	return made.Code
}

// registered gives a guest an account, whose name at the homeserver has something odd in it if odd is not empty.
func (f *fixture) registered(g guest, odd string) *person {
	f.t.Helper()
	user, err := f.lab.Synapse.Register(f.t.Context(), g.mark+odd, parts.UserOptions{})
	if err != nil {
		f.t.Fatalf("register: %v", err)
	}
	return &person{f: f, ID: id.UserID(user.UserID), token: user.AccessToken}
}

// flow is one whole life of a deployment, from the first start to the logout.
type flow struct {
	*fixture
	olga         *person
	direct       id.RoomID
	open, sealed id.RoomID // sealed is encrypted
	guests       []guest
	jo           *secretive // joins the sealed room
	joMark       guest
	codes        []string
	food         int64 // the other question
	runs         []*running
}

// launch starts the program as a process of its own: its log is every byte that it writes.
func (f *flow) launch() {
	f.t.Helper()
	p := launch(f.t, f.cfg)
	p.ready(f.t, f.cfg)
	f.runs = append(f.runs, p)
}

// quit stops the program, which closes its database.
func (f *flow) quit() {
	f.t.Helper()
	p := f.runs[len(f.runs)-1]
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		f.t.Fatal(err)
	}
	if got := p.exits(f.t, stopLimit); got != statusOK {
		f.t.Errorf("it ended with status %d, want 0", got)
	}
}

// sellBefore sells tickets before any room is linked: these are for a batch.
func (f *flow) sellBefore() {
	f.t.Helper()
	var question struct {
		ID int64 `json:"id"`
	}
	err := f.conf.API(f.t.Context(), "POST", "questions/", fields{
		"question": fields{"en": "What do you eat?"}, "type": "S", "required": false, "items": []int64{f.conf.Items.Ticket, f.conf.Items.Online},
		"identifier": "food", "position": 9,
	}, &question)
	if err != nil {
		f.t.Fatalf("make another question: %v", err)
	}
	f.food = question.ID
	nora, otto := newGuest("nora", "@%s:lab.example"), newGuest("otto", " “@%s:lab.example” ")
	f.registered(nora, "")
	f.registered(otto, "")
	f.guests = append(f.guests, nora, otto)
	f.codes = append(f.codes, f.sell(f.conf.Items.Ticket, false, nora, otto))
}

func (f *flow) connectAndLink() {
	f.t.Helper()
	f.olga = f.person("olga")
	f.direct = f.olga.direct()
	f.olga.connects(f.direct, f.org.Tokens["minimal"])
	f.open = f.olga.eventRoom(nil)
	f.sealed = f.olga.eventRoom(fields{"initial_state": []fields{{
		"type": "m.room.encryption", "state_key": "", "content": fields{"algorithm": id.AlgorithmMegolmV1},
	}}})
	f.olga.links(f.direct, f.open)
	f.olga.links(f.direct, f.sealed, `"Online ticket"`)
}

// invite has people invited: by a batch, by a webhook, and some who cannot be.
func (f *flow) invite() {
	f.t.Helper()
	f.olga.ask(f.direct, "!batchinvite", "Done", "2 invitations sent")
	valid := []struct{ name, form, odd string }{
		{"ada", "@%s:lab.example", ""},
		{"bob", "https://matrix.to/#/%40%s%3Alab.example", ""},
		{"cleo", "%s:LAB.Example.", ""},
		{"dora", `"@%S:lab.example"`, ""},
		{"eve", "matrix:u/%s:lab.example?action=chat", ""},
		{"kim", "@%s/x=+y:lab.example", "/x=+y"},
	}
	hopeless := []struct{ name, form string }{
		{"fay", "@%s at lab example"},                 // a typo
		{"gus", "@%s:lab.example"},                    // nobody
		{"hal", "@%s:unreachable.invalid"},            // a server that is none
		{"ivy", "%s@example.org"},                     // an e-mail address
		{"mo", "@%s/&x<y>'z\":lab.example"},           // the historical grammar
		{"ned", "@%s:lab.example @also-%s:x.example"}, // two
	}
	var order []guest
	for _, who := range valid {
		g := newGuest(who.name, who.form)
		f.registered(g, who.odd)
		order = append(order, g)
	}
	for _, who := range hopeless {
		order = append(order, newGuest(who.name, who.form))
	}
	f.guests = append(f.guests, order...)
	code := f.sell(f.conf.Items.Ticket, true, order...)
	f.codes = append(f.codes, code)
	if err := f.conf.MarkPaid(f.t.Context(), code); err != nil {
		f.t.Fatalf("pay: %v", err)
	}
	f.eventually("everybody is invited who can be", func() bool { return len(f.olga.invited(f.open)) == 2+len(valid) })
}

// comeAndGo lets people do in the rooms what people do.
func (f *flow) comeAndGo() {
	f.t.Helper()
	people := f.olga.invited(f.open)
	stay, _ := people[0], people[1]
	for i, who := range people[:4] {
		token := f.login(who)
		if i == 1 { // declines
			token.call("POST", "/rooms/"+esc(string(f.open))+"/leave", fields{"reason": "no time"}, nil)
			continue
		}
		token.call("POST", "/join/"+esc(string(f.open)), fields{}, nil)
		token.say(f.open, "hello, here is "+who.String())
		if i == 2 {
			token.call("POST", "/rooms/"+esc(string(f.open))+"/leave", fields{}, nil)
		}
		if i == 3 {
			f.olga.call("POST", "/rooms/"+esc(string(f.open))+"/ban", fields{"user_id": who}, nil)
		}
	}
	f.olga.awaitMember(f.open, stay, "join")

	// Two hold tickets for the encrypted room: one comes in and talks with the bot, one is only invited.
	f.jo = f.secretive("jo")
	f.joMark = newGuest("jo", f.jo.UserID.String())
	f.joMark.mark = f.jo.UserID.Localpart()
	lea := newGuest("lea", "@%s:lab.example")
	f.registered(lea, "")
	f.guests = append(f.guests, lea)
	f.codes = append(f.codes, f.sell(f.conf.Items.Online, false, f.joMark, lea))
	f.jo.WaitForMember(f.sealed, f.jo.UserID, event.MembershipInvite)
	f.jo.Enter(f.sealed)
	f.jo.WaitForEncryption(f.sealed)
	f.olga.awaitMember(f.sealed, f.jo.UserID, "join")
	f.jo.asks(f.sealed, "!pretix help", f.sealed, "setroom")
}

// login logs a guest in once more, by the shared secret of the lab.
func (f *flow) login(who id.UserID) *person {
	f.t.Helper()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	err := f.lab.Synapse.Call(f.t.Context(), f.lab.Synapse.Admin.AccessToken, "POST",
		"/_synapse/admin/v1/users/"+url.PathEscape(who.String())+"/login", fields{}, &answer)
	if err != nil {
		f.t.Fatalf("log a guest in: %v", err)
	}
	return &person{f: f.fixture, ID: who, token: answer.AccessToken}
}

// command has the organizer ask for everything that has to do with people.
func (f *flow) command() {
	f.t.Helper()
	f.olga.ask(f.direct, "!status "+f.org.Slug+"/conf", "declined", "banned", "without a usable Matrix ID", "e-mail address", f.codes[1])
	f.olga.ask(f.direct, "!invite "+f.codes[1]+" "+f.org.Slug+"/conf", "Order", "invited")

	// A buyer changes an ID.
	pia := newGuest("pia", "@%s:lab.example")
	account := f.registered(pia, "")
	f.guests = append(f.guests, pia)
	made, err := f.conf.Order(f.t.Context(), f.codes[0])
	if err != nil {
		f.t.Fatalf("read the order: %v", err)
	}
	if err := f.conf.SetMatrixID(f.t.Context(), made.Positions[0].ID, pia.typed); err != nil {
		f.t.Fatalf("change an ID: %v", err)
	}
	f.olga.awaitMember(f.open, account.ID, "invite")
}

// hearReport waits for the notice of whom the bridge could not serve. Failures are gathered for a minute first.
func (f *flow) hearReport() {
	f.t.Helper()
	deadline := time.Now().Add(2 * patience)
	for {
		for _, m := range f.olga.messages(f.direct) {
			if strings.Contains(m.Body, "cannot be invited for now") && strings.Contains(m.Body, f.codes[1]) {
				return
			}
		}
		if time.Now().After(deadline) {
			f.t.Fatal("no report of whom the bridge could not serve")
		}
		<-time.After(200 * time.Millisecond)
	}
}

// unlinkSealed unlinks the encrypted room. One invitation into it is unanswered, so the bridge bot asks what shall become of it, and gets no
// answer: what encryption kept must go all the same.
func (f *flow) unlinkSealed() {
	f.t.Helper()
	f.olga.ask(f.direct, "!unsetroom "+f.org.Slug+"/conf "+f.sealed.String(), "Unlinked", "Shall I take them back?")
	f.eventually("the members of the encrypted room are forgotten", func() bool { return len(f.database().holding(f.joMark.mark)) == 0 })
}
