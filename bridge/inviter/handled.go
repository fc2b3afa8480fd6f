package inviter

import (
	"time"

	"matrix-pretix/database"
)

// Handled is what became of one order.
type Handled struct {
	Event   database.EventKey
	Code    string
	Tickets int
	// Invited were asked now; Already are invited or in the room as it is; Gone have left or are banned and were not asked.
	Invited, Already, Gone int
	// Waiting are tried again later, Failed are not, Stopped are those whose room is stopped.
	Waiting, Failed, Stopped int
	Took                     time.Duration
}

// count sums up what the invites were and have become.
func (h *Handled) count(invites []database.Invite, asked []result) {
	for _, invite := range invites {
		state := invite.State
		for _, r := range asked {
			if r.room == invite.Room && r.attendee == invite.Attendee {
				if r.asked && r.state == database.InviteInvited {
					h.Invited++
					state = ""
				} else if r.stopped {
					h.Stopped++
					state = ""
				} else {
					state = r.state
				}
			}
		}
		switch state {
		case database.InviteInvited, database.InviteJoined:
			h.Already++
		case database.InviteGone:
			h.Gone++
		case database.InviteWaiting:
			h.Waiting++
		case database.InviteFailed:
			h.Failed++
		case database.InviteDue:
			h.Stopped++
		}
	}
}

// apply brings the invites up to what has become of them.
func apply(invites []database.Invite, asked []result) []database.Invite {
	for i := range invites {
		for _, r := range asked {
			if r.room == invites[i].Room && r.attendee == invites[i].Attendee {
				invites[i].State, invites[i].WaitUntil = r.state, r.until
			}
		}
	}
	return invites
}
