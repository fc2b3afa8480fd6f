package authority

import (
	"slices"
	"testing"

	"maunium.net/go/mautrix/id"
)

func TestEachRoomThatMattersIsReadOnce(t *testing.T) {
	rooms := []fact{linked("!a", 0), linked("!b", 0), control("!desk", 0), linkedTo(summer, "!c", 0)}
	for claim, tc := range map[string]struct {
		r    Request
		want []id.RoomID
	}{
		"help: none":                    {ask(Help, from("!a")), nil},
		"a link: its room and control":  {ask(Link, in("!new")), []id.RoomID{"!new", "!desk"}},
		"the same, typed in the room":   {ask(Link, in("!a"), from("!a")), []id.RoomID{"!a", "!desk"}},
		"typed in the control room":     {ask(Unlink, in("!a"), from("!desk")), []id.RoomID{"!a", "!desk"}},
		"a setting typed elsewhere":     {ask(SetSetting, from("!pub")), []id.RoomID{"!pub", "!desk"}},
		"a batch: the event's rooms":    {ask(BatchInvite), []id.RoomID{"!desk", "!a", "!b"}},
		"a batch for one room":          {ask(BatchInvite, in("!b")), []id.RoomID{"!b", "!desk"}},
		"the status of no event at all": {ask(Status, about(noEvent)), []id.RoomID{"!desk"}},
	} {
		for _, fact := range rooms {
			fact(&tc.r)
		}
		if got := tc.r.Reads(); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", claim, got, tc.want)
		}
	}
}
