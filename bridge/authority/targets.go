package authority

import (
	"slices"

	"maunium.net/go/mautrix/id"
)

// onTargets decides the actions that work on the linked rooms of an event: on all for whoever commands the event, else on
// those that the sender moderates, one by one. What each room lacks besides is said for it alone.
func (r Request) onTargets() Decision {
	links := r.targetLinks()
	lacks := r.lacksEvent(EventModerator)
	if len(lacks) > 0 {
		if links = r.moderatedLinks(links); len(links) == 0 {
			return r.refuseTargets(lacks)
		}
	} else if len(links) == 0 && r.Room != "" {
		return refuse(r.notLinked(r.Room))
	}
	var d Decision
	for _, link := range links {
		d.Targets = append(d.Targets, Target{Room: link.Room, Missing: r.lacksInTarget(link)})
	}
	d.Allowed = len(links) == 0 || slices.ContainsFunc(d.Targets, Target.Allowed)
	if !d.Allowed {
		for _, target := range d.Targets {
			d.Missing = append(d.Missing, target.Missing...)
		}
	}
	return d
}

// moderatedLinks leaves the links of rooms in which the sender's own standing suffices for what concerns the room alone. An
// order concerns no room alone.
func (r Request) moderatedLinks(links []LinkedRoom) []LinkedRoom {
	if r.Action == InviteOrder {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(links), func(link LinkedRoom) bool {
		return len(r.lacksToCommand(link.Room)) > 0
	})
}

// lacksToCommand is what the sender lacks as a moderator of one room for the action asked.
func (r Request) lacksToCommand(roomID id.RoomID) []Missing {
	if r.Action == Stop || r.Action == Withdraw {
		return r.lacksModeratorToTake(roomID)
	}
	return r.lacksModerator(roomID)
}

// refuseTargets says what would do instead of commanding the event: moderating the room in question. That a room is not
// linked is told to its own moderators only.
func (r Request) refuseTargets(lacks []Missing) Decision {
	room := r.Room
	if room == "" && slices.ContainsFunc(r.targetLinks(), func(link LinkedRoom) bool { return link.Room == r.Typed.Room }) {
		room = r.Typed.Room
	}
	if r.Action == InviteOrder || room == "" {
		return refuse(lacks...)
	}
	if lacksRoom := r.lacksToCommand(room); len(lacksRoom) > 0 {
		return either(lacks, lacksRoom)
	}
	return refuse(r.notLinked(room))
}

// lacksInTarget is what the sender and the event's bot lack in one room for the action asked.
func (r Request) lacksInTarget(link LinkedRoom) []Missing {
	room := r.room(link.Room)
	switch r.Action {
	case BatchInvite, InviteOrder:
		return r.lacksToInvite(link, room)
	case Withdraw:
		return r.lacksToKick(room)
	}
	return nil
}

func (r Request) lacksToInvite(link LinkedRoom, room Room) []Missing {
	lacks := r.lacksModerator(room.ID)
	if room.Why() != Readable || room.Upgraded {
		return lacks
	}
	if link.Suspended {
		lacks = append(lacks, Missing{Kind: Suspended, Event: link.Event, Room: room.ID})
	}
	if room.Joined(r.Sender) && !room.CanInvite(r.Sender) {
		lacks = append(lacks, r.lacksLevel(SenderInvite, room, room.Levels.InviteLevel()))
	}
	return append(lacks, r.botLacks(room, room.CanInvite, BotInvite, room.Levels.InviteLevel())...)
}

func (r Request) lacksToKick(room Room) []Missing {
	lacks := r.lacksPresence(room)
	if room.Why() != Readable {
		return lacks
	}
	needs := max(room.Levels.KickLevel(), room.Levels.usersDefault+1)
	if room.Joined(r.Sender) && !room.CanKick(r.Sender) {
		lacks = append(lacks, r.lacksLevel(SenderKick, room, needs))
	}
	return append(lacks, r.botLacks(room, room.CanKick, BotKick, needs)...)
}

func (r Request) botLacks(room Room, can func(id.UserID) bool, kind Kind, needs int64) []Missing {
	switch {
	case !room.Joined(r.Bots.Event):
		kind, needs = BotNotInRoom, room.Levels.InviteLevel()
	case can(r.Bots.Event):
		return nil
	}
	lacks := r.lacksLevel(kind, room, needs)
	lacks.Bot = r.Bots.Event
	return []Missing{lacks}
}

// notLinked names the room's admins, as far as the sender sees them there: linking takes one of them.
func (r Request) notLinked(roomID id.RoomID) Missing {
	lacks := r.lacksLevel(NotLinked, r.room(roomID), 0)
	lacks.Event, lacks.Room = r.Event, roomID
	return lacks
}
