package bridge

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/bridgev2"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/inviter"
	"matrix-pretix/bridge/typed"
	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// hostile is what somebody may write as a name, a product, a question or an argument to make us say something else.
const hostile = "<b>x</b> **loud** `code` [tap](https://evil.example) @room @eve:evil.example #den:evil.example\n- ✅ line"

// harmful are parts of it that must not come out as they went in: markup, a link, a mention, a line of our own.
var harmful = []string{"<b>", "**loud", " `code`", "](https://evil", "https://evil", "@room", "@eve:", "#den:", "\n- ✅ line"}

var (
	evil    = database.EventKey{Instance: "eu", Organizer: "acme", Event: "conf"}
	evilOne = database.Event{Key: evil, Name: hostile, Bot: "@pretix_conf:example.org"}
	hall    = id.RoomID("!hall:example.org")
	noon    = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
)

// repliesTo is everything that we say with somebody else's words in it.
func repliesTo(text string) map[string]string {
	name, known := api.Text{"en": text}, evilOne
	known.Name, known.QuestionIdentifier = text, text
	question := api.Question{ID: 3, Question: name, PerOrder: true}
	found := pretixconn.Found{Choices: []api.Question{question}, Unusable: []api.Question{question}}
	choices := []typed.Choice{{ID: 1, Names: []string{text}}, {ID: 2, Names: []string{text}}}
	login := pretixconn.Login{Name: text, Events: []database.EventKey{evil}, Lacks: []string{text}}
	list := checklist{Event: known, Rules: []string{text}, Room: hall, Question: askedFor{Found: found}}
	known2 := list
	known2.Question = askedFor{Known: true, Question: question}
	proposed := list
	proposed.Question = askedFor{Found: pretixconn.Found{Proposal: &question}}
	link := database.Link{Event: evil, Room: hall, State: database.LinkSuspended, Reason: database.LinkNoPower}
	failures := []failureText{{Failure: database.Failure{Code: "ABC12", Problem: "invalid"}, Product: text}}
	rooms := []roomStatus{{linkText: linkText{Event: known, Link: link, Rules: []string{text}}}}
	return map[string]string{
		"unknown command":   sayUnknownCommand(text, "", "!pretix"),
		"unknown event":     sayUnknownEvent(text, true, "@bot:example.org"),
		"which event":       sayWhichEvent([]meant{{Key: evil, Name: text}}),
		"linking":           sayLinking(known),
		"reading":           sayReading(known, 3),
		"linked":            sayLinked(list, linkMade, true),
		"narrowed":          sayLinked(known2, linkNarrowed, false),
		"proposed":          sayLinked(proposed, linkWidened, false),
		"has rules":         sayHasRules(link, []string{text}),
		"links":             sayLinks([]linkText{{Event: known, Link: link, Rules: []string{text}}}, "!pretix"),
		"link changed":      sayLinkChanged(known, link),
		"unknown item":      sayUnknownItem(text, choices),
		"unknown variation": sayUnknownVariation(text, text, choices),
		"no variations":     sayUnknownVariation(text, text, nil),
		"which item":        sayWhichItem(text, choices),
		"no question":       sayNoSuchQuestion(typed.ErrNoQuestion, text, found),
		"question set":      sayQuestionSet(question),
		"unlinked":          sayUnlinked(unlinked{Event: known, Queued: 1, Unanswered: 2, Bridge: "@bot:example.org", Manual: true}),
		"control on":        sayControlOn(known, false, "!pretix"),
		"control linked":    sayControlOn(known, true, "!pretix"),
		"control added":     sayControlAdded(known, hall, "@olga:example.org"),
		"control ended":     sayControlEnded(known, hall, "@olga:example.org"),
		"control off":       sayControlOff(known, hall),
		"replaced":          sayReplaced(known, hall, "!new:example.org"),
		"closed":            sayReplaced(known, hall, ""),
		"followed":          sayFollowed(known, link),
		"not followed":      sayNotFollowed(known, link, authority.NotByAdmin),
		"follow awaits":     sayFollowAwaitsRole(known, link, 50),
		"follow over":       sayFollowOver(known, link),
		"connected":         sayConnected(login),
		"logins":            sayLogins([]pretixconn.Login{login}),
		"logged out":        sayLoggedOut(pretixconn.LoggedOut{Login: login}),
		"login died":        sayLoginDied(login),
		"report":            sayReport(known, failures, 30, noon),
		"status":            sayStatus(eventStatus{Event: known, Whole: true, Rooms: rooms, Failures: failures, Now: noon}),
		"no login":          sayNoLogin(known),
		"question gone":     sayQuestionGone(known),
		"test order":        sayTestOrder(known, inviter.TestOrder{Code: "ABC12", Rooms: []id.RoomID{hall}, WouldAsk: 1}),
	}
}

