package authority

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// The people and events of the tables. Ada asks; everybody else only has something.
const (
	ada    id.UserID = "@ada:example.org"
	bob    id.UserID = "@bob:example.org"
	maker  id.UserID = "@maker:example.org"
	bridge id.UserID = "@pretixbot:example.org"
	bot    id.UserID = "@pretix_eu__lab__conf:example.org"
)

var (
	conf        = database.EventKey{Instance: "eu", Organizer: "lab", Event: "conf"}
	summer      = database.EventKey{Instance: "eu", Organizer: "lab", Event: "summer"}
	otherConf   = database.EventKey{Instance: "eu", Organizer: "other", Event: "conf"}
	distantConf = database.EventKey{Instance: "us", Organizer: "lab", Event: "conf"}
	noEvent     = database.EventKey{}
	halfEvent   = database.EventKey{Instance: "eu", Organizer: "lab"}
)

// plan is a room as a test describes it: version 11, made by somebody who is nobody here, bots that may invite and kick.
type plan struct {
	Room
	version    string
	creator    id.UserID
	additional []id.UserID
	power      map[string]any
	raw        json.RawMessage
	rawSet     bool
}

type twist func(*plan)

func build(name id.RoomID, level any, twists ...twist) Room {
	p := plan{
		Room:    Room{ID: name, Members: map[id.UserID]event.Membership{ada: "join", bob: "join", bridge: "join", bot: "join"}},
		version: "11", creator: maker,
		power: map[string]any{
			"users":  map[id.UserID]any{ada: level, bob: 100, bridge: 100, bot: 60},
			"events": map[string]any{"m.room.power_levels": 100},
			"invite": 50,
		},
	}
	if level == nil {
		delete(p.power["users"].(map[id.UserID]any), ada)
	}
	for _, twist := range twists {
		twist(&p)
	}
	create := map[string]any{"room_version": p.version}
	if p.additional != nil {
		create["additional_creators"] = p.additional
	}
	if !p.rawSet {
		p.raw = asJSON(p.power)
	}
	p.Levels = ReadLevels(p.creator, asJSON(create), p.raw)
	return p.Room
}

func asJSON(value any) json.RawMessage {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return raw
}

func version(v string) twist            { return func(p *plan) { p.version = v } }
func madeBy(user id.UserID) twist       { return func(p *plan) { p.creator = user } }
func madeWith(users ...id.UserID) twist { return func(p *plan) { p.additional = users } }
func set(field string, level any) twist { return func(p *plan) { p.power[field] = level } }
func raw(content string) twist {
	return func(p *plan) { p.raw, p.rawSet = json.RawMessage(content), true }
}
func readBy(user id.UserID) twist { return func(p *plan) { p.ReadBy = user } }
func noLevels(p *plan)            { p.raw, p.rawSet = nil, true }
func noMembers(p *plan)           { p.Members = nil }
func upgraded(p *plan)            { p.Upgraded = true }
func opens(p *plan)               { p.OpensToTickets = true }
func is(user id.UserID, m string) twist {
	return func(p *plan) { p.Members[user] = event.Membership(m) }
}
func gone(user id.UserID) twist { return func(p *plan) { delete(p.Members, user) } }
func gives(user id.UserID, l any) twist {
	return func(p *plan) { p.power["users"].(map[id.UserID]any)[user] = l }
}
func asks(eventType string, level any) twist {
	return func(p *plan) { p.power["events"].(map[string]any)[eventType] = level }
}

// fact adds something to a request.
type fact func(*Request)

// ask is what Ada asks for about the event conf, from her DM with the bridge bot.
func ask(action Action, facts ...fact) Request {
	r := Request{
		Action: action, Sender: ada, Permitted: true, Event: conf,
		Typed: Place{Room: "!dm", Direct: true}, Bots: Bots{Bridge: bridge, Event: bot},
	}
	for _, fact := range facts {
		fact(&r)
	}
	return r
}

func about(key database.EventKey) fact { return func(r *Request) { r.Event = key } }
func in(room id.RoomID) fact           { return func(r *Request) { r.Room = room } }
func from(room id.RoomID) fact         { return func(r *Request) { r.Typed = Place{Room: room} } }
func by(user id.UserID) fact           { return func(r *Request) { r.Sender = user } }
func blocked(r *Request)               { r.Permitted = false }
func named(login string) fact          { return func(r *Request) { r.Login = login } }

func owning(events ...database.EventKey) fact {
	return func(r *Request) {
		r.Logins = append(r.Logins, Login{ID: "own", Owner: ada, Live: true, Events: events})
	}
}

