package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/cmd/matrix-pretix/config"
)

// TestRulesSayWhichTicketsOpenARoom names products as phones and people write them.
func TestRulesSayWhichTicketsOpenARoom(t *testing.T) {
	f, olga, direct := started(t)
	ada, bob := f.person("ada"), f.person("bob")
	more := fields{"name": fields{"en": "Workshop on knots"}, "default_price": "5.00", "active": true}
	if err := f.conf.API(t.Context(), http.MethodPost, "items/", more, nil); err != nil {
		t.Fatalf("make a product: %v", err)
	}
	room := olga.eventRoom(fields{"room_version": "11"})
	set := "!setroom " + f.ref() + " " + string(room)

	olga.links(direct, room)
	olga.ask(direct, set+" „Online-Ticket“", "every ticket opened", "from now on it opens to tickets for **Online ticket** only")
	olga.ask(direct, set+" Ticket Student", "now opens to tickets for", "**Online ticket**", " or ", "**Ticket – Student**")
	olga.ask(direct, set+" work", "Which one is **work**?", "1. Workshop", "2. Workshop on knots")
	olga.ask(direct, "2", "now opens to tickets for", "**Workshop on knots**")
	olga.ask(direct, set+" Balcony", "There is no product **Balcony**", "Free ticket")
	olga.ask(direct, set+" Ticket Balcony", "**Ticket** has no variation **Balcony**", "Student")
	olga.ask(direct, set, "opens to tickets for", "**Online ticket**", f.ref()+" all` opens it to every ticket")

	f.buy(f.conf.Items.Ticket, ada, parts.OrderSpec{}) // a regular one
	f.buy(f.conf.Items.Online, bob, parts.OrderSpec{})
	olga.awaitMember(room, bob.ID, "invite")
	if got := olga.invited(room); len(got) != 1 {
		t.Errorf("%d invited, want the one whose ticket opens the room", len(got))
	}
	olga.ask(direct, set+" all", "opens to every ticket again", "2 tickets match; 1 person was not asked yet", "!batchinvite")
	olga.ask(direct, "!batchinvite", "Done", "1 invitation sent")
	olga.awaitMember(room, ada.ID, "invite")

	// Whoever may no more when they answer may not.
	olga.ask(direct, set+" work", "Which one is **work**?")
	olga.level(room, olga.ID, 0)
	olga.ask(direct, "2", "You need the role Admin (100)")
	olga.ask(direct, "!status "+string(room), "opens to every ticket")
}

// TestEventsAreNamedAsPeoplePasteThem has two people connect the same token, and one of them leave.
func TestEventsAreNamedAsPeoplePasteThem(t *testing.T) {
	f, olga, direct := started(t)
	ben, ada := f.person("ben"), f.person("ada")
	talk := ben.direct()
	ben.connects(talk, f.org.Tokens["minimal"])
	room := olga.eventRoom(nil)
	olga.links(direct, room)
	shop := strings.TrimSuffix(f.conf.URL, "/")
	for _, name := range []string{
		shop + "/", shop + "/redeem?voucher=X&locale=de", f.lab.Pretix.URL + "/control/event/" + f.org.Slug + "/conf/orders/",
		strings.ToUpper(f.org.Slug) + "/CONF", "conf", f.ref(),
	} {
		olga.ask(direct, "!setroom "+name+" https://matrix.to/#/"+string(room), "is linked already and opens to every ticket", "may invite")
	}
	olga.ask(direct, "!setroom https://elsewhere.example.org/conf/ "+string(room), "None of your connected Pretix accounts sees an event")

	olga.ask(direct, "!logins", "1. ", "2 events", "!logout <number>")
	first := olga.ask(direct, "!logout 1", "Forgotten", f.ref())
	olga.ask(direct, "!logins", "You have connected no Pretix account")
	olga.ask(direct, "!status "+f.ref(), "you need a Pretix account that sees it")
	f.order(false, ada.ID.String())
	olga.awaitMember(room, ada.ID, "invite")

	// She linked the room, and may not know of its orders any more. He may.
	olga.ask(direct, "Gone.", "I understand commands only")
	gone := olga.say(direct, "Really.")
	code := f.buy(f.conf.Items.Ticket, ada, parts.OrderSpec{Testmode: true})
	ben.hears(talk, "", "test order", code)
	control := ben.eventRoom(nil)
	ben.ask(control, "!control "+f.ref(), "can be commanded from this room")
	if last := ben.ask(talk, "!logout", "Forgotten", f.ref()); last != first {
		t.Errorf("who was the last to vouch is told %q, and another one %q: so one learns of the other", last, first)
	}
	ben.hears(control, ever, "no connected Pretix account sees it any more")
	if said := olga.botsSaid(direct, gone); len(said) != 0 {
		t.Errorf("she learns of somebody else's connection: %q", said)
	}
}

