package inviter

import (
	"slices"
	"time"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// person is somebody named by an order, with the invites that are to be sent to them now. The ID lives as long as the order is in
// hand and goes nowhere but to the homeserver.
type person struct {
	attendee database.Attendee
	ids      []id.UserID // spellings, in the order to try
	invites  []database.Invite
}

// recordOf is what is kept of an order: its tickets that count, with digests in place of people.
func recordOf(key database.EventKey, code string, tickets []pretixconn.Ticket, keys *database.Keys) database.OrderRecord {
	record := database.OrderRecord{Event: key, Code: code}
	for _, t := range tickets {
		kept := database.Ticket{
			Position: t.Position, Item: t.Item, Variation: t.Variation, Subevent: t.Subevent, Problem: string(t.Problem),
		}
		if t.Problem == pretixconn.ProblemNone {
			kept.Attendee = keys.Attendee(t.IDs[0])
		}
		record.Tickets = append(record.Tickets, kept)
	}
	return record
}

// peopleOf gathers whom an order names, each once with all spellings, whatever their invites.
func peopleOf(tickets []pretixconn.Ticket, keys *database.Keys) []person {
	var people []person
	for _, t := range tickets {
		if t.Problem != pretixconn.ProblemNone {
			continue
		}
		attendee := keys.Attendee(t.IDs[0])
		at := slices.IndexFunc(people, func(p person) bool { return p.attendee == attendee })
		if at < 0 {
			at = len(people)
			people = append(people, person{attendee: attendee})
		}
		for _, who := range t.IDs {
			if !slices.Contains(people[at].ids, who) {
				people[at].ids = append(people[at].ids, who)
			}
		}
	}
	return people
}

// toAsk keeps of the people those whom there is something to ask now, with their invites: into rooms that are open, due or waiting
// until now at most.
func toAsk(people []person, invites []database.Invite, links []database.Link, now time.Time) []person {
	var asked []person
	for _, p := range people {
		for _, invite := range invites {
			if invite.Attendee == p.attendee && open(links, invite.Room) && ripe(invite, now) {
				p.invites = append(p.invites, invite)
			}
		}
		if len(p.invites) > 0 {
			asked = append(asked, p)
		}
	}
	return asked
}

// ripe says that the invite is to be sent now.
func ripe(invite database.Invite, now time.Time) bool {
	switch invite.State {
	case database.InviteDue:
		return true
	case database.InviteWaiting:
		return !invite.WaitUntil.After(now)
	default:
		return false
	}
}

// open says that people may be asked into the room at present.
func open(links []database.Link, room id.RoomID) bool {
	return slices.ContainsFunc(links, func(l database.Link) bool { return l.Room == room && l.State == database.LinkActive })
}

// nextLook is when the order must be looked at again: when the first of its waiting invites is ripe; zero for never. Rooms that are
// not open do not count: when they open again, their orders come due.
func nextLook(invites []database.Invite, links []database.Link) time.Time {
	var next time.Time
	for _, invite := range invites {
		if invite.State != database.InviteWaiting || !open(links, invite.Room) {
			continue
		}
		if next.IsZero() || invite.WaitUntil.Before(next) {
			next = invite.WaitUntil
		}
	}
	return next
}
