package authority

import (
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

func TestWhoSeesTheStatus(t *testing.T) {
	hold(t, []row{
		{"the owner", ask(Status, owning(conf), linked("!a", 0), linked("!b", nil, gone(ada))), "yes !a !b"},
		{"a control room's moderator", ask(Status, control("!desk", 50), linked("!a", 0)), "yes !a"},
		{"a control room's member", ask(Status, from("!desk"), control("!desk", 49), linked("!a", 0)), "no: event moderator"},
		{"a control room's moderator after a ban", ask(Status, control("!desk", 50, is(ada, "ban")), linked("!a", 0)), "no: event moderator"},
		{"the moderator of a control room that was replaced", ask(Status, control("!desk", 50, upgraded), linked("!a", 0)), "no: event moderator"},
		{"a moderator of another event's control room", ask(Status, controlOf(summer, "!desk", 100), linked("!a", 0)), "no: event moderator"},
		{"a moderator asking for another event's numbers", ask(Status, about(summer), control("!desk", 50), linked("!a", 50)), "no: event moderator"},
		{"the owner asking for another event's numbers", ask(Status, about(otherConf), owning(conf)), "no: event moderator"},
		{"an attendee room's moderator asking for another event's numbers in it",
			ask(Status, in("!a"), about(summer), linked("!a", 50)), "no: not linked !a"},
		{"the owner of an event without rooms", ask(Status, owning(conf)), "yes"},
		{"the moderator of a linked room", ask(Status, linked("!a", 50), linked("!b", 0)), "yes !a"},
		{"the moderator of a suspended room", ask(Status, in("!a"), suspended("!a", 50)), "yes !a"},
		{"the moderator of a replaced room", ask(Status, in("!a"), linked("!a", 50, upgraded)), "no: event moderator or room upgraded !a"},
		{"an attendee", ask(Status, from("!a"), in("!a"), linked("!a", 0)), "no: event moderator or room moderator !a"},

		{"the report: the owner", ask(Report, owning(conf)), "yes"},
		{"the report: a control room's moderator", ask(Report, control("!desk", 50)), "yes"},
		{"the report: a linked room's admin", ask(Report, in("!a"), linked("!a", 100)), "no: event moderator"},
		{"the report: another event's owner", ask(Report, owning(summer)), "no: event moderator"},

		{"links: the room's moderator", ask(ShowLinks, about(noEvent), in("!a"), linked("!a", 50)), "yes"},
		{"links: the room's member", ask(ShowLinks, about(noEvent), in("!a"), linked("!a", 0)), "no: room moderator !a"},
		{"links: the owner of an event linked there", ask(ShowLinks, about(noEvent), in("!a"), linked("!a", 0), owning(conf)), "yes"},
		{"links: the owner of an event that is not linked there", ask(ShowLinks, about(noEvent), in("!a"), linked("!a", 0), owning(summer)), "no: room moderator !a"},
		{"links: of one event, its owner", ask(ShowLinks, in("!a"), linked("!a", 0), owning(conf)), "yes"},
		{"links: of one event, a stranger", ask(ShowLinks, in("!a"), linked("!a", 0)), "no: event moderator or room moderator !a"},
		{"links: of a room that was not read", ask(ShowLinks, about(noEvent), in("!a"), unreadLink("!a")), "no: room unreadable !a (not read)"},
	})
}

func TestWhatIsShown(t *testing.T) {
	everything, figures := "all +codes +secrets", "all +codes"
	holdAs(t, []row{
		{"to the owner in a DM everything", ask(Status, owning(conf), linked("!a", 0)), everything},
		{"to a control room's moderator in a DM all but secrets", ask(Status, control("!desk", 50)), figures},
		{"to a control room's admin in it everything", ask(Status, from("!desk"), control("!desk", 100)), everything},
		{"to a control room's moderator in it all but secrets", ask(Status, from("!desk"), control("!desk", 50)), figures},
		{"in another room no codes and no secrets", ask(Status, from("!pub"), owning(conf), plain("!pub", 0)), "all"},
		{"in another event's control room no codes", ask(Status, from("!other"), owning(conf), controlOf(summer, "!other", 100)), "all"},
		{"typed in a linked room by the owner: everything, in the DM", ask(Status, from("!a"), owning(conf), linked("!a", 0)), everything},
		{"typed in a control room that tickets open: everything, in the DM",
			ask(Status, from("!desk"), control("!desk", 100, opens)), everything},
		{"in a DM that tickets open: everything, but in another", ask(Status, from("!dm"), owning(conf), linked("!dm", 100)), everything},
		{"to a linked room's moderator that room alone", ask(Status, linked("!a", 50), linked("!b", 0)), "!a"},
		{"to a moderator of two linked rooms those two", ask(Status, linked("!a", 50), linked("!b", 100), linked("!c", 0)), "!a !b"},
		{"to a linked room's admin no more than to its moderator", ask(Status, in("!a"), linked("!a", 100)), "!a"},
		{"to a linked room's moderator in the control room, as a mere member, that room alone",
			ask(Status, from("!desk"), control("!desk", 0), linked("!a", 50)), "!a"},
		{"to whoever is refused nothing", ask(Status, linked("!a", 0)), "nothing"},
		{"of a batch by a linked room's moderator their rooms", ask(BatchInvite, linked("!a", 50), linked("!b", 50, gone(bot))), "!a"},
		{"of a link everything to whoever made it from a DM", ask(Link, in("!a"), plain("!a", 100), owning(conf)), everything},
		{"of a link typed in the room itself everything, in the DM", ask(Link, in("!a"), from("!a"), plain("!a", 100), owning(conf)), everything},
		{"of a link that turns this control room into an attendee room everything, in the DM",
			ask(Link, in("!desk"), from("!desk"), control("!desk", 100)), everything},
		{"of a new control room no codes yet, for it was none", ask(ControlOn, in("!desk"), from("!desk"), plain("!desk", 100), owning(conf)), "all"},
		{"of an unlinking by the room's admin that room", ask(Unlink, in("!a"), linked("!a", 100)), "!a"},
		{"of a report all but secrets to a moderator", ask(Report, control("!desk", 50)), figures},
		{"of help nothing", ask(Help, owning(conf)), "nothing"},
		{"of one's connections nothing of any event", ask(Logins, owning(conf)), "nothing"},
		{"links: all events to the room's moderator",
			ask(ShowLinks, about(noEvent), in("!a"), linked("!a", 50), sharing(summer, "!a")), "!a eu/lab/conf eu/lab/summer"},
		{"links: their own event to its owner",
			ask(ShowLinks, about(noEvent), in("!a"), linked("!a", 0), sharing(summer, "!a"), owning(summer)), "!a eu/lab/summer"},
		{"links: nothing of another room to the room's moderator",
			ask(ShowLinks, about(noEvent), in("!a"), linked("!a", 50), linkedTo(summer, "!b", 50)), "!a eu/lab/conf"},
		{"links: one event to its owner", ask(ShowLinks, in("!a"), linked("!a", 0), sharing(summer, "!a"), owning(conf)), "all eu/lab/conf +codes +secrets"},
		{"links: the events commanded from it to the room's moderator", ask(ShowLinks, about(noEvent), in("!desk"), control("!desk", 50)), "!desk eu/lab/conf"},
		{"links: a room with none to its moderator", ask(ShowLinks, about(noEvent), in("!a"), plain("!a", 50)), "!a"},
	}, func(d Decision) string { return shows(d.Scope) })
}

// sharing links one more event to a room that is described already.
func sharing(key database.EventKey, room id.RoomID) fact {
	return func(r *Request) { r.Links = append(r.Links, LinkedRoom{Event: key, Room: room}) }
}

func TestWhereTheAnswerBelongs(t *testing.T) {
	holdAs(t, []row{
		{"a DM: there", ask(Status, owning(conf)), "here !dm"},
		{"a control room: there", ask(Status, from("!desk"), control("!desk", 50)), "here !desk"},
		{"another room: there", ask(Status, from("!pub"), owning(conf), plain("!pub", 0)), "here !pub"},
		{"a linked room: the one control room", ask(Status, from("!a"), linked("!a", 50), control("!desk", 0)), "control room !desk"},
		{"a linked room, the sender not in the control room: the DM", ask(Status, from("!a"), linked("!a", 50), control("!desk", 50, gone(ada))), "direct"},
		{"a linked room, the control room unread: the DM", ask(Status, from("!a"), linked("!a", 50), unreadControl("!desk")), "direct"},
		{"a linked room, two control rooms: the DM", ask(Status, from("!a"), linked("!a", 50), control("!desk", 50), control("!back", 50)), "direct"},
		{"a linked room, the control room opened by tickets: the DM", ask(Status, from("!a"), linked("!a", 50), control("!desk", 50, opens)), "direct"},
		{"a linked room, another event's control room: the DM", ask(Status, from("!a"), linked("!a", 50), controlOf(summer, "!desk", 50)), "direct"},
		{"a room that another event's tickets open: the DM", ask(Status, from("!a"), owning(conf), plain("!a", 50, opens)), "direct"},
		{"a suspended room, for its people are still there: the DM", ask(Status, from("!a"), suspended("!a", 50)), "direct"},
		{"a room that was not read: the DM", ask(Status, from("!a"), owning(conf)), "direct"},
		{"a room that is being linked: the DM", ask(Link, in("!a"), from("!a"), plain("!a", 100), owning(conf)), "direct"},
		{"a room that is being linked from the control room: there", ask(Link, in("!a"), from("!desk"), plain("!a", 100), control("!desk", 100)), "here !desk"},
		{"the only control room being linked: the DM", ask(Link, in("!desk"), from("!desk"), control("!desk", 100)), "direct"},
		{"a refusal in a linked room: not there either", ask(Report, from("!a"), linked("!a", 0)), "direct"},
		{"help in a linked room: there", ask(Help, from("!a"), linked("!a", 0)), "here !a"},
		{"version in a linked room: there", ask(Version, from("!a"), linked("!a", 0)), "here !a"},
		{"connecting an account in a room: the DM", ask(Authorize, from("!pub"), plain("!pub", 0)), "direct"},
		{"listing connections in a control room: the DM", ask(Logins, from("!desk"), control("!desk", 100)), "direct"},
		{"forgetting a login in a DM: there", ask(Logout, named("own"), owning()), "here !dm"},
		{"somebody whom the host shuts out: no DM is made", ask(Status, from("!a"), linked("!a", 100), blocked), "here !a"},
	}, func(d Decision) string {
		if d.Answer.Room == "" {
			return string(d.Answer.Kind)
		}
		return string(d.Answer.Kind) + " " + string(d.Answer.Room)
	})
}
