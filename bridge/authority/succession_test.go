package authority

import (
	"encoding/json"
	"testing"

	"maunium.net/go/mautrix/id"
)

// next is a successor of !old made by somebody, as its own create event says.
func next(creator, predecessor string, power string) Room {
	create := `{"room_version":"12","predecessor":{"room_id":"` + predecessor + `"}}`
	room := build("!new", 0)
	room.Levels = ReadLevels(id.UserID(creator), json.RawMessage(create), json.RawMessage(power))
	return room
}

func TestATombstoneIsFollowedToTheAdminsRoomOnly(t *testing.T) {
	const botInvites, botIsNobody = `{"users":{"@pretix_eu__lab__conf:example.org":50},"invite":50}`, `{"invite":50}`
	old := func(twists ...twist) Room { return build("!old", 50, append(twists, upgraded)...) }
	without := func(room Room) Room { delete(room.Members, bot); return room }
	for claim, tc := range map[string]struct {
		old, successor Room
		want           Follow
	}{
		"made by an admin, the bot may invite":    {old(), next("@bob:example.org", "!old", botInvites), Follows},
		"by an admin who left since":              {old(is(bob, "leave")), next("@bob:example.org", "!old", botInvites), Follows},
		"by an admin who was banned":              {old(is(bob, "ban")), next("@bob:example.org", "!old", botInvites), NotByAdmin},
		"by a moderator":                          {old(), next("@ada:example.org", "!old", botInvites), NotByAdmin},
		"by the demoted maker of the old room":    {old(), next("@maker:example.org", "!old", botInvites), NotByAdmin},
		"by the creator of a version 12 room":     {old(version("12")), next("@maker:example.org", "!old", botInvites), Follows},
		"by a stranger":                           {old(), next("@eve:example.org", "!old", botInvites), NotByAdmin},
		"naming another predecessor":              {old(), next("@bob:example.org", "!older", botInvites), NotSuccessor},
		"naming none":                             {old(), next("@bob:example.org", "", botInvites), NotSuccessor},
		"the bot is not there yet":                {old(), without(next("@bob:example.org", "!old", botInvites)), AwaitsBot},
		"the bot may not invite yet":              {old(), next("@bob:example.org", "!old", botIsNobody), AwaitsBotRole},
		"the old room's levels are text":          {old(set("state_default", "0")), next("@bob:example.org", "!old", botInvites), FollowUnreadable},
		"the old room was not read":               {Room{ID: "!old"}, next("@bob:example.org", "!old", botInvites), FollowUnreadable},
		"the old room as a kicked bot shows it":   {old(readBy(bridge), is(bridge, "leave")), next("@bob:example.org", "!old", botInvites), FollowUnreadable},
		"the new room's levels are not there yet": {old(), next("@bob:example.org", "!old", `[]`), FollowUnreadable},
	} {
		if got := FollowUpgrade(tc.old, tc.successor, bot); got != tc.want {
			t.Errorf("%s: got %q, want %q", claim, got, tc.want)
		}
		// A control room needs the same proof, and no power of the bot.
		want := tc.want
		if want == AwaitsBotRole {
			want = Follows
		}
		if got := FollowControl(tc.old, tc.successor, bot); got != want {
			t.Errorf("control room, %s: got %q, want %q", claim, got, want)
		}
	}
}