func TestWordsOfOthersDoNothingInReplies(t *testing.T) {
	for name, reply := range repliesTo(hostile) {
		for _, part := range harmful {
			if strings.Contains(reply, part) {
				t.Errorf("%s lets %q through: %q", name, part, reply)
			}
		}
	}
}

func TestRepliesStayShortWhateverOthersWrite(t *testing.T) {
	const most = 1600 // a phone's screen or two
	for name, reply := range repliesTo(strings.Repeat("very long ", 1000)) {
		if n := len([]rune(reply)); n > most {
			t.Errorf("%s has %d characters, want at most %d", name, n, most)
		}
	}
}

// TestCommandsInRepliesCanBeTyped looks for a command's name in code without what makes it a command.
func TestCommandsInRepliesCanBeTyped(t *testing.T) {
	replies := repliesTo("Conference")
	replies["failed"] = sayFailed(pretixconn.ErrNoLogin)
	replies["later"] = sayQuestionLater(evil)
	replies["no room yet"] = sayNoRoomYet(evil)
	replies["question first"] = sayQuestionFirst(evil)
	replies["not read anew"] = sayNotReadAnew(api.ErrUnavailable)
	replies["linked, but"] = sayLinkedBut(linking{key: evil, room: typed.Room{ID: hall}}, api.ErrUnavailable)
	replies["stray token"] = sayStrayToken(true)
	for _, place := range []linkPlace{isTalk, isControlRoom} {
		replies[fmt.Sprint("which room ", place)] = sayWhichRoom(place, evil)
	}
	replies["not connected"] = sayUnknownEvent("conf", false, "@bot:example.org")
	replies["not linked"] = sayNotLinked(evil)
	replies["not control"] = sayNotControl(evil)
	replies["controls"] = sayControls([]id.RoomID{hall})
	replies["no logins"] = sayLogins(nil)
	replies["dead"] = sayLogins([]pretixconn.Login{{Name: "eu"}})
	replies["stopped"] = sayStopped(2)
	replies["perhaps burnt"] = sayPerhapsBurnt(false)
	for _, h := range []hindrance{hindranceNone, hindranceLogin, hindranceQuestion, hindranceGone, hindranceScan} {
		replies["hindrance "+string(h)] = sayHindrance(h)
	}
	for _, kind := range []authority.Kind{authority.EventAdmin, authority.EventModerator, authority.Suspended, authority.OwnLogin} {
		replies[string(kind)] = sayMissing(authority.Missing{Kind: kind, Event: evil, Room: hall})
	}
	for _, cmd := range commandTable() {
		replies["help "+cmd.name] = sayHelpAbout(cmd)
	}
	for name, reply := range replies {
		for i, code := range strings.Split(reply, "`") {
			word, _, _ := strings.Cut(code, " ")
			if _, known := findCommand(word); i%2 == 1 && known {
				t.Errorf("%s offers `%s`, which nobody hears: %s", name, code, reply)
			}
		}
	}
}

