package authority

import "testing"

// hall is a room in which Ada is an admin, so that the proof over the event decides alone.
var hall = plain("!hall", 100)

func TestProofOverAnEvent(t *testing.T) {
	const no = "no: event admin"
	hold(t, []row{
		{"one's own live login that sees the event", ask(Link, in("!hall"), hall, owning(conf)), "yes"},
		{"one of two own logins", ask(Link, in("!hall"), hall, owning(summer), owning(conf)), "yes"},
		{"one's own login beside another person's", ask(Link, in("!hall"), hall, others(bob, conf), owning(conf)), "yes"},
		{"no login at all", ask(Link, in("!hall"), hall), no},
		{"a login logged out has gone from the list", ask(Link, in("!hall"), hall, owning()), no},
		{"a login that Pretix revoked", ask(Link, in("!hall"), hall, revoked(conf)), no},
		{"a login taken from the event's team", ask(Link, in("!hall"), hall, owning(summer)), no},
		{"another person's login", ask(Link, in("!hall"), hall, others(bob, conf)), no},
		{"another person's login with one's own ID", ask(Link, in("!hall"), hall, others(bob, conf), revoked(conf)), no},
		{"a login without an owner", ask(Link, in("!hall"), hall, others("", conf)), no},
		{"one's own name in capitals", ask(Link, in("!hall"), hall, others("@ADA:example.org", conf)), no},
		{"the same slug at another organizer", ask(Link, in("!hall"), hall, owning(otherConf)), no},
		{"the same organizer and slug on another instance", ask(Link, in("!hall"), hall, owning(distantConf)), no},
		{"the other organizer's owner speaks for that event", ask(Link, in("!hall"), hall, owning(otherConf), about(otherConf)), "yes"},
		{"the other instance's owner speaks for that event", ask(Link, in("!hall"), hall, owning(distantConf), about(distantConf)), "yes"},
		{"no event named", ask(Link, in("!hall"), hall, owning(conf, summer), about(noEvent)), no},
		{"no event named and a login that lists nothing", ask(Link, in("!hall"), hall, owning(noEvent), about(noEvent)), no},
		{"half an event named", ask(Link, in("!hall"), hall, owning(halfEvent), about(halfEvent)), no},

		{"admin in a control room", ask(Link, in("!hall"), hall, control("!desk", 100)), "yes"},
		{"moderator in a control room", ask(Link, in("!hall"), hall, control("!desk", 50)), no},
		{"one level short of admin in a control room", ask(Link, in("!hall"), hall, control("!desk", 99)), no},
		{"admin in the second of two control rooms", ask(Link, in("!hall"), hall, control("!desk", 0), control("!back", 100)), "yes"},
		{"admin in a control room once", ask(Link, in("!hall"), hall, control("!desk", 100, is(ada, "leave"))), no},
		{"admin in a control room until the ban", ask(Link, in("!hall"), hall, control("!desk", 100, is(ada, "ban"))), no},
		{"invited into a control room with level 100", ask(Link, in("!hall"), hall, control("!desk", 100, is(ada, "invite"))), no},
		{"creator of a control room of version 12", ask(Link, in("!hall"), hall, control("!desk", nil, version("12"), madeBy(ada))), "yes"},
		{"demoted creator of a control room of version 11", ask(Link, in("!hall"), hall, control("!desk", 0, madeBy(ada))), no},
		{"admin in a control room whose levels are text", ask(Link, in("!hall"), hall, control("!desk", "100")), no},
		{"admin in a control room without levels", ask(Link, in("!hall"), hall, control("!desk", 100, noLevels)), no},
		{"admin in a control room without a member list", ask(Link, in("!hall"), hall, control("!desk", 100, noMembers)), no},
		{"a control room that was not read", ask(Link, in("!hall"), hall, unreadControl("!desk")), no},
		{"admin in a control room that was replaced", ask(Link, in("!hall"), hall, control("!desk", 100, upgraded)), no},
		{"admin in another event's control room", ask(Link, in("!hall"), hall, controlOf(summer, "!desk", 100)), no},
		{"admin in the control room of the same slug elsewhere", ask(Link, in("!hall"), hall, controlOf(otherConf, "!desk", 100)), no},
		{"admin in a control room that tickets open too", ask(Link, in("!hall"), hall, control("!desk", 100, opens)), "yes"},
		{"admin of an attendee room", ask(Link, in("!hall"), hall, linked("!attic", 100)), no},
		{"admin of the attendee room itself", ask(Link, in("!hall"), linked("!hall", 100)), no},
	})
}