// TestUnlinkingTakesOneProof has a room's admin without any Pretix account, and an organizer without power over the room.
func TestUnlinkingTakesOneProof(t *testing.T) {
	f, olga, direct := started(t)
	gus, ada, bob := f.person("gus"), f.person("ada"), f.person("bob")
	talk := gus.direct()
	first, second := olga.eventRoom(nil), olga.eventRoom(fields{"room_version": "11"})
	for _, room := range []id.RoomID{first, second} {
		olga.links(direct, room)
		gus.joins(room, olga)
	}
	f.order(false, ada.ID.String(), bob.ID.String())
	for _, room := range []id.RoomID{first, second} {
		olga.awaitMember(room, ada.ID, "invite")
		olga.awaitMember(room, bob.ID, "invite")
	}
	bob.call("POST", "/join/"+esc(string(first)), fields{}, nil)

	gus.told(first, talk, "!unsetroom", "Either of these would do", "You have not shown that you speak for", "You need the role Admin (100)")
	olga.level(first, gus.ID, 100)
	gus.ask(talk, "!unsetroom "+string(first), "Unlinked", "1 invitation is not answered yet", "Answer `yes`, or `no`")
	gus.ask(talk, "yes", "may not take invitations back there", "Moderator (50)", "Answer `yes` again")
	olga.level(first, f.eventBot(f.conf), 50)
	gus.ask(talk, "yes", "1 invitation was taken back")
	gus.awaitMember(first, f.eventBot(f.conf), "leave")
	gus.awaitMember(first, f.bot(), "leave")
	if got := gus.member(first, ada.ID); got != "leave" {
		t.Errorf("who had not answered is %q, want leave", got)
	}
	if got := gus.member(first, bob.ID); got != "join" {
		t.Errorf("who had come in is %q, want join", got)
	}

	// The event's owner takes her event out of any room, but kicks nobody whom she could not.
	olga.level(second, gus.ID, 100)
	olga.level(second, olga.ID, 0)
	asked := olga.say(second, "!unsetroom")
	olga.hears(direct, ever, "Unlinked", "2 invitations are not answered yet")
	olga.awaitReaction(second, asked)
	olga.ask(direct, "yes", "You could not take invitations back in", "the invitations stand")
	olga.awaitMember(second, f.eventBot(f.conf), "leave")
	if got := len(olga.invited(second)); got != 3 {
		t.Errorf("%d are invited or in the room besides her, want all three", got)
	}
	olga.ask(direct, "!setroom "+f.ref()+" "+string(second), "I cannot see")
}

// refusing puts something between the program and the homeserver that answers the next request to a path of a certain end in its place.
func (f *fixture) refusing() (once func(end string)) {
	f.t.Helper()
	address, err := url.Parse(f.lab.Synapse.URL)
	if err != nil {
		f.t.Fatal(err)
	}
	var refused atomic.Value
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(address) }, ErrorLog: log.New(io.Discard, "", 0)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if end, _ := refused.Load().(string); end != "" && strings.HasSuffix(r.URL.Path, end) && refused.CompareAndSwap(end, "") {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	f.t.Cleanup(server.Close)
	f.cfg.Homeserver.Address = server.URL
	return func(end string) { refused.Store(end) }
}

// TestOnlyOurOwnInvitationsAreTakenBack has a room of two events, somebody with tickets of both, somebody whom the organizer invited herself, and a
// homeserver that does not always answer.
func TestOnlyOurOwnInvitationsAreTakenBack(t *testing.T) {
	f := deploy(t, config.SQLite)
	refuse := f.refusing()
	f.start()
	olga := f.person("olga")
	direct := olga.direct()
	olga.connects(direct, f.org.Tokens["minimal"])
	ada, bob, cleo := f.person("ada"), f.person("bob"), f.person("cleo")
	series := f.org.Events["series"]
	room := olga.eventRoom(nil)
	olga.links(direct, room)
	olga.ask(direct, "!setroom "+f.org.Slug+"/series "+string(room), "asks for the Matrix ID", "may invite")
	olga.asks(room, cleo.ID)
	f.order(false, ada.ID.String(), bob.ID.String(), cleo.ID.String())
	if _, err := series.CreateOrder(t.Context(), parts.OrderSpec{Positions: []parts.PositionSpec{{MatrixID: ada.ID.String()}}}); err != nil {
		t.Fatalf("make an order: %v", err)
	}
	olga.awaitMember(room, bob.ID, "invite")
	f.eventually("both events know whom they have invited", func() bool {
		one := olga.ask(direct, "!status "+f.ref(), "tickets count")
		two := olga.ask(direct, "!status "+f.org.Slug+"/series", "ticket counts")
		return strings.Contains(one, "3 invited") && strings.Contains(two, "1 invited")
	})
	olga.level(room, f.eventBot(f.conf), 50)
	olga.ask(direct, "!unsetroom "+f.ref()+" "+string(room), "Unlinked", "The event's bot leaves it.", "1 invitation is not answered yet")
	for _, end := range []string{string(room) + "/members", "/kick"} {
		refuse(end)
		olga.ask(direct, "yes", "does not answer me about that room", "Answer `yes` again")
	}
	olga.ask(direct, "yes", "1 invitation was taken back")
	olga.awaitMember(room, f.eventBot(f.conf), "leave")
	for who, want := range map[*person]string{ada: "invite", bob: "leave", cleo: "invite"} {
		if got := olga.member(room, who.ID); got != want {
			t.Errorf("%s is %q, want %s", who.ID, got, want)
		}
	}
	olga.ask(direct, "!status "+f.org.Slug+"/series", "1 invited")
	olga.ask(direct, "!unsetroom "+f.org.Slug+"/series "+string(room), "so do I", f.bot().String())
}

