package authority

import (
	"fmt"
	"testing"
)

// linkHall is Ada with a login that sees the event, asking to link a room: what the room says decides alone.
func linkHall(level any, twists ...twist) Request {
	return ask(Link, in("!hall"), owning(conf), plain("!hall", level, twists...))
}

// statusHall is Ada without any login, asking for the status of a linked room: again the room decides alone.
func statusHall(level any, twists ...twist) Request {
	return ask(Status, in("!hall"), linked("!hall", level, twists...))
}

const (
	noAdmin     = "no: room admin !hall"
	noModerator = "no: event moderator or room moderator !hall"
)

func TestLevelsCountAloneInEveryRoomVersion(t *testing.T) {
	var rows []row
	for _, v := range []string{"1", "9", "10", "11", "12", "13"} {
		for _, level := range []int{0, 49, 50, 99, 100} {
			link, status := noAdmin, noModerator
			if level >= 100 {
				link = "yes"
			}
			if level >= 50 {
				status = "yes !hall"
			}
			rows = append(rows,
				row{fmt.Sprintf("version %s, level %d: an admin from 100", v, level), linkHall(level, version(v)), link},
				row{fmt.Sprintf("version %s, level %d: a moderator from 50", v, level), statusHall(level, version(v)), status})
		}
	}
	hold(t, rows)
}

func TestCreators(t *testing.T) {
	hold(t, []row{
		{"in version 12 the creator is above all levels", linkHall(nil, version("12"), madeBy(ada)), "yes"},
		{"in version 12 the creator stays so where all levels are raised",
			linkHall(nil, version("12"), madeBy(ada), set("state_default", 1000), asks("m.room.power_levels", 1<<53-1)), "yes"},
		{"in version 12 an entry for the creator takes nothing away", linkHall(0, version("12"), madeBy(ada)), "yes"},
		{"in version 12 an additional creator is one too", linkHall(nil, version("12"), madeWith(bob, ada)), "yes"},
		{"in version 12 an additional creator outdoes their own entry", linkHall(10, version("12"), madeWith(ada)), "yes"},
		{"in version 12 a creator who left is nobody", linkHall(nil, version("12"), madeBy(ada), is(ada, "leave")), "no: not in room !hall"},
		{"in version 12 a creator who was banned is nobody", linkHall(nil, version("12"), madeBy(ada), is(ada, "ban")), "no: not in room !hall"},
		{"in version 12 somebody else's making helps nobody", linkHall(50, version("12"), madeWith(bob)), noAdmin},
		{"in version 12 an admin by entry is one", linkHall(100, version("12")), "yes"},
		{"in version 12 the creator commands", statusHall(nil, version("12"), madeBy(ada)), "yes !hall"},
		{"in version 11 a creator with an entry is an admin by the entry", linkHall(100, madeBy(ada)), "yes"},
		{"in version 11 a demoted creator is no admin", linkHall(50, madeBy(ada)), noAdmin},
		{"in version 11 a creator without an entry is no admin", linkHall(nil, madeBy(ada)), noAdmin},
		{"in version 11 a demoted creator does not command", statusHall(0, madeBy(ada)), noModerator},
		{"in version 10 a demoted creator is no admin", linkHall(0, version("10"), madeBy(ada)), noAdmin},
		{"in version 10 a creator without an entry does not command", statusHall(nil, version("10"), madeBy(ada)), noModerator},
		{"before version 12 additional creators are a word without meaning", linkHall(nil, madeWith(ada)), noAdmin},
		{"in version 13 creators are what they are in 12", linkHall(nil, version("13"), madeBy(ada)), "yes"},
	})
}