func TestGivingNeedsBothProofs(t *testing.T) {
	hold(t, []row{
		{"link: both proofs", ask(Link, in("!hall"), plain("!hall", 100), owning(conf)), "yes"},
		{"link: both proofs, typed in the room", ask(Link, in("!hall"), from("!hall"), plain("!hall", 100), owning(conf)), "yes"},
		{"link: both proofs, typed in a control room", ask(Link, in("!hall"), from("!desk"), plain("!hall", 100), control("!desk", 100)), "yes"},
		{"link: a stranger with 100 in a room of their own", ask(Link, in("!mine"), from("!mine"), plain("!mine", 100)), "no: event admin"},
		{"link: a foreign event into one's own room", ask(Link, in("!mine"), plain("!mine", 100), owning(summer)), "no: event admin"},
		{"link: one's own event into another's room", ask(Link, in("!hall"), plain("!hall", 0), owning(conf)), "no: room admin !hall"},
		{"link: one's own event into a room that one moderates", ask(Link, in("!hall"), plain("!hall", 50), owning(conf)), "no: room admin !hall"},
		{"link: one's own event into a room that one is not in", ask(Link, in("!hall"), plain("!hall", 100, gone(ada)), owning(conf)), "no: not in room !hall"},
		{"link: neither proof", ask(Link, in("!hall"), plain("!hall", 0)), "no: room admin !hall + event admin"},
		{"link: a room that was replaced", ask(Link, in("!hall"), plain("!hall", 100, upgraded), owning(conf)), "no: room upgraded !hall"},
		{"link: again where the link is suspended", ask(Link, in("!hall"), suspended("!hall", 100), owning(conf)), "yes"},
		{"link: admin elsewhere is not admin here", ask(Link, in("!hall"), from("!mine"), plain("!hall", 0), plain("!mine", 100), owning(conf)), "no: room admin !hall"},
		{"link: a demotion a moment ago counts", ask(Link, in("!hall"), plain("!hall", 0, gives(bob, 100)), owning(conf)), "no: room admin !hall"},

		{"control on: both proofs", ask(ControlOn, in("!desk"), plain("!desk", 100), owning(conf)), "yes"},
		{"control on: no proof over the event", ask(ControlOn, in("!mine"), plain("!mine", 100)), "no: event admin"},
		{"control on: no proof over the room", ask(ControlOn, in("!desk"), plain("!desk", 50), owning(conf)), "no: room admin !desk"},
		{"control on: a moderator of another control room", ask(ControlOn, in("!mine"), plain("!mine", 100), control("!desk", 50)), "no: event admin"},
		{"control on: an admin of another control room", ask(ControlOn, in("!mine"), plain("!mine", 100), control("!desk", 100)), "yes"},
		{"control on: the attendee room's admin for their own", ask(ControlOn, in("!hall"), linked("!hall", 100)), "no: event admin"},
		{"control on: a room that was replaced", ask(ControlOn, in("!desk"), plain("!desk", 100, upgraded), owning(conf)), "no: room upgraded !desk"},

		{"set: from a DM the login suffices", ask(SetSetting, owning(conf)), "yes"},
		{"set: from a DM an admin of a control room", ask(SetSetting, control("!desk", 100)), "yes"},
		{"set: from a DM a moderator of a control room", ask(SetSetting, control("!desk", 50)), "no: event admin"},
		{"set: from a DM without a proof", ask(SetSetting), "no: event admin"},
		{"set: from a DM the attendee room's admin", ask(SetSetting, linked("!hall", 100)), "no: event admin"},
		{"set: in a room also its admin", ask(SetSetting, from("!hall"), plain("!hall", 100), owning(conf)), "yes"},
		{"set: in a room the login alone does not do", ask(SetSetting, from("!hall"), plain("!hall", 50), owning(conf)), "no: room admin !hall"},
		{"set: in the control room its admin", ask(SetSetting, from("!desk"), control("!desk", 100)), "yes"},
		{"set: in the control room its moderator", ask(SetSetting, from("!desk"), control("!desk", 50)), "no: room admin !desk + event admin"},
		{"set: in a room that was not read", ask(SetSetting, from("!hall"), owning(conf)), "no: room unreadable !hall (not read)"},
		{"set: another event's", ask(SetSetting, about(summer), owning(conf)), "no: event admin"},
	})
}

