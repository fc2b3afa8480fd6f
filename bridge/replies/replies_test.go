package replies

import (
	"strings"
	"testing"
	"time"

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
	list := Checklist{Event: known, Rules: []string{text}, Room: hall, Question: AskedFor{Found: found}}
	known2 := list
	known2.Question = AskedFor{Known: true, Question: question}
	uncovered, added := known2, known2
	uncovered.Coverage, added.Coverage = pretixconn.Coverage{Unasked: []int64{1}}, pretixconn.Coverage{Added: []int64{1}}
	uncovered.Products = []api.Item{{ID: 1, Name: name}}
	added.Products = uncovered.Products
	proposed := list
	proposed.Question = AskedFor{Found: pretixconn.Found{Proposal: &question}}
	link := database.Link{Event: evil, Room: hall, State: database.LinkSuspended, Reason: database.LinkNoPower}
	failures := []Failure{{Failure: database.Failure{Code: "ABC12", Problem: "invalid"}, Product: text}}
	rooms := []RoomStatus{{ShownLink: ShownLink{Event: known, Link: link, Rules: []string{text}}}}
	return map[string]string{
		"unknown command":   UnknownCommand(text, "", "!pretix"),
		"unknown event":     UnknownEvent(text, []pretixconn.Login{{Live: true}}, "@bot:example.org"),
		"event of the dead": UnknownEvent(text, []pretixconn.Login{login}, "@bot:example.org"),
		"which event":       WhichEvent([]NamedEvent{{Key: evil, Name: text}}),
		"linking":           Linking(known),
		"reading":           ReadingOrders(known, 3),
		"linked":            Linked(list, LinkMade, true),
		"narrowed":          Linked(known2, LinkNarrowed, false),
		"proposed":          Linked(proposed, LinkWidened, false),
		"uncovered":         Linked(uncovered, LinkMade, true),
		"added":             Linked(added, LinkMade, true),
		"has rules":         HasRules(link, []string{text}),
		"links":             Links([]ShownLink{{Event: known, Link: link, Rules: []string{text}}}, "!pretix"),
		"link changed":      LinkNews(known, link),
		"unknown item":      UnknownItem(text, choices),
		"unknown variation": UnknownVariation(text, text, choices),
		"no variations":     UnknownVariation(text, text, nil),
		"which item":        WhichItem(text, choices),
		"no question":       NoSuchQuestion(typed.ErrNoQuestion, text, found),
		"question set":      QuestionSet(question),
		"unlinked":          Unlinked(EndedLink{Event: known, Queued: 1, Unanswered: 2, Bridge: "@bot:example.org", Manual: true}),
		"control on":        ControlOn(known, Nobody, "!pretix"),
		"control linked":    ControlOn(known, Attendees, "!pretix"),
		"control open":      ControlOn(known, Anybody, "!pretix"),
		"controls":          ControlUsage([]NamedEvent{{Key: evil, Name: text}}, "!pretix"),
		"control added":     ControlAdded(known, hall, "@olga:example.org"),
		"control ended":     ControlEnded(known, hall, "@olga:example.org"),
		"control off":       ControlOff(known, hall),
		"replaced":          Replaced(known, hall, "!new:example.org"),
		"closed":            Replaced(known, hall, ""),
		"followed":          Followed(known, link),
		"not followed":      NotFollowed(known, link, authority.NotByAdmin),
		"follow awaits":     FollowAwaitsRole(known, link, 50),
		"follow over":       FollowOver(known, link),
		"connected":         Connected(login),
		"logins":            Logins([]pretixconn.Login{login}),
		"logged out":        LoggedOut(pretixconn.LoggedOut{Login: login}),
		"login died":        LoginDied(login, pretixconn.DeadRefused),
		"login unreadable":  LoginDied(login, pretixconn.DeadUnreadable),
		"report":            Report(known, failures, 30, noon),
		"status":            Status(EventStatus{Event: known, Whole: true, Rooms: rooms, Failures: failures, Now: noon}),
		"order unserved":    OrderInvited(InvitedOrder{Code: "ABC12", Unserved: []Unserved{{Product: text}, {Product: text, Lack: pretixconn.LackPosition}}}),
		"no login":          NoLogin(known),
		"question gone":     QuestionGone(known),
		"test order":        TestOrder(known, inviter.TestOrder{Code: "ABC12", Rooms: []id.RoomID{hall}, WouldAsk: 1}),
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

func TestTokensAreNeverSaidAgain(t *testing.T) {
	const token = "p9q2z7m4x1c8v5b3n6k0j2h4g7f1d8s5a3w6e9r2t4y7u1i8o5l3z6x9c2v4b7n1"
	for name, reply := range repliesTo("Here: " + token + "!") {
		if strings.Contains(reply, token[:16]) {
			t.Errorf("%s says it: %s", name, reply)
		}
	}
}
