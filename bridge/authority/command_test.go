package authority

import "testing"

func TestInvitingABatch(t *testing.T) {
	const nobody = "no: event moderator"
	hold(t, []row{
		{"the owner, a moderator in each room, invites into all", ask(BatchInvite, owning(conf), linked("!a", 50), linked("!b", 100)), "yes !a !b"},
		{"a control room's moderator invites into all", ask(BatchInvite, control("!desk", 50), linked("!a", 50), linked("!b", 50)), "yes !a !b"},
		{"a control room's admin invites into all", ask(BatchInvite, control("!desk", 100), linked("!a", 50)), "yes !a"},
		{"a control room's member does not", ask(BatchInvite, from("!desk"), control("!desk", 0), linked("!a", 0)), nobody},
		{"the owner's own power counts in each room, the others are named",
			ask(BatchInvite, owning(conf), linked("!a", 50), linked("!b", 0)), "yes !a, not !b: room moderator !b + sender's invite !b"},
		{"the owner skips a room that they are not in",
			ask(BatchInvite, owning(conf), linked("!a", 50), linked("!b", 100, gone(ada))), "yes !a, not !b: not in room !b"},
		{"the owner with power in no room invites nobody",
			ask(BatchInvite, owning(conf), linked("!a", 0)), "no: room moderator !a + sender's invite !a"},
		{"a demotion a moment ago counts",
			ask(BatchInvite, control("!desk", 50), linked("!a", 49), linked("!b", 50)), "yes !b, not !a: room moderator !a + sender's invite !a"},
		{"a moderator below the level to invite", ask(BatchInvite, owning(conf), linked("!a", 50, set("invite", 75), gives(bot, 75))), "no: sender's invite !a"},
		{"where everybody may invite one must still be a moderator", ask(BatchInvite, owning(conf), linked("!a", 0, set("invite", 0))), "no: room moderator !a"},
		{"a room that was not read is left out", ask(BatchInvite, owning(conf), linked("!a", 50), unreadLink("!b")), "yes !a, not !b: room unreadable !b (not read)"},
		{"a room with levels as text is left out", ask(BatchInvite, owning(conf), linked("!a", 50), linked("!b", "50")), "yes !a, not !b: room unreadable !b (levels not numbers)"},
		{"a suspended room is left out", ask(BatchInvite, owning(conf), linked("!a", 50), suspended("!b", 50)), "yes !a, not !b: link suspended !b"},
		{"a replaced room is left out", ask(BatchInvite, owning(conf), linked("!a", 50), linked("!b", 50, upgraded)), "yes !a, not !b: room upgraded !b"},
		{"a room without the event's bot is left out", ask(BatchInvite, owning(conf), linked("!a", 50), linked("!b", 50, gone(bot))), "yes !a, not !b: bot not in room !b"},
		{"a room that has banned the event's bot is left out", ask(BatchInvite, owning(conf), linked("!a", 50, is(bot, "ban"))), "no: bot not in room !a"},
		{"a room where the event's bot may not invite is left out", ask(BatchInvite, owning(conf), linked("!a", 50), linked("!b", 50, gives(bot, 49))), "yes !a, not !b: bot's invite !b"},
		{"what the sender and the bot lack is said at once", ask(BatchInvite, owning(conf), linked("!a", 50, set("invite", 51), gives(bot, 0))), "no: sender's invite !a + bot's invite !a"},
		{"a bot of power does not help a sender without", ask(BatchInvite, owning(conf), linked("!a", 0, gives(bot, 100))), "no: room moderator !a + sender's invite !a"},
		{"an owner of an event without rooms has nothing to do", ask(BatchInvite, owning(conf)), "yes"},
		{"a stranger, an event without rooms", ask(BatchInvite), nobody},
		{"a creator of version 12 invites", ask(BatchInvite, owning(conf), linked("!a", nil, version("12"), madeBy(ada))), "yes !a"},

		{"one room by name", ask(BatchInvite, in("!b"), owning(conf), linked("!a", 50), linked("!b", 50)), "yes !b"},
		{"one room by name that is not linked", ask(BatchInvite, in("!c"), owning(conf), linked("!a", 50), plain("!c", 100)), "no: not linked !c"},
		{"one room by name that another event is linked to", ask(BatchInvite, in("!c"), owning(conf), linkedTo(summer, "!c", 100)), "no: not linked !c"},
		{"a linked room's moderator for that room", ask(BatchInvite, in("!a"), from("!a"), linked("!a", 50), linked("!b", 0)), "yes !a"},
		{"a linked room's moderator for another room", ask(BatchInvite, in("!b"), from("!a"), linked("!a", 50), linked("!b", 0)), "no: event moderator or room moderator !b"},
		{"a linked room's moderator who names no room gets their own", ask(BatchInvite, linked("!a", 50), linked("!b", 0)), "yes !a"},
		{"a linked room's moderator below the level to invite", ask(BatchInvite, in("!a"), linked("!a", 50, set("invite", 100))), "no: sender's invite !a + bot's invite !a"},
		{"a linked room's member", ask(BatchInvite, in("!a"), from("!a"), linked("!a", 0)), "no: event moderator or room moderator !a"},
		{"a linked room's member is told of the room where they typed", ask(BatchInvite, from("!a"), linked("!a", 0)), "no: event moderator or room moderator !a"},
		{"a moderator of a room that only another event opens", ask(BatchInvite, in("!a"), linkedTo(summer, "!a", 50)), "no: not linked !a"},
		{"a stranger is not told whether a room is linked", ask(BatchInvite, in("!a"), plain("!a", 0, gone(ada))), "no: event moderator or not in room !a"},
		{"the moderator of a room that was replaced", ask(BatchInvite, in("!a"), linked("!a", 50, upgraded)), "no: event moderator or room upgraded !a"},
	})
}