// While Pretix is away a right that it has shown before may have been taken back.
func TestNothingIsGivenOnOldSight(t *testing.T) {
	const no = "no: event unproven"
	hold(t, []row{
		{"link", ask(Link, in("!hall"), hall, owning(conf), unproven), no},
		{"link without power either", ask(Link, in("!hall"), plain("!hall", 0), owning(conf), unproven), "no: room admin !hall + event unproven"},
		{"control on", ask(ControlOn, in("!desk"), plain("!desk", 100), owning(conf), unproven), no},
		{"set", ask(SetSetting, owning(conf), unproven), no},
		{"an order", ask(InviteOrder, linked("!hall", 100), owning(conf), unproven), no},
		{"who never saw it lacks the proof", ask(Link, in("!hall"), hall, owning(summer), unproven), "no: event admin"},
		{"a control room needs no Pretix", ask(Link, in("!hall"), hall, owning(conf), control("!desk", 100), unproven), "yes"},
		{"an order, from a control room", ask(InviteOrder, linked("!hall", 100), owning(conf), control("!desk", 100), unproven), "yes !hall"},
		{"to look is to give nothing", ask(Report, owning(conf), unproven), "yes"},
		{"to stop is to take away", ask(Stop, linked("!hall", 100), owning(conf), unproven), "yes !hall"},
	})
}

