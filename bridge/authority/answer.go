package authority

import (
	"slices"

	"maunium.net/go/mautrix/id"
)

// answer says where the answer belongs. In a room that tickets open, or that this command opens, attendees listen: there the
// answer moves to the event's control room, if there is exactly one and the sender reads it, else to a DM.
func (r Request) answer() Answer {
	here := Answer{Kind: Here, Room: r.Typed.Room}
	switch r.Action {
	case Help, Version:
		return here
	case Authorize, Logins, Logout:
		if r.Typed.Direct {
			return here
		}
		return Answer{Kind: InDirect}
	}
	if !r.attended(r.Typed.Room) {
		return here
	}
	rooms := r.controlRooms(r.Event)
	if len(rooms) == 1 && rooms[0].Why() == Readable && rooms[0].Joined(r.Sender) && !r.attended(rooms[0].ID) {
		return Answer{Kind: InControl, Room: rooms[0].ID}
	}
	return Answer{Kind: InDirect}
}

// private reports whether order codes may be shown where the answer belongs: in a DM, or in a control room of the event. That
// no ticket opens it, answer has seen to.
func (r Request) private(answer Answer) bool {
	return answer.Kind != Here || r.Typed.Direct || slices.Contains(r.Controls, ControlRoom{Event: r.Event, Room: answer.Room})
}

// attended reports whether attendees may be in a room. Of a room that was not read nobody knows, a DM excepted.
func (r Request) attended(roomID id.RoomID) bool {
	if r.Action == Link && roomID == r.Room {
		return true
	}
	if slices.ContainsFunc(r.Links, func(link LinkedRoom) bool { return link.Room == roomID }) {
		return true
	}
	if i := slices.IndexFunc(r.Rooms, func(room Room) bool { return room.ID == roomID }); i >= 0 {
		return r.Rooms[i].OpensToTickets
	}
	return !r.Typed.Direct || roomID != r.Typed.Room
}
