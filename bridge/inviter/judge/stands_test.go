package judge

import (
	"testing"

	"maunium.net/go/mautrix/event"

	"matrix-pretix/database"
)

func TestWhoStandsInTheRoomIsNotAsked(t *testing.T) {
	const (
		join, leave, ban, invite, knock = event.MembershipJoin, event.MembershipLeave, event.MembershipBan, event.MembershipInvite, event.MembershipKnock
	)
	for name, test := range map[string]struct {
		memberships []event.Membership
		again       bool
		want        Verdict
		known       bool
	}{
		"never there":                       {nil, false, Verdict{}, false},
		"unknown by both spellings":         {[]event.Membership{"", ""}, false, Verdict{}, false},
		"there":                             {[]event.Membership{join}, false, Verdict{State: database.InviteJoined}, true},
		"there by the lower spelling":       {[]event.Membership{leave, join}, false, Verdict{State: database.InviteJoined}, true},
		"invited":                           {[]event.Membership{invite}, true, Verdict{State: database.InviteInvited}, true},
		"left":                              {[]event.Membership{leave}, false, Verdict{database.InviteGone, database.ReasonLeft}, true},
		"left, asked for by name":           {[]event.Membership{leave}, true, Verdict{}, false},
		"banned, asked for by name":         {[]event.Membership{ban}, true, Verdict{database.InviteGone, database.ReasonBanned}, true},
		"banned once, left by the other ID": {[]event.Membership{leave, ban}, true, Verdict{database.InviteGone, database.ReasonBanned}, true},
		"knocks":                            {[]event.Membership{knock}, false, Verdict{}, false},
	} {
		got, known := Stands(test.memberships, test.again)
		if got != test.want || known != test.known {
			t.Errorf("%s: got %+v %v, want %+v %v", name, got, known, test.want, test.known)
		}
	}
}

func TestMemberEventsSayHowSomebodyWent(t *testing.T) {
	const (
		join, leave, ban, invite = event.MembershipJoin, event.MembershipLeave, event.MembershipBan, event.MembershipInvite
	)
	for name, test := range map[string]struct {
		was, is            event.Membership
		themselves, byUs   bool
		state              database.InviteState
		reason             database.Reason
		saysNothingOfThese bool
	}{
		"invited by somebody":     {"", invite, false, false, database.InviteInvited, "", false},
		"joined":                  {invite, join, true, false, database.InviteJoined, "", false},
		"declined":                {invite, leave, true, false, database.InviteGone, database.ReasonDeclined, false},
		"left":                    {join, leave, true, false, database.InviteGone, database.ReasonLeft, false},
		"left, nothing known":     {"", leave, true, false, database.InviteGone, database.ReasonLeft, false},
		"kicked":                  {join, leave, false, false, database.InviteGone, database.ReasonKicked, false},
		"kicked by our bot":       {join, leave, false, true, database.InviteGone, database.ReasonKicked, false},
		"invite taken back by us": {invite, leave, false, true, database.InviteGone, database.ReasonWithdrawn, false},
		"invite taken back":       {invite, leave, false, false, database.InviteGone, database.ReasonKicked, false},
		"banned":                  {join, ban, false, false, database.InviteGone, database.ReasonBanned, false},
		"knocks":                  {"", event.MembershipKnock, true, false, "", "", true},
	} {
		got, matters := Turned(test.was, test.is, test.themselves, test.byUs)
		if got != (Verdict{test.state, test.reason}) || matters == test.saysNothingOfThese {
			t.Errorf("%s: got %+v %v", name, got, matters)
		}
	}
}