func TestRoomsTuneWhoCounts(t *testing.T) {
	const command, admin = "io.github.matrix-pretix.command", "io.github.matrix-pretix.admin"
	hold(t, []row{
		{"the command type lowers moderator", statusHall(10, asks(command, 10)), "yes !hall"},
		{"the command type raises moderator", statusHall(50, asks(command, 75)), noModerator},
		{"the command type at 0 makes everybody a moderator", statusHall(nil, asks(command, 0)), "yes !hall"},
		{"the command type does not touch admin", linkHall(50, asks(command, 10)), noAdmin},
		{"the admin type lowers admin", linkHall(50, asks(admin, 50)), "yes"},
		{"the admin type raises admin", linkHall(100, asks(admin, 101)), noAdmin},
		{"the admin type does not touch moderator", statusHall(49, asks(admin, 10)), noModerator},
		{"the admin type is one step short", linkHall(49, asks(admin, 50)), noAdmin},
		{"both types set: a moderator is no admin", linkHall(30, asks(command, 30), asks(admin, 40)), noAdmin},
		{"both types set: an admin need be no moderator", statusHall(40, asks(command, 50), asks(admin, 40)), noModerator},
		{"the types in other capitals mean nothing", statusHall(10, asks("IO.github.matrix-pretix.command", 10)), noModerator},
		{"state_default raised to 100 raises moderator", statusHall(50, set("state_default", 100)), noModerator},
		{"state_default raised to 100 leaves who has 100", statusHall(100, set("state_default", 100)), "yes !hall"},
		{"state_default raised leaves the command type", statusHall(50, set("state_default", 100), asks(command, 50)), "yes !hall"},
		{"state_default lowered lowers moderator", statusHall(20, set("state_default", 20)), "yes !hall"},
		{"without a level for power levels state_default makes the admin",
			linkHall(50, set("events", map[string]any{})), "yes"},
		{"without a level for power levels a raised state_default makes the admin",
			linkHall(99, set("events", map[string]any{}), set("state_default", 100)), noAdmin},
		{"events_default counts for nothing", statusHall(10, set("events_default", 0)), noModerator},
		{"users_default counts for whoever has no entry", statusHall(nil, set("users_default", 50)), "yes !hall"},
		{"an entry below users_default counts as it stands", statusHall(0, set("users_default", 50)), noModerator},
		{"a negative level is one", statusHall(-1, asks(command, 0)), noModerator},
		{"USERS is not users", statusHall(0, set("USERS", map[string]any{string(ada): 100})), noModerator},
		{"State_Default is not state_default", statusHall(0, set("State_Default", 0)), noModerator},
		{"another person's entry is not Ada's", statusHall(0, gives("@Ada:example.org", 100)), noModerator},
	})
}

func TestUnreadableRoomsProveNothing(t *testing.T) {
	no := func(why Unreadable) string { return "no: room unreadable !hall (" + string(why) + ")" }
	noStatus := func(why Unreadable) string {
		return "no: event moderator or room unreadable !hall (" + string(why) + ")"
	}
	hold(t, []row{
		{"no power_levels event: the defaults do not count", linkHall(100, noLevels), no(LevelsMissing)},
		{"no power_levels event: not for the creator either", linkHall(100, noLevels, madeBy(ada)), no(LevelsMissing)},
		{"no power_levels event: nor for one of version 12", linkHall(nil, noLevels, version("12"), madeBy(ada)), no(LevelsMissing)},
		{"no power_levels event: nobody is a moderator", statusHall(100, noLevels), noStatus(LevelsMissing)},
		{"a level as text", linkHall("100"), no(LevelsText)},
		{"a level as text: zeros make nobody a moderator", statusHall("0"), noStatus(LevelsText)},
		{"somebody else's level as text", linkHall(100, gives(bob, "100")), no(LevelsText)},
		{"a level as text in version 9", linkHall("100", version("9")), no(LevelsText)},
		{"state_default as text", statusHall(50, set("state_default", "0")), noStatus(LevelsText)},
		{"users_default as text", statusHall(50, set("users_default", "100")), noStatus(LevelsText)},
		{"events_default as text", statusHall(50, set("events_default", "0")), noStatus(LevelsText)},
		{"invite as text", statusHall(50, set("invite", "0")), noStatus(LevelsText)},
		{"kick as null", statusHall(50, set("kick", nil)), noStatus(LevelsText)},
		{"a level for some event as text", linkHall(100, asks("m.room.name", "0")), no(LevelsText)},
		{"a level with a fraction", linkHall(100, set("state_default", 0.5)), no(LevelsText)},
		{"a level as true", linkHall(true), no(LevelsText)},
		{"a level with an exponent", linkHall(100, raw(`{"users":{"@ada:example.org":1e2}}`)), no(LevelsText)},
		{"a level above what Matrix holds", linkHall(100, raw(`{"users":{"@ada:example.org":9007199254740992}}`)), no(LevelsText)},
		{"a level in a list", linkHall(100, raw(`{"state_default":[0]}`)), no(LevelsText)},
		{"users as a list", linkHall(100, raw(`{"users":[]}`)), no(LevelsBroken)},
		{"events as null", linkHall(100, raw(`{"events":null}`)), no(LevelsBroken)},
		{"power levels as a list", linkHall(100, raw(`[]`)), no(LevelsBroken)},
		{"power levels as null", linkHall(100, raw(`null`)), no(LevelsBroken)},
		{"power levels cut short", linkHall(100, raw(`{"users":{"@ada:example.org":100`)), no(LevelsBroken)},
		{"power levels of no bytes", linkHall(100, raw(``)), no(LevelsBroken)},
		{"a version that nobody has heard of", linkHall(100, version("org.example.strange")), no(UnknownVersion)},
		{"a version with a zero before it", linkHall(100, version("012")), no(UnknownVersion)},
		{"no sender of the create event", linkHall(100, madeBy("")), no(CreateBroken)},
		{"no member list", linkHall(100, noMembers), no(NotRead)},
		{"a room that was not read", ask(Link, in("!hall"), owning(conf)), no(NotRead)},
		{"a linked room that was not read", ask(Status, in("!hall"), unreadLink("!hall")), noStatus(NotRead)},
		{"no room named at all", ask(Link, owning(conf)), "no: room unreadable (not read)"},
	})
}