func TestInvitingAnOrder(t *testing.T) {
	hold(t, []row{
		{"the owner", ask(InviteOrder, owning(conf), linked("!a", 50)), "yes !a"},
		{"a control room's moderator", ask(InviteOrder, from("!desk"), control("!desk", 50), linked("!a", 50)), "yes !a"},
		{"a control room's moderator without power in the room", ask(InviteOrder, control("!desk", 50), linked("!a", 0)), "no: room moderator !a + sender's invite !a"},
		{"rooms that lack it are named", ask(InviteOrder, owning(conf), linked("!a", 50), linked("!b", 0)), "yes !a, not !b: room moderator !b + sender's invite !b"},
		{"a linked room's moderator, for orders are not theirs", ask(InviteOrder, in("!a"), linked("!a", 100)), "no: event moderator"},
		{"the owner of another event", ask(InviteOrder, owning(summer), linked("!a", 50)), "no: event moderator"},
		{"the owner of a revoked login", ask(InviteOrder, revoked(conf), linked("!a", 50)), "no: event moderator"},
	})
}

func TestWithdrawing(t *testing.T) {
	hold(t, []row{
		{"the room's moderator", ask(Withdraw, in("!a"), linked("!a", 50)), "yes !a"},
		{"the owner with kick power", ask(Withdraw, owning(conf), linked("!a", 50)), "yes !a"},
		{"the owner with kick power who is no moderator", ask(Withdraw, owning(conf), linked("!a", 30, set("kick", 30))), "yes !a"},
		{"the owner without kick power", ask(Withdraw, owning(conf), linked("!a", 49)), "no: sender's kick !a"},
		{"the room's moderator below the level to kick", ask(Withdraw, in("!a"), linked("!a", 50, set("kick", 60))), "no: sender's kick !a"},
		{"rooms that lack it are named", ask(Withdraw, owning(conf), linked("!a", 50), linked("!b", 0)), "yes !a, not !b: sender's kick !b"},
		{"a bot below the level to kick", ask(Withdraw, in("!a"), linked("!a", 50, gives(bot, 49))), "no: bot's kick !a"},
		{"a bot that is gone", ask(Withdraw, in("!a"), linked("!a", 50, gone(bot))), "no: bot not in room !a"},
		{"where everybody has the level to kick nobody can kick a peer", ask(Withdraw, owning(conf), linked("!a", nil, set("users_default", 50))), "no: sender's kick !a"},
		{"a replaced room", ask(Withdraw, in("!a"), linked("!a", 50, upgraded)), "yes !a"},
		{"a suspended room", ask(Withdraw, in("!a"), suspended("!a", 50)), "yes !a"},
		{"a room unlinked a moment ago", ask(Withdraw, in("!a"), plain("!a", 50)), "yes !a"},
		{"a room unlinked a moment ago, by the owner without kick power", ask(Withdraw, in("!a"), owning(conf), plain("!a", 0)), "no: sender's kick !a"},
		{"a room that was not read", ask(Withdraw, in("!a"), owning(conf), unreadLink("!a")), "no: room unreadable !a (not read)"},
		{"a linked room's member", ask(Withdraw, in("!a"), linked("!a", 0)), "no: event moderator or room moderator !a"},
		{"the owner who left the room", ask(Withdraw, in("!a"), owning(conf), linked("!a", 100, is(ada, "leave"))), "no: not in room !a"},
	})
}

func TestStopping(t *testing.T) {
	hold(t, []row{
		{"the owner, in all rooms, without power there", ask(Stop, owning(conf), linked("!a", 0), linked("!b", nil, gone(ada))), "yes !a !b"},
		{"the owner, a room that says nothing", ask(Stop, in("!a"), owning(conf), unreadLink("!a")), "yes !a"},
		{"a control room's moderator", ask(Stop, control("!desk", 50), linked("!a", 0)), "yes !a"},
		{"a linked room's moderator, theirs", ask(Stop, in("!a"), linked("!a", 50), linked("!b", 0)), "yes !a"},
		{"a linked room's moderator, another", ask(Stop, in("!b"), linked("!a", 50), linked("!b", 0)), "no: event moderator or room moderator !b"},
		{"a linked room's moderator, all: their own", ask(Stop, linked("!a", 50), linked("!b", 0)), "yes !a"},
		{"the moderator of a room that was replaced", ask(Stop, in("!a"), linked("!a", 50, upgraded)), "yes !a"},
		{"a linked room's member", ask(Stop, in("!a"), linked("!a", 0)), "no: event moderator or room moderator !a"},
		{"a stranger", ask(Stop, linked("!a", nil, gone(ada))), "no: event moderator"},
	})
}