func others(owner id.UserID, events ...database.EventKey) fact {
	return func(r *Request) {
		r.Logins = append(r.Logins, Login{ID: "theirs", Owner: owner, Live: true, Events: events})
	}
}

// unproven says that Pretix does not tell what the sender's logins see now.
func unproven(r *Request) { r.Unproven = true }

func revoked(events ...database.EventKey) fact {
	return func(r *Request) { r.Logins = append(r.Logins, Login{ID: "own", Owner: ada, Events: events}) }
}

// plain is a room that has to do with no event; linked one that conf's tickets open; control one that conf is commanded from.
func plain(name id.RoomID, level any, twists ...twist) fact {
	return func(r *Request) { r.Rooms = append(r.Rooms, build(name, level, twists...)) }
}

func linked(name id.RoomID, level any, twists ...twist) fact {
	return linkedTo(conf, name, level, twists...)
}

func linkedTo(key database.EventKey, name id.RoomID, level any, twists ...twist) fact {
	return func(r *Request) {
		r.Rooms = append(r.Rooms, build(name, level, append(twists, opens)...))
		r.Links = append(r.Links, LinkedRoom{Event: key, Room: name})
	}
}

func suspended(name id.RoomID, level any, twists ...twist) fact {
	return func(r *Request) {
		linked(name, level, twists...)(r)
		r.Links[len(r.Links)-1].Suspended = true
	}
}

func control(name id.RoomID, level any, twists ...twist) fact {
	return controlOf(conf, name, level, twists...)
}

func controlOf(key database.EventKey, name id.RoomID, level any, twists ...twist) fact {
	return func(r *Request) {
		r.Rooms = append(r.Rooms, build(name, level, twists...))
		r.Controls = append(r.Controls, ControlRoom{Event: key, Room: name})
	}
}

// unread is a room of which nothing came back: linked, control or only spoken of.
func unreadLink(name id.RoomID) fact {
	return func(r *Request) { r.Links = append(r.Links, LinkedRoom{Event: conf, Room: name}) }
}

func unreadControl(name id.RoomID) fact {
	return func(r *Request) { r.Controls = append(r.Controls, ControlRoom{Event: conf, Room: name}) }
}

// verdict writes a decision down: "yes", "yes in !a, not in !b: sender's invite", "no: event admin + room admin !a".
func verdict(d Decision) string {
	if !d.Allowed {
		joint := " + "
		if d.Either {
			joint = " or "
		}
		return "no: " + kinds(d.Missing, joint)
	}
	text := "yes"
	for _, room := range d.AllowedRooms() {
		text += " " + string(room)
	}
	for _, target := range d.Skipped() {
		text += fmt.Sprintf(", not %s: %s", target.Room, kinds(target.Missing, " + "))
	}
	return text
}

func kinds(missing []Missing, joint string) string {
	var texts []string
	for _, m := range missing {
		text := string(m.Kind)
		if m.Room != "" {
			text += " " + string(m.Room)
		}
		if m.Why != Readable {
			text += " (" + string(m.Why) + ")"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, joint)
}

// shows writes a scope down: "all +codes +secrets", "!a", "nothing".
func shows(s Scope) string {
	text := ""
	if s.Whole {
		text = " all"
	}
	for _, room := range s.Rooms {
		text += " " + string(room)
	}
	for _, key := range s.Events {
		text += " " + key.Instance + "/" + key.Organizer + "/" + key.Event
	}
	if s.Codes {
		text += " +codes"
	}
	if s.Secrets {
		text += " +secrets"
	}
	if text == "" {
		return "nothing"
	}
	return text[1:]
}

// row is a claim in words, the request that it is about, and the verdict on it.
type row struct {
	claim string
	r     Request
	want  string
}

func hold(t *testing.T, rows []row) {
	t.Helper()
	holdAs(t, rows, verdict)
}

func holdAs(t *testing.T, rows []row, write func(Decision) string) {
	t.Helper()
	seen := map[string]bool{}
	for _, row := range rows {
		if seen[row.claim] {
			t.Errorf("the claim %q stands twice", row.claim)
		}
		seen[row.claim] = true
		t.Run(row.claim, func(t *testing.T) {
			if got := write(Decide(row.r)); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

// people lists everybody whom a decision names, sorted.
func people(d Decision) []id.UserID {
	found := map[id.UserID]bool{}
	lists := [][]Missing{d.Missing}
	for _, target := range d.Targets {
		lists = append(lists, target.Missing)
	}
	for _, missing := range lists {
		for _, m := range missing {
			for _, giver := range m.Givers {
				for _, user := range giver.People {
					found[user] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