func TestOnlyWhoIsThereCounts(t *testing.T) {
	const no = "no: not in room !hall"
	hold(t, []row{
		{"left with level 100", linkHall(100, is(ada, "leave")), no},
		{"banned with level 100", linkHall(100, is(ada, "ban")), no},
		{"invited with level 100", linkHall(100, is(ada, "invite")), no},
		{"knocking with level 100", linkHall(100, is(ada, "knock")), no},
		{"never there with level 100", linkHall(100, gone(ada)), no},
		{"left, with users_default at 100", linkHall(nil, set("users_default", 100), is(ada, "leave")), no},
		{"a moderator who left", statusHall(50, is(ada, "leave")), "no: event moderator or not in room !hall"},
		{"a moderator who was banned", statusHall(50, is(ada, "ban")), "no: event moderator or not in room !hall"},
		{"somebody else's being gone does not matter", linkHall(100, gone(bob)), "yes"},
	})
}

func TestWhatAKickedBotReadsProvesNothing(t *testing.T) {
	const no = "no: room unreadable !hall (not read)"
	hold(t, []row{
		{"read by the bridge bot, which is there", linkHall(100, readBy(bridge)), "yes"},
		{"read by the bridge bot after a kick", linkHall(100, readBy(bridge), is(bridge, "leave")), no},
		{"read by the bridge bot after a ban", linkHall(100, readBy(bridge), is(bridge, "ban")), no},
		{"read by the bridge bot through the window", linkHall(100, readBy(bridge), gone(bridge)), no},
		{"read by the event's bot, the bridge bot kicked", linkHall(100, readBy(bot), is(bridge, "leave")), "yes"},
		{"read by the event's bot after a kick", linkHall(100, readBy(bot), is(bot, "leave")), no},
		{"read by one of ours, the bridge bot kicked", linkHall(100, is(bridge, "leave")), no},
		{"read by one of ours, the bridge bot banned", linkHall(100, is(bridge, "ban")), no},
		{"read by one of ours, the bridge bot never there", linkHall(100, gone(bridge)), "yes"},
		{"read by one of ours, neither bot there", linkHall(100, gone(bridge), gone(bot)), no},
		{"a control room that the bridge bot was kicked from", ask(Report, control("!desk", 100, is(bridge, "leave"))), "no: event moderator"},
		{"the owner still unlinks a room that the bot was kicked from",
			ask(Unlink, in("!hall"), owning(conf), linked("!hall", 0, is(bridge, "leave"))), "yes"},
	})
}
