package authority

import (
	"bytes"
	"encoding/json"
	"strconv"

	"maunium.net/go/mautrix/id"
)

// ReadLevels reads a room's power from the contents of its create and power_levels events as the homeserver gave them, and
// the create event's sender. nil says that the room has no such event. The contents are read here, and strictly: a decoder of
// structs takes "USERS" for users and leaves a zero where it fails, and a zero as state_default makes everybody a moderator.
func ReadLevels(creator id.UserID, create, power json.RawMessage) Levels {
	l := Levels{creator: creator}
	if why := l.readCreate(create); why != Readable {
		return Levels{why: why}
	}
	if why := l.readPower(power); why != Readable {
		return Levels{why: why}
	}
	l.readable = true
	return l
}

func (l *Levels) readCreate(raw json.RawMessage) Unreadable {
	var content map[string]json.RawMessage
	if l.creator == "" || json.Unmarshal(raw, &content) != nil || content == nil {
		return CreateBroken
	}
	version := "1" // what the specification says of rooms from before there were versions
	if given, ok := content["room_version"]; ok && !text(given, &version) {
		return CreateBroken
	}
	number, err := strconv.ParseUint(version, 10, 16)
	if err != nil || number == 0 || strconv.FormatUint(number, 10) != version {
		return UnknownVersion
	}
	if predecessor, ok := content["predecessor"]; ok {
		l.predecessor = readPredecessor(predecessor)
	}
	if number < 12 {
		return Readable
	}
	l.owners = map[id.UserID]bool{l.creator: true}
	return l.readAdditional(content)
}

func (l *Levels) readAdditional(content map[string]json.RawMessage) Unreadable {
	given, ok := content["additional_creators"]
	if !ok {
		return Readable
	}
	var creators []json.RawMessage
	if json.Unmarshal(given, &creators) != nil || creators == nil {
		return CreateBroken
	}
	for _, raw := range creators {
		var creator string
		if !text(raw, &creator) || creator == "" {
			return CreateBroken
		}
		l.owners[id.UserID(creator)] = true
	}
	return Readable
}

// readPredecessor is the room named as predecessor, empty where none can be made out: it gives nobody power, so nonsense in
// it does not make the room unreadable.
func readPredecessor(raw json.RawMessage) id.RoomID {
	var content map[string]json.RawMessage
	var room string
	if json.Unmarshal(raw, &content) != nil || !text(content["room_id"], &room) {
		return ""
	}
	return id.RoomID(room)
}

func (l *Levels) readPower(raw json.RawMessage) Unreadable {
	if raw == nil {
		return LevelsMissing
	}
	var content map[string]json.RawMessage
	if json.Unmarshal(raw, &content) != nil || content == nil {
		return LevelsBroken
	}
	var ban, redact, eventsDefault int64 // read only to see that they are sound
	for _, field := range []struct {
		name  string
		level *int64
		unset int64
	}{
		{"users_default", &l.usersDefault, 0},
		{"state_default", &l.stateDefault, 50},
		{"events_default", &eventsDefault, 0},
		{"invite", &l.invite, 0},
		{"kick", &l.kick, 50},
		{"ban", &ban, 50},
		{"redact", &redact, 50},
	} {
		*field.level = field.unset
		if given, ok := content[field.name]; ok && !whole(given, field.level) {
			return LevelsText
		}
	}
	var why Unreadable
	if l.users, why = levelsByName[id.UserID](content, "users"); why != Readable {
		return why
	}
	l.events, why = levelsByName[string](content, "events")
	return why
}

func levelsByName[K ~string](content map[string]json.RawMessage, field string) (map[K]int64, Unreadable) {
	given, ok := content[field]
	if !ok {
		return nil, Readable
	}
	var raw map[string]json.RawMessage
	if json.Unmarshal(given, &raw) != nil || raw == nil {
		return nil, LevelsBroken
	}
	levels := make(map[K]int64, len(raw))
	for name, value := range raw {
		var level int64
		if !whole(value, &level) {
			return nil, LevelsText
		}
		levels[K(name)] = level
	}
	return levels, Readable
}

// whole reads a JSON number as Matrix writes them: whole, without fraction or exponent, at most 2⁵³−1 either way.
func whole(raw json.RawMessage, into *int64) bool {
	const most = 1<<53 - 1
	level, err := strconv.ParseInt(string(bytes.TrimSpace(raw)), 10, 64)
	if err != nil || level > most || level < -most {
		return false
	}
	*into = level
	return true
}

// text reads a JSON string, and nothing else: null is none.
func text(raw json.RawMessage, into *string) bool {
	trimmed := bytes.TrimSpace(raw)
	return len(trimmed) > 0 && trimmed[0] == '"' && json.Unmarshal(trimmed, into) == nil
}
