package authority

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"
)

// givers writes down who can give what is missing: "event admin: login owner, control admin !desk [@bob:example.org]".
func givers(d Decision) string {
	var texts []string
	for _, m := range d.Missing {
		var each []string
		for _, giver := range m.Givers {
			text := string(giver.Kind)
			if giver.Room != "" {
				text += " " + string(giver.Room)
			}
			if len(giver.People) > 0 {
				text += fmt.Sprint(" ", giver.People)
			}
			each = append(each, text)
		}
		texts = append(texts, string(m.Kind)+": "+strings.Join(each, ", "))
	}
	return strings.Join(texts, "; ")
}

func TestRefusalsSayWhoCanGiveWhatIsMissing(t *testing.T) {
	const anyEvent = "event admin: login owner, control admin"
	holdAs(t, []row{
		{"the room's admins, to somebody in the room", ask(Link, in("!a"), owning(conf), plain("!a", 50)), "room admin: admin !a [@bob:example.org]"},
		{"a creator among them", ask(Link, in("!a"), owning(conf), plain("!a", 50, version("12"), is(maker, "join"))),
			"room admin: admin !a [@maker:example.org @bob:example.org]"},
		{"no admin who has left", ask(Link, in("!a"), owning(conf), plain("!a", 50, is(bob, "leave"))), "room admin: admin !a"},
		{"nobody by name to somebody outside", ask(Link, in("!a"), owning(conf), plain("!a", 50, gone(ada))), "not in room: moderator !a"},
		{"somebody with a login or an admin of a control room", ask(Link, in("!a"), plain("!a", 100)), anyEvent},
		{"no owner of a login by name", ask(Link, in("!a"), plain("!a", 100), others(bob, conf)), anyEvent},
		{"the control room's admins, to somebody in it", ask(Link, in("!a"), plain("!a", 100), control("!desk", 50)),
			"event admin: login owner, control admin !desk [@bob:example.org]"},
		{"no control room to somebody outside it", ask(Link, in("!a"), plain("!a", 100), control("!desk", 50, gone(ada))), anyEvent},
		{"no control room that was replaced", ask(Link, in("!a"), plain("!a", 100), control("!desk", 50, upgraded)), anyEvent},
		{"the control room's moderators for a command", ask(Report, control("!desk", 0, gives("@eve:example.org", 50), is("@eve:example.org", "join"))),
			"event moderator: login owner, control moderator !desk [@bob:example.org @eve:example.org]"},
		{"either of both for taking away", ask(Unlink, in("!a"), linked("!a", 50)),
			anyEvent + "; room admin: admin !a [@bob:example.org]"},
		{"an admin for a room whose levels are text", ask(Link, in("!a"), owning(conf), plain("!a", "100")), "room unreadable: admin !a"},
		{"nobody for a room of an unknown version", ask(Link, in("!a"), owning(conf), plain("!a", 100, version("x"))), "room unreadable: "},
		{"the room's admins for the bot's power", ask(BatchInvite, owning(conf), linked("!a", 50, gives(bot, 0))), "bot's invite: admin !a [@bob:example.org]"},
		{"the room's admins for the bot that is not there", ask(BatchInvite, owning(conf), linked("!a", 50, gone(bot))), "bot not in room: admin !a [@bob:example.org]"},
		{"the room's admins for a link", ask(BatchInvite, in("!c"), owning(conf), plain("!c", 50)), "not linked: admin !c [@bob:example.org]"},
		{"no admin for a link by name to somebody outside", ask(BatchInvite, in("!c"), owning(conf), plain("!c", 50, gone(ada))), "not linked: admin !c"},
		{"the host for the right to command", ask(Help, blocked), "permission: host"},
		{"nobody for another person's login", ask(Logout, named("theirs"), others(bob)), "login of one's own: "},
	}, givers)
}

func TestRefusalsNameTheLevelThatWouldDo(t *testing.T) {
	for claim, tc := range map[string]struct {
		r    Request
		want int64
	}{
		"admin":                      {ask(Link, in("!a"), owning(conf), plain("!a", 50)), 100},
		"admin, tuned":               {ask(Link, in("!a"), owning(conf), plain("!a", 50, asks(AdminType.Type, 75))), 75},
		"the bot's level to invite":  {ask(BatchInvite, owning(conf), linked("!a", 50, gives(bot, 0))), 50},
		"the level to invite":        {ask(BatchInvite, owning(conf), linked("!a", 50, set("invite", 55))), 55},
		"the level to kick":          {ask(Withdraw, owning(conf), linked("!a", 40)), 50},
		"the level to kick a member": {ask(Withdraw, owning(conf), linked("!a", 60, set("users_default", 60), gives(bot, 61))), 61},
	} {
		d := Decide(tc.r)
		if len(d.Missing) != 1 || d.Missing[0].Needs != tc.want {
			t.Errorf("%s: got %+v, want one that needs %d", claim, d.Missing, tc.want)
		}
	}
}

func TestStrangersAreNotToldWhoOrWhat(t *testing.T) {
	full := []fact{control("!desk", 100, gone(ada)), linked("!a", 100, gone(ada)), others(bob, conf)}
	bare := []fact{plain("!a", 100, gone(ada))}
	for _, action := range allActions {
		told, empty := Decide(ask(action, append(slices.Clone(full), in("!a"))...)), Decide(ask(action, append(slices.Clone(bare), in("!a"))...))
		if got := people(told); len(got) > 0 {
			t.Errorf("%s: a stranger is told of %v", action, got)
		}
		if verdict(told) != verdict(empty) || givers(told) != givers(empty) {
			t.Errorf("%s: a stranger can tell an event with rooms from one without: %q and %q", action, verdict(told), verdict(empty))
		}
	}
}

var allActions = []Action{
	Help, Version, Authorize, Logins, Logout, Link, Unlink, ControlOn, ControlOff, SetSetting, ShowLinks,
	BatchInvite, InviteOrder, Withdraw, Stop, Status, Report,
}

func TestOurBotsAreNobodyToAsk(t *testing.T) {
	d := Decide(ask(Link, in("!a"), owning(conf), plain("!a", 50, gives(bot, 100), is(bob, "leave"))))
	if got := people(d); slices.Contains(got, id.UserID(bot)) || slices.Contains(got, bridge) {
		t.Errorf("got %v, want no bot among those who can give", got)
	}
}
