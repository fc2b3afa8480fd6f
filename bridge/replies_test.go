package bridge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/inviter"
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
	choices := []choice{{ID: 1, Names: []string{text}}, {ID: 2, Names: []string{text}}}
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
		"no question":       sayNoSuchQuestion(errNoQuestion, text, found),
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
	replies["later"] = sayQuestionLater
	replies["not connected"] = sayUnknownEvent("conf", false, "@bot:example.org")
	replies["not linked"] = sayNotLinked(evil)
	replies["not control"] = sayNotControl(evil)
	replies["controls"] = sayControls([]id.RoomID{hall})
	replies["no logins"] = sayLogins(nil)
	replies["dead"] = sayLogins([]pretixconn.Login{{Name: "eu"}})
	replies["stopped"] = sayStopped(2)
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
		authority.NotInRoom:      {"You are not in"},
		authority.RoomUnreadable: {"cannot see", "invite me"},
		authority.RoomUpgraded:   {"replaced", "new one"},
		authority.NotLinked:      {"does not belong to"},
		authority.Suspended:      {"suspended", "!status"},
		authority.SenderInvite:   {"yourself", "Moderator (50)", "You can ask"},
		authority.SenderKick:     {"yourself", "Moderator (50)", "You can ask"},
		authority.BotNotInRoom:   {"bot is not in"},
		authority.BotInvite:      {"bot lacks", "Moderator (50)", "You can ask"},
		authority.BotKick:        {"bot lacks", "Moderator (50)", "You can ask"},
		authority.OwnLogin:       {"!logins"},
		authority.Unknown:        {"Nobody may do that"},
	} {
		missing := authority.Missing{Kind: kind, Event: evil, Room: hall, Needs: 50, Givers: ask, Why: authority.NotRead}
		got := sayRefused(authority.Decision{Missing: []authority.Missing{missing}})
		for _, words := range want {
			if !strings.Contains(got, words) {
				t.Errorf("%s is refused without %q: %s", kind, words, got)
			}
		}
	}
	lacks := authority.Missing{Kind: authority.BotInvite, Room: hall, Needs: 50}
	once := authority.Decision{Missing: []authority.Missing{lacks}, Targets: []authority.Target{{Room: hall, Missing: []authority.Missing{lacks}}}}
	if got := sayRefused(once); got != sayMissing(lacks) {
		t.Errorf("what the only room lacks is not said once: %s", got)
	}
	either := authority.Decision{Either: true, Missing: []authority.Missing{{Kind: authority.EventAdmin, Event: evil}, {Kind: authority.NotInRoom, Room: hall}}}
	if got := sayRefused(either); !strings.HasPrefix(got, "One of these is missing") {
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
		{sayMatchingLine(checklist{Matching: 1, Held: 1}), "ℹ️ 1 ticket matches already. They are not invited by this: `!batchinvite` does that. From now on each new one is invited."},
		{sayMatchingLine(checklist{Matching: 3, Held: 1, Asked: 2}), "ℹ️ 3 tickets match; 1 person was not asked yet. `!batchinvite` invites them. Each new ticket is invited by itself."},
		{sayMatchingLine(checklist{Matching: 2, Asked: 2}), "✅ 2 tickets match, and all who hold them were asked. Each new one is invited, too."},
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

// TestFailuresOfPretixAreToldApart has the faults that a person can do something about, each with what to do.
func TestFailuresOfPretixAreToldApart(t *testing.T) {
	seen := []string{}
	for _, err := range []error{pretixconn.ErrNoLogin, api.ErrForbidden, api.ErrUnavailable, errors.New("disk full of secrets")} {
		text := sayFailed(fmt.Errorf("do something: %w", err))
		if strings.Contains(text, "secrets") || slices.Contains(seen, text) {
			t.Errorf("%v is answered with %q", err, text)
		}
		seen = append(seen, text)
	}
}
