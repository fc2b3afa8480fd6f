package judge

import (
	"maunium.net/go/mautrix/event"

	"matrix-pretix/database"
)

// Verdict is what becomes of an invite. Its zero value says nothing.
type Verdict struct {
	State  database.InviteState
	Reason database.Reason
}

// Stands says what becomes of an invite without asking, by how the person stands in the room: memberships of every spelling that they
// may have. False means that they may be asked. Whoever was in the room, or invited, and is no longer, decided so or somebody there
// did: they are asked once more only when an organizer says so by name of the order, and a ban holds even then.
func Stands(memberships []event.Membership, again bool) (Verdict, bool) {
	has := make(map[event.Membership]bool, len(memberships))
	for _, is := range memberships {
		has[is] = true
	}
	switch {
	case has[event.MembershipJoin]:
		return Verdict{State: database.InviteJoined}, true
	case has[event.MembershipInvite]:
		return Verdict{State: database.InviteInvited}, true
	case has[event.MembershipBan]:
		return Verdict{database.InviteGone, database.ReasonBanned}, true
	case has[event.MembershipLeave] && !again:
		return Verdict{database.InviteGone, database.ReasonLeft}, true
	default:
		return Verdict{}, false
	}
}

// Turned says what a member event makes of an invite, by how the person stood before and who brought the change about. False: nothing.
func Turned(was, is event.Membership, byThemselves, byUs bool) (Verdict, bool) {
	switch is {
	case event.MembershipJoin:
		return Verdict{State: database.InviteJoined}, true
	case event.MembershipInvite:
		return Verdict{State: database.InviteInvited}, true
	case event.MembershipBan:
		return Verdict{database.InviteGone, database.ReasonBanned}, true
	case event.MembershipLeave:
		return Verdict{database.InviteGone, wayOut(was, byThemselves, byUs)}, true
	default:
		return Verdict{}, false
	}
}

func wayOut(was event.Membership, byThemselves, byUs bool) database.Reason {
	switch {
	case byThemselves && was == event.MembershipInvite:
		return database.ReasonDeclined
	case byThemselves:
		return database.ReasonLeft
	case byUs && was == event.MembershipInvite:
		return database.ReasonWithdrawn
	default:
		return database.ReasonKicked
	}
}
