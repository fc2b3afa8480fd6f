package inviter

import (
	"time"

	"matrix-pretix/database"
)

// Tally is what became of invites.
type Tally struct {
	// Invited were asked now; Already are invited or in the room as it is; Gone have left or are banned and were not asked.
	Invited, Already, Gone int
	// Waiting are tried again later, Failed are not, Stopped are those whose room is stopped.
	Waiting, Failed, Stopped int
}

// People is how many the tally has.
func (t Tally) People() int { return t.Invited + t.Already + t.Gone + t.Waiting + t.Failed + t.Stopped }

func (t *Tally) add(more Tally) {
	t.Invited += more.Invited
	t.Already += more.Already
	t.Gone += more.Gone
	t.Waiting += more.Waiting
	t.Failed += more.Failed
	t.Stopped += more.Stopped
}

// Handled is what became of one order.
type Handled struct {
	Event   database.EventKey
	Code    string
	Tickets int
	Tally   // of all its invites
	Took    time.Duration

	// turns has what became of those whose turn it was. The others stand as they stood before.
	turns map[seat]Tally
}

// count sums up what the invites were and have become.
func (h *Handled) count(invites []database.Invite, asked []result) {
	h.turns = make(map[seat]Tally)
	for _, invite := range invites {
		became, turn := becameOf(invite, asked)
		h.Tally.add(became)
		if turn {
			h.turns[seat{invite.Room, invite.Attendee}] = became
		}
	}
}

// becameOf says what an invite has become, and whether it was its turn. One that is due and was left alone is so because its room is stopped.
func becameOf(invite database.Invite, asked []result) (became Tally, turn bool) {
	state := invite.State
	turn = state == database.InviteDue
	for _, r := range asked {
		if r.room != invite.Room || r.attendee != invite.Attendee {
			continue
		}
		switch turn = true; {
		case r.asked && r.state == database.InviteInvited:
			return Tally{Invited: 1}, true
		case r.stopped:
			return Tally{Stopped: 1}, true
		}
		state = r.state
	}
	switch state {
	case database.InviteInvited, database.InviteJoined:
		became.Already++
	case database.InviteGone:
		became.Gone++
	case database.InviteWaiting:
		became.Waiting++
	case database.InviteFailed:
		became.Failed++
	case database.InviteDue:
		became.Stopped++
	}
	return became, turn
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