func TestTakingAwayNeedsOneProof(t *testing.T) {
	hold(t, []row{
		{"unlink: the room's admin", ask(Unlink, in("!hall"), linked("!hall", 100)), "yes"},
		{"unlink: a foreign event from one's own room", ask(Unlink, in("!hall"), about(summer), linkedTo(summer, "!hall", 100), owning(conf)), "yes"},
		{"unlink: the event's owner without power in the room", ask(Unlink, in("!hall"), linked("!hall", 0), owning(conf)), "yes"},
		{"unlink: the event's owner who is not in the room", ask(Unlink, in("!hall"), linked("!hall", nil, gone(ada)), owning(conf)), "yes"},
		{"unlink: the event's owner where the room says nothing", ask(Unlink, in("!hall"), unreadLink("!hall"), owning(conf)), "yes"},
		{"unlink: an admin of a control room", ask(Unlink, in("!hall"), linked("!hall", 0), control("!desk", 100)), "yes"},
		{"unlink: a moderator of a control room", ask(Unlink, in("!hall"), linked("!hall", 0), control("!desk", 50)), "no: event admin or room admin !hall"},
		{"unlink: the room's moderator", ask(Unlink, in("!hall"), linked("!hall", 50)), "no: event admin or room admin !hall"},
		{"unlink: an admin of another linked room", ask(Unlink, in("!hall"), linked("!hall", 0), linked("!attic", 100)), "no: event admin or room admin !hall"},
		{"unlink: the owner of another event there", ask(Unlink, in("!hall"), linked("!hall", 0), owning(summer)), "no: event admin or room admin !hall"},
		{"unlink: the room's admin after leaving", ask(Unlink, in("!hall"), linked("!hall", 100, is(ada, "leave"))), "no: event admin or not in room !hall"},
		{"unlink: the admin of a room that was replaced", ask(Unlink, in("!hall"), linked("!hall", 100, upgraded)), "yes"},
		{"unlink: a replaced control room's admin", ask(Unlink, in("!hall"), linked("!hall", 0), control("!desk", 100, upgraded)), "no: event admin or room admin !hall"},
		{"unlink: a room without levels", ask(Unlink, in("!hall"), linked("!hall", 100, noLevels)), "no: event admin or room unreadable !hall (levels missing)"},
		{"unlink: the owner of a revoked login", ask(Unlink, in("!hall"), linked("!hall", 0), revoked(conf)), "no: event admin or room admin !hall"},

		{"control off: the room's admin", ask(ControlOff, in("!desk"), control("!desk", 100)), "yes"},
		{"control off: the event's owner without power there", ask(ControlOff, in("!desk"), control("!desk", 0), owning(conf)), "yes"},
		{"control off: an admin of another control room", ask(ControlOff, in("!desk"), control("!desk", 0), control("!back", 100)), "yes"},
		{"control off: the room's moderator", ask(ControlOff, in("!desk"), control("!desk", 50)), "no: event admin or room admin !desk"},
		{"control off: the admin of a control room that was replaced", ask(ControlOff, in("!desk"), control("!desk", 100, upgraded)), "yes"},
		{"unlink: the event's owner while Pretix is away", ask(Unlink, in("!hall"), linked("!hall", 0), owning(conf), unproven), "yes"},
		{"control off: the event's owner while Pretix is away", ask(ControlOff, in("!desk"), control("!desk", 0), owning(conf), unproven), "yes"},
		{"control off: a stranger", ask(ControlOff, in("!desk"), control("!desk", nil, gone(ada))), "no: event admin or not in room !desk"},
	})
}

func TestOnesOwnAffairs(t *testing.T) {
	hold(t, []row{
		{"help for everybody", ask(Help, from("!hall"), about(noEvent)), "yes"},
		{"version for everybody", ask(Version, about(noEvent)), "yes"},
		{"connecting an account for everybody", ask(Authorize, about(noEvent)), "yes"},
		{"listing one's connections for everybody", ask(Logins, about(noEvent)), "yes"},
		{"help for nobody whom the host shuts out", ask(Help, blocked), "no: permission"},
		{"connecting for nobody whom the host shuts out", ask(Authorize, blocked), "no: permission"},
		{"linking for nobody whom the host shuts out", ask(Link, in("!hall"), hall, owning(conf), blocked), "no: permission"},
		{"unlinking for nobody whom the host shuts out", ask(Unlink, in("!hall"), linked("!hall", 100), blocked), "no: permission"},
		{"nobody is nobody", ask(Help, by("")), "no: permission"},
		{"forgetting one's own login", ask(Logout, named("own"), owning(conf)), "yes"},
		{"forgetting one's own revoked login", ask(Logout, named("own"), revoked(conf)), "yes"},
		{"forgetting another person's login", ask(Logout, named("theirs"), others(bob, conf), owning(conf)), "no: login of one's own"},
		{"forgetting a login that does not exist sounds the same", ask(Logout, named("none"), owning(conf)), "no: login of one's own"},
		{"forgetting no login in particular", ask(Logout, owning(conf)), "no: login of one's own"},
		{"an admin of a control room does not forget the owner's login", ask(Logout, named("theirs"), others(bob, conf), control("!desk", 100)), "no: login of one's own"},
		{"an action that does not exist", ask("rule the world", owning(conf), hall, in("!hall")), "no: unknown action"},
		{"no action", ask("", owning(conf), hall, in("!hall")), "no: unknown action"},
	})
}
