package replies

import (
	"os"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/pretixconn"
	"matrix-pretix/pretixconn/api"
)

// TestCommandsInRepliesCanBeTyped looks for a command's name in code without what makes it a command.
func TestCommandsInRepliesCanBeTyped(t *testing.T) {
	replies := repliesTo("Conference")
	replies["failed"] = Failed(pretixconn.ErrNoLogin)
	replies["later"] = QuestionLater(evil)
	replies["no room yet"] = NoRoomYet(evil)
	replies["question first"] = QuestionFirst(evil)
	replies["not read anew"] = NotReadAnew(api.ErrUnavailable)
	replies["linked, but"] = LinkedBut(evil, hall, api.ErrUnavailable)
	replies["stray token"] = StrayToken(true)
	replies["which room, not a talk"] = WhichRoomNotTalk(evil)
	replies["which room, not a control room"] = WhichRoomNotControl(evil)
	replies["not connected"] = UnknownEvent("conf", nil, "@bot:example.org")
	replies["not linked"] = NotLinked(evil)
	replies["not control"] = NotControl(evil)
	replies["controls"] = commandedFrom([]id.RoomID{hall})
	replies["no logins"] = Logins(nil)
	replies["dead"] = Logins([]pretixconn.Login{{Name: "eu"}})
	replies["stopped"] = Stopped(2)
	replies["event first"] = EventFirst("setroom")
	replies["control usage"] = ControlUsage(nil, "!pretix")
	replies["welcome"] = Welcome("!pretix")
	replies["plain words"] = PlainWords
	replies["nothing asked"] = NothingAsked
	replies["order usage"] = InviteUsage("!pretix")
	replies["empty order"] = OrderInvited(InvitedOrder{Code: "ABC12"})
	replies["perhaps burnt"] = TokenPerhapsBurnt(false)
	for _, h := range []Hindrance{HindranceNone, HindranceLogin, HindranceQuestion, HindranceGone, HindranceScan} {
		replies["hindrance "+string(h)] = hindered(h)
	}
	for _, kind := range []authority.Kind{authority.EventAdmin, authority.EventModerator, authority.Suspended, authority.OwnLogin} {
		replies[string(kind)] = Missing(authority.Missing{Kind: kind, Event: evil, Room: hall})
	}
	commands := make(map[string]bool)
	for _, cmd := range Commands() {
		replies["help "+cmd.Name] = HelpAbout(cmd)
		for _, name := range append(cmd.Aliases, cmd.Name) {
			commands[name] = true
		}
	}
	for name, reply := range replies {
		for i, code := range strings.Split(reply, "`") {
			word, _, _ := strings.Cut(code, " ")
			if i%2 == 1 && commands[word] {
				t.Errorf("%s offers `%s`, which nobody hears: %s", name, code, reply)
			}
		}
	}
}

func TestReadmeListsTheCommandsAsHelpDoes(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| command | what it does |\n|---|---|\n")
	table, _, ended := strings.Cut(table, "\n\n")
	if !found || !ended {
		t.Fatal("there is no table of commands")
	}
	rows := strings.Split(table, "\n")
	for i, cmd := range Commands() {
		// In a table of Markdown a bar needs a backslash.
		want := "| `" + strings.TrimSpace("!"+cmd.Name+" "+strings.ReplaceAll(cmd.Usage, "|", `\|`)) + "` |"
		if i >= len(rows) {
			t.Errorf("row %d: want %s", i+1, want)
		} else if !strings.HasPrefix(rows[i], want) {
			t.Errorf("row %d: got %s, want %s", i+1, rows[i], want)
		}
	}
	if more := len(rows) - len(Commands()); more > 0 {
		t.Errorf("got %d rows more than there are commands", more)
	}
}
