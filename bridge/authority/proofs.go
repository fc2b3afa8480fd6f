package authority

import (
	"slices"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// ownsLogin reports whether the sender's own live login sees the event. What it saw before is enough to take something away or to look, but
// nothing is given on the strength of it: the right may have been taken from them since.
func (r Request) ownsLogin(key database.EventKey) bool {
	return r.sawEvent(key) && !(r.Unproven && r.Action.Gives())
}

// sawEvent reports whether the sender's own live login saw the event when it last looked.
func (r Request) sawEvent(key database.EventKey) bool {
	return known(key) && slices.ContainsFunc(r.Logins, func(login Login) bool {
		return login.Live && login.Owner == r.Sender && slices.Contains(login.Events, key)
	})
}

// eventAdmin reports whether the sender has the proof over the event.
func (r Request) eventAdmin(key database.EventKey) bool {
	return r.ownsLogin(key) || r.inControlRoom(key, Room.Admin)
}

// eventModerator reports whether the sender commands the event as a whole.
func (r Request) eventModerator(key database.EventKey) bool {
	return r.eventAdmin(key) || r.inControlRoom(key, Room.Moderator)
}

// inControlRoom reports whether the sender has a level in one of the event's control rooms. One that was replaced proves
// nothing: a demotion may stand in its successor.
func (r Request) inControlRoom(key database.EventKey, may func(Room, id.UserID) bool) bool {
	return slices.ContainsFunc(r.controlRooms(key), func(room Room) bool { return !room.Upgraded && may(room, r.Sender) })
}

// lacksEvent says what the sender lacks of the proof over the event, which is of the kind EventAdmin or EventModerator.
func (r Request) lacksEvent(kind Kind) []Missing {
	has, giver := r.eventAdmin, ControlAdmin
	if kind == EventModerator {
		has, giver = r.eventModerator, ControlModerator
	}
	if has(r.Event) {
		return nil
	}
	if r.sawEvent(r.Event) {
		return []Missing{{Kind: EventUnproven, Event: r.Event}}
	}
	givers := []Giver{{Kind: LoginOwner, Event: r.Event}}
	for _, room := range r.controlRooms(r.Event) {
		if room.Why() != Readable || room.Upgraded || !room.Joined(r.Sender) {
			continue // whether there is such a room is none of the sender's business
		}
		people := room.admins(r.Bots)
		if kind == EventModerator {
			people = room.moderators(r.Bots)
		}
		givers = append(givers, Giver{Kind: giver, Event: r.Event, Room: room.ID, People: people})
	}
	if len(givers) == 1 {
		givers = append(givers, Giver{Kind: giver, Event: r.Event})
	}
	return []Missing{{Kind: kind, Event: r.Event, Givers: givers}}
}

// lacksAdmin says what the sender lacks to give something in a room.
func (r Request) lacksAdmin(roomID id.RoomID) []Missing {
	if lacks := r.lacksStanding(r.room(roomID)); len(lacks) > 0 {
		return lacks
	}
	return r.lacksAdminToTake(roomID)
}

// lacksAdminToTake says what the sender lacks to take something away in a room, which may be done in a replaced one too.
func (r Request) lacksAdminToTake(roomID id.RoomID) []Missing {
	room := r.room(roomID)
	if lacks := r.lacksPresence(room); len(lacks) > 0 || room.Admin(r.Sender) {
		return lacks
	}
	return []Missing{r.lacksLevel(RoomAdmin, room, room.Levels.AdminLevel())}
}

// lacksModerator says what the sender lacks to command in a room.
func (r Request) lacksModerator(roomID id.RoomID) []Missing {
	if lacks := r.lacksStanding(r.room(roomID)); len(lacks) > 0 {
		return lacks
	}
	return r.lacksModeratorToTake(roomID)
}

// lacksModeratorToTake is lacksModerator for what only takes away.
func (r Request) lacksModeratorToTake(roomID id.RoomID) []Missing {
	room := r.room(roomID)
	if lacks := r.lacksPresence(room); len(lacks) > 0 || room.Moderator(r.Sender) {
		return lacks
	}
	return []Missing{r.lacksLevel(RoomModerator, room, room.Levels.ModeratorLevel())}
}

// lacksStanding says what is wrong before levels count: the room says nothing, has been replaced, or the sender is not there.
func (r Request) lacksStanding(room Room) []Missing {
	if lacks := r.lacksPresence(room); len(lacks) > 0 {
		return lacks
	}
	if room.Upgraded {
		return []Missing{{Kind: RoomUpgraded, Room: room.ID}}
	}
	return nil
}

func (r Request) lacksPresence(room Room) []Missing {
	if why := room.Why(); why != Readable {
		lacks := Missing{Kind: RoomUnreadable, Room: room.ID, Why: why}
		if why != CreateBroken && why != UnknownVersion { // these nobody can mend
			lacks.Givers = []Giver{{Kind: Admin, Room: room.ID}}
		}
		return []Missing{lacks}
	}
	if !room.Joined(r.Sender) {
		return []Missing{{Kind: NotInRoom, Room: room.ID, Givers: []Giver{{Kind: Moderator, Room: room.ID}}}}
	}
	return nil
}

// lacksLevel names a missing level and, as the sender is there and may see it anyway, the room's admins.
func (r Request) lacksLevel(kind Kind, room Room, needs int64) Missing {
	giver := Giver{Kind: Admin, Room: room.ID}
	if room.Joined(r.Sender) {
		giver.People = room.admins(r.Bots)
	}
	return Missing{Kind: kind, Room: room.ID, Needs: needs, Givers: []Giver{giver}}
}

// known reports whether a key names an event at all.
func known(key database.EventKey) bool {
	return key.Instance != "" && key.Organizer != "" && key.Event != ""
}