// TestBotsGoWhereTheyAreAskedAndWait has a control room, which hears of a room's faults and of a ticket with a typo.
func TestBotsGoWhereTheyAreAskedAndWait(t *testing.T) {
	f, olga, direct := started(t)
	ada, bob, cleo := f.person("ada"), f.person("bob"), f.person("cleo")
	bot := f.eventBot(f.conf)
	control := olga.eventRoom(nil)
	olga.ask(control, "!control "+f.ref(), "can be commanded from this room")

	// Without the role to invite the bridge bot cannot bring the event's bot, which cannot invite either.
	room := olga.eventRoom(fields{"power_level_content_override": fields{"invite": 50}})
	olga.ask(direct, "!setroom "+f.ref()+" "+string(room), "Please invite", bot.String())
	olga.asks(room, bot)
	olga.awaitMember(room, bot, "join")
	olga.ask(direct, "!setroom "+f.ref()+" "+string(room), bot.String()+" may not invite", "Moderator (50)")
	typo := f.order(false, ada.ID.String(), "ada at example.org")
	olga.level(room, bot, 50)
	olga.hears(control, ever, "inviting works")
	olga.awaitMember(room, ada.ID, "invite")

	olga.kicks(room, bot)
	olga.hears(control, ever, "was put out of the room", "it stays out until an admin of the room lifts its ban, if there is one, and invites it again")
	f.order(false, bob.ID.String(), cleo.ID.String())
	bob.joins(room, olga) // by hand meanwhile, and without the power to ask the bot in
	if bob.try("POST", "/rooms/"+esc(string(room))+"/invite", fields{"user_id": bot}, nil) == nil {
		t.Error("a member without power may invite: the test shows nothing")
	}
	f.eventually("the order waits for the room", func() bool {
		return strings.Contains(olga.ask(control, "!status", "was put out of the room"), "about to be invited")
	})
	olga.ask(control, "!stop", "1 person is not invited for now")
	back := olga.say(control, "We let it in again.")
	olga.kicks(room, f.bot()) // who would have to see that an admin asks
	olga.asks(room, bot)
	olga.awaitMember(room, bot, "leave")
	olga.asks(room, f.bot())
	olga.awaitMember(room, f.bot(), "join")
	olga.asks(room, bot)
	olga.hears(control, back, "inviting works")

	report := olga.hears(control, ever, "cannot be invited", typo, "Ticket – Regular", "no Matrix ID", "mended in the order")
	if strings.Contains(report, "ada at") || strings.Contains(report, ada.ID.String()) {
		t.Errorf("the report says who it is: %s", report)
	}
	olga.ask(control, "!stop", "Nobody was waiting")
	if got := olga.member(room, cleo.ID); got != "" {
		t.Errorf("somebody who was stopped is %q, want nothing", got)
	}

	// With nobody's account at Pretix, nothing is claimed of orders that nobody can read.
	olga.ask(direct, "!logout", "Forgotten")
	olga.ask(control, "!invite "+typo, "no connected Pretix account sees this event")
	olga.ask(control, "!batchinvite", "Not finished", "0 invitations sent", "1 person waits: no connected Pretix account", "!authorize")
	olga.connects(direct, f.org.Tokens["minimal"])
	olga.awaitMember(room, cleo.ID, "invite")
	olga.ask(control, "!batchinvite", "Nobody is left to invite")
	olga.ask(control, "!invite "+typo, "Order `"+typo+"`:", "invited")
	olga.ask(control, "!invite NOPE1", "There is no order `NOPE1`")
}