// TestRefusalsSayWhatIsMissingAndWhoCanGiveIt has one of each kind of thing that may be missing.
func TestRefusalsSayWhatIsMissingAndWhoCanGiveIt(t *testing.T) {
	ask := []authority.Giver{{Kind: authority.Admin, Room: hall, People: []id.UserID{"@olga:example.org"}}}
	for kind, want := range map[authority.Kind][]string{
		authority.Permission:     {"your account", "Whoever runs this Matrix server"},
		authority.EventAdmin:     {"speak for", "!authorize"},
		authority.EventModerator: {"help with", "!authorize"},
		authority.EventUnproven:  {"Pretix does not answer", "try again"},
		authority.RoomAdmin:      {"Moderator (50)", "You can ask", "@olga"},
		authority.RoomModerator:  {"Moderator (50)", "You can ask", "@olga"},
		authority.NotInRoom:      {"You are not in", "You can ask", "@olga"},
		authority.RoomUnreadable: {"cannot see", "invite me"},
		authority.RoomUpgraded:   {"replaced", "new one"},
		authority.NotLinked:      {"is not linked to", "!setroom", "You can ask", "@olga"},
		authority.Suspended:      {"suspended", "!status"},
		authority.SenderInvite:   {"yourself", "Moderator (50)", "You can ask"},
		authority.SenderKick:     {"yourself", "Moderator (50)", "You can ask"},
		authority.BotNotInRoom:   {"@pretix_conf", "is not in", "You can ask", "@olga"},
		authority.BotInvite:      {"@pretix_conf", "lacks", "Moderator (50)", "You can ask"},
		authority.BotKick:        {"@pretix_conf", "lacks", "Moderator (50)", "You can ask"},
		authority.OwnLogin:       {"!logins"},
		authority.Unknown:        {"Nobody may do that"},
	} {
		missing := authority.Missing{Kind: kind, Event: evil, Room: hall, Needs: 50, Givers: ask, Why: authority.NotRead, Bot: evilOne.Bot}
		got := sayRefused(authority.Decision{Missing: []authority.Missing{missing}})
		for _, words := range want {
			if !strings.Contains(got, words) {
				t.Errorf("%s is refused without %q: %s", kind, words, got)
			}
		}
		if strings.Contains(got, "this room") {
			t.Errorf("%s is refused with words that may be read in another room: %s", kind, got)
		}
	}
	for claim, tc := range map[string]struct {
		giver authority.Giver
		want  string
	}{
		"an outsider is told whom to look for": {authority.Giver{Kind: authority.Moderator, Room: hall}, "A moderator of that room can invite you"},
		"a room whose admins are not known":    {authority.Giver{Kind: authority.Admin, Room: hall}, "An admin of that room can invite you"},
	} {
		if got := sayMissing(authority.Missing{Kind: authority.NotInRoom, Room: hall, Givers: []authority.Giver{tc.giver}}); !strings.Contains(got, tc.want) {
			t.Errorf("%s: got %q", claim, got)
		}
	}
	lacks := authority.Missing{Kind: authority.BotInvite, Room: hall, Needs: 50}
	once := authority.Decision{Missing: []authority.Missing{lacks}, Targets: []authority.Target{{Room: hall, Missing: []authority.Missing{lacks}}}}
	if got := sayRefused(once); got != sayMissing(lacks) {
		t.Errorf("what the only room lacks is not said once: %s", got)
	}
	either := authority.Decision{Either: true, Missing: []authority.Missing{{Kind: authority.EventAdmin, Event: evil}, {Kind: authority.NotInRoom, Room: hall}}}
	if got := sayRefused(either); !strings.Contains(got, "Either of these would do") {
		t.Errorf("two ways are not offered as a choice: %s", got)
	}
}

func TestNumbersReadAsSentences(t *testing.T) {
	for _, tc := range []struct{ got, want string }{
		{count(1, "order"), "1 order"},
		{count(0, "order"), "0 orders"},
		{each(time.Minute), "minute"},
		{each(90 * time.Second), "2 minutes"},
		{each(time.Second), "second"},
		{each(30 * time.Second), "30 seconds"},
		{roughly(49 * time.Second), "50 seconds"},
		{roughly(50 * time.Second), "1 minute"},
		{roughly(3 * time.Hour), "3 hours"},
		{roughly(72 * time.Hour), "3 days"},
		{ago(time.Time{}, noon), "never"},
		{ago(noon.Add(-2*time.Minute), noon), "2 minutes ago"},
		{sayStopped(1), "Stopped: 1 person is not invited for now. `!batchinvite` takes it up again."},
		{sayCounts([]database.InviteCount{{State: database.InviteInvited, Count: 2}, {State: database.InviteHeld, Count: 1}}, noon), "2 invited, 0 joined, 1 not asked yet (`!batchinvite`)"},
	} {
		if tc.got != tc.want {
			t.Errorf("got %q, want %q", tc.got, tc.want)
		}
	}
}

// TestStatusShowsNoMoreThanItMay has the status of a room for its moderator, who does not command the event.
func TestStatusShowsNoMoreThanItMay(t *testing.T) {
	room := roomStatus{linkText: linkText{Event: evilOne, Link: database.Link{Event: evil, Room: hall, State: database.LinkActive}}}
	text := sayStatus(eventStatus{Event: evilOne, Rooms: []roomStatus{room}, Tickets: database.TicketCount{Tickets: 4711}, Now: noon})
	for _, secret := range []string{"4711", "Orders last read", "Cannot be invited"} {
		if strings.Contains(text, secret) {
			t.Errorf("tells %q: %s", secret, text)
		}
	}
}

// TestChecklistSaysOfTicketsWhatStandsInTheRows has tickets sold before a room was linked, and what became of their holders.
func TestChecklistSaysOfTicketsWhatStandsInTheRows(t *testing.T) {
	for _, tc := range []struct {
		name            string
		tickets, blanks int
		invites         tallied
		want, never     string
	}{
		{"one held", 1, 0, tallied{Held: 1}, "1 ticket matches already. They are not invited by this: `!batchinvite` does that.", "were asked"},
		{"some asked", 3, 0, tallied{Held: 1, Invited: 1, Gone: 1}, "3 tickets match; 1 person was not asked yet.", "all whom"},
		{"all asked", 2, 0, tallied{Invited: 1, Joined: 1}, "✅ 2 tickets match, and all whom they name were asked.", "no Matrix ID"},
		{"none has an ID", 200, 200, tallied{}, "200 of them name no Matrix ID, so that nobody can be invited by them. It can be added to the order", "asked"},
		{"one has none", 3, 1, tallied{Invited: 2}, "1 of them names no Matrix ID", "❌"},
		{"in hand", 3, 0, tallied{Invited: 1, Queued: 1, Failed: 1}, "1 person was asked, 1 about to be, 1 cannot be.", "✅"},
		{"none sold", 0, 0, tallied{}, "✅ No ticket sold so far opens the room.", "asked"},
	} {
		list := checklist{Matching: database.MatchingCount{Tickets: tc.tickets, Unnamed: tc.blanks}, Invites: tc.invites, Question: askedFor{Known: true}}
		got := sayMatchingLine(list)
		if !strings.Contains(got, tc.want) || strings.Contains(got, tc.never) {
			t.Errorf("%s: want %q and never %q: %s", tc.name, tc.want, tc.never, got)
		}
	}
}

