package inviter

import (
	"slices"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn"
)

// roomsFor lists the rooms that a ticket opens, each once, in the order of the links and whatever their state. A ticket that matches
// no rule opens none. (Who gets an invite's row is decided by the database by the same rules, in the transaction that records the
// order; this is for telling beforehand.)
func roomsFor(t pretixconn.Ticket, links []database.Link) []id.RoomID {
	var rooms []id.RoomID
	for _, link := range links {
		if link.Opens(t.Item, t.Variation, t.Subevent) && !slices.Contains(rooms, link.Room) {
			rooms = append(rooms, link.Room)
		}
	}
	return rooms
}