// TestWhatFailsCostsItsOwnLineOfTheChecklist has a link that stands while Pretix does not answer.
func TestWhatFailsCostsItsOwnLineOfTheChecklist(t *testing.T) {
	list := checklist{
		Event: evilOne, Room: hall, Bot: botStanding{Joined: true, CanInvite: true}, Every: time.Minute,
		ShopErr: api.ErrUnavailable, Unread: errors.New("disk full of secrets"), HookErr: api.ErrForbidden,
	}
	text := sayLinked(list, linkMade, true)
	for _, want := range []string{"is linked", "may invite", "could not see whether the shop is live", "could not read which question", "could not see whether Pretix tells me",
		"`!setroom acme/conf " + string(hall) + "`"} {
		if !strings.Contains(text, want) {
			t.Errorf("not said: %q in %s", want, text)
		}
	}
	if strings.Contains(text, "secrets") || strings.Contains(text, "try again; if") {
		t.Errorf("said as if nothing had been done: %s", text)
	}
}

// TestWebhookThatWorksIsNotAskedForAgain has one that somebody entered by hand, which no login may see.
func TestWebhookThatWorksIsNotAskedForAgain(t *testing.T) {
	list := checklist{
		Event: evilOne, Room: hall, Every: time.Minute, Now: noon, Private: true,
		Webhook: pretixconn.WebhookReport{State: pretixconn.WebhookManual, Target: "https://bridge.example.org/secret"},
	}
	for name, tc := range map[string]struct {
		heard time.Time
		want  bool
	}{"never": {time.Time{}, true}, "a minute ago": {noon.Add(-time.Minute), false}, "last week": {noon.Add(-7 * 24 * time.Hour), true}} {
		list.Heard = tc.heard
		if got := sayWebhookLine(list); strings.Contains(got, list.Webhook.Target) != tc.want {
			t.Errorf("heard %s: asked for %v, want %v: %s", name, !tc.want, tc.want, got)
		}
	}
	list.Heard, list.Private = time.Time{}, false
	if got := sayWebhookLine(list); strings.Contains(got, list.Webhook.Target) || !strings.Contains(got, "`!setroom acme/conf "+string(hall)+"`") {
		t.Errorf("where others listen: %s", got)
	}
}

func TestTokensAreNeverSaidAgain(t *testing.T) {
	const token = "p9q2z7m4x1c8v5b3n6k0j2h4g7f1d8s5a3w6e9r2t4y7u1i8o5l3z6x9c2v4b7n1"
	for name, reply := range repliesTo("Here: " + token + "!") {
		if strings.Contains(reply, token[:16]) {
			t.Errorf("%s says it: %s", name, reply)
		}
	}
}

// TestWhoLogsOutDoesNotLearnOfOthers has one who was the last to serve an event, and one who was not.
func TestWhoLogsOutDoesNotLearnOfOthers(t *testing.T) {
	last := pretixconn.LoggedOut{Given: []database.EventKey{evil}, Unserved: []database.EventKey{evil}}
	first := pretixconn.LoggedOut{Given: []database.EventKey{evil}}
	if one, other := sayLoggedOut(last), sayLoggedOut(first); one != other || !strings.Contains(one, eventName(evil)) {
		t.Errorf("the last one is told %q, another one %q", one, other)
	}
}

func TestInstancesOnOneHostAreToldApart(t *testing.T) {
	step := &bridgev2.LoginStep{StepID: pretixconn.StepInstance}
	text := sayLoginStep(step, []pretixconn.Instance{
		{Key: "a", URL: &url.URL{Scheme: "https", Host: "tickets.example.org", Path: "/one/"}},
		{Key: "b", URL: &url.URL{Scheme: "https", Host: "tickets.example.org", Path: "/two/"}},
	}) + "\n"
	if !strings.Contains(text, quote("a (tickets.example.org/one)")+"\n") || !strings.Contains(text, quote("b (tickets.example.org/two)")+"\n") {
		t.Errorf("asks: %s", text)
	}
}
