package authority

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

const worlds = 8000

// world is a random request over few names, so that much of it meets. Ada's level in each room is kept apart, for a law
// changes one thing and compares.
type world struct {
	rng     *rand.Rand
	request Request
	levels  map[id.RoomID]int
	shape   map[id.RoomID][]twist
}

func newWorld(seed uint64) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 7)), levels: map[id.RoomID]int{}, shape: map[id.RoomID][]twist{}}
	names := []id.RoomID{"!a", "!b", "!c"}
	w.request = ask(pick(w, allActions...), about(pick(w, conf, conf, conf, summer, noEvent)), in(pick[id.RoomID](w, "", "!a", "!a", "!b", "!unread")))
	r := &w.request
	r.Login = pick(w, "own", "theirs", "")
	if w.chance(50) {
		r.Typed = Place{Room: pick(w, names...)}
	}
	for _, fact := range []fact{owning(conf), owning(summer), revoked(conf), others(bob, conf)} {
		if w.chance(20) {
			fact(r)
		}
	}
	r.Unproven = w.chance(20)
	for _, name := range names {
		for _, key := range []database.EventKey{conf, summer} {
			if w.chance(30) {
				r.Links = append(r.Links, LinkedRoom{Event: key, Room: name, Suspended: w.chance(20)})
			}
			if w.chance(20) {
				r.Controls = append(r.Controls, ControlRoom{Event: key, Room: name})
			}
		}
		w.levels[name], w.shape[name] = pick(w, 0, 49, 50, 99, 100), w.twists()
		if w.chance(95) {
			r.Rooms = append(r.Rooms, build(name, w.levels[name], w.shape[name]...))
		}
	}
	return w
}

// twists gives a room what makes it differ from an ordinary one, each rarely.
func (w *world) twists() []twist {
	twists := []twist{version(pick(w, "10", "11", "12"))}
	for _, twist := range []twist{
		madeBy(ada), madeWith(ada), noLevels, upgraded, gone(bot), gives(bot, 0), gives(bob, "100"),
		set("state_default", 100), set("invite", 0), set("invite", 100), set("kick", 0), set("users_default", 50),
		is(bridge, "leave"), readBy(bridge), readBy(bot), asks(CommandType.Type, 10), asks(AdminType.Type, 50), is(ada, "leave"), is(ada, "ban"), opens, noMembers,
	} {
		if w.chance(6) {
			twists = append(twists, twist)
		}
	}
	return twists
}

func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }

func pick[T any](w *world, choices ...T) T { return choices[w.rng.IntN(len(choices))] }

// with is the request with its rooms changed, the original left alone.
func (w *world) with(change func(Room) (Room, bool)) Request {
	r := w.request
	r.Rooms = nil
	for _, room := range w.request.Rooms {
		if changed, ok := change(room); ok {
			r.Rooms = append(r.Rooms, changed)
		}
	}
	return r
}

// raised is the request after Ada's level in every room went up.
func (w *world) raised() Request {
	return w.with(func(room Room) (Room, bool) {
		return build(room.ID, w.levels[room.ID]+1+w.rng.IntN(100), w.shape[room.ID]...), true
	})
}

// covers reports whether everything that one decision gives the other gives too.
func covers(more, less Decision) bool {
	for _, room := range less.AllowedRooms() {
		if !slices.Contains(more.AllowedRooms(), room) {
			return false
		}
	}
	for _, room := range less.Scope.Rooms {
		if !more.Scope.ShowsRoom(room) {
			return false
		}
	}
	for _, key := range less.Scope.Events {
		if !more.Scope.ShowsEvent(key) {
			return false
		}
	}
	return implies(less.Allowed, more.Allowed) && implies(less.Scope.Whole, more.Scope.Whole) &&
		implies(less.Scope.Codes, more.Scope.Codes) && implies(less.Scope.Secrets, more.Scope.Secrets)
}

func implies(a, b bool) bool { return !a || b }

// law is a claim about every request: it says what breaks it, or nothing. bites counts how often it had something to say, so
// that no law holds for want of cases.
type law struct {
	claim string
	check func(w *world, d Decision) (broken string, bites bool)
}

func TestLawsHoldInEveryWorld(t *testing.T) {
	var made []*world
	for seed := range uint64(worlds) {
		made = append(made, newWorld(seed))
	}
	for _, law := range slices.Concat(lawsOfShape(), lawsOfPower(), lawsOfProof()) {
		t.Run(law.claim, func(t *testing.T) {
			bites := 0
			for seed, w := range made {
				broken, bit := law.check(w, Decide(w.request))
				if broken != "" {
					t.Fatalf("world %d: %s\n%+v", seed, broken, w.request)
				}
				if bit {
					bites++
				}
			}
			if bites < 20 {
				t.Errorf("only %d of %d worlds put it to the test", bites, worlds)
			}
		})
	}
}

func lawsOfShape() []law {
	return []law{
		{"allowed or something missing, never both", func(w *world, d Decision) (string, bool) {
			return when(d.Allowed == (len(d.Missing) > 0), "allowed %v, missing %v", d.Allowed, d.Missing), true
		}},
		{"who is refused is shown nothing", func(w *world, d Decision) (string, bool) {
			return when(!d.Allowed && shows(d.Scope) != "nothing", "shows %q", shows(d.Scope)), !d.Allowed
		}},
		{"who is refused has no room to work on", func(w *world, d Decision) (string, bool) {
			return when(!d.Allowed && len(d.AllowedRooms()) > 0, "works on %v", d.AllowedRooms()), !d.Allowed
		}},
		{"only the rooms that it reads count", func(w *world, d Decision) (string, bool) {
			reads := w.request.Reads()
			r := w.with(func(room Room) (Room, bool) { return room, slices.Contains(reads, room.ID) })
			return when(!reflect.DeepEqual(Decide(r), d), "got %+v without the rooms that it does not read", d), len(r.Rooms) < len(w.request.Rooms)
		}},
		{"asking twice gives the same answer", func(w *world, d Decision) (string, bool) {
			return when(!reflect.DeepEqual(Decide(w.request), d), "the second answer differs"), true
		}},
		{"codes and secrets go to no room that tickets open", func(w *world, d Decision) (string, bool) {
			shown := d.Scope.Codes || d.Scope.Secrets
			open := d.Answer.Kind != InDirect && !(w.request.Typed.Direct && d.Answer.Kind == Here) && w.request.attended(d.Answer.Room)
			return when(shown && open, "shown in %s", d.Answer.Room), shown && d.Answer.Kind != InDirect
		}},
	}
}

func lawsOfPower() []law {
	return []law{
		{"raising the sender's level never takes away", func(w *world, d Decision) (string, bool) {
			raised := Decide(w.raised())
			return when(!covers(raised, d), "before: %s shows %s, after: %s shows %s", verdict(d), shows(d.Scope), verdict(raised), shows(raised.Scope)),
				d.Allowed && !w.request.personal()
		}},
		{"a room that says nothing helps with nothing that needs it", func(w *world, d Decision) (string, bool) {
			room := w.request.room(w.request.Room)
			needs := slices.Contains([]Action{Link, ControlOn, BatchInvite, InviteOrder, Withdraw}, w.request.Action) && w.request.Room != ""
			return when(needs && room.Why() != Readable && d.Allowed, "allowed"), needs && room.Why() != Readable
		}},
		{"a room that says nothing is worth as much as one not read", func(w *world, d Decision) (string, bool) {
			dumb := w.with(func(room Room) (Room, bool) { room.Levels = Levels{}; return room, true })
			none := w.with(func(room Room) (Room, bool) { return room, false })
			return when(Decide(dumb).Allowed != Decide(none).Allowed, "allowed %v with the rooms unreadable", Decide(dumb).Allowed), d.Allowed
		}},
		{"no invite goes where the sender could not invite", func(w *world, d Decision) (string, bool) {
			sends := w.request.Action == BatchInvite || w.request.Action == InviteOrder
			for _, name := range d.AllowedRooms() {
				if room := w.request.room(name); sends && !(room.CanInvite(ada) && room.Moderator(ada) && room.CanInvite(bot)) {
					return fmt.Sprintf("invites into %s", name), true
				}
			}
			return "", sends && len(d.AllowedRooms()) > 0
		}},
		{"no invite is taken back where the sender could not kick", func(w *world, d Decision) (string, bool) {
			for _, name := range d.AllowedRooms() {
				if room := w.request.room(name); w.request.Action == Withdraw && !(room.CanKick(ada) && room.CanKick(bot)) {
					return fmt.Sprintf("kicks in %s", name), true
				}
			}
			return "", w.request.Action == Withdraw && d.Allowed
		}},
		{"who is in no room works by a login alone", func(w *world, d Decision) (string, bool) {
			left := w.with(func(room Room) (Room, bool) {
				members := map[id.UserID]event.Membership{}
				for user, membership := range room.Members {
					members[user] = membership
				}
				members[ada], room.Members = event.MembershipLeave, members
				return room, true
			})
			outside := Decide(left)
			login := w.request.personal() || left.ownsLogin(left.Event) || w.request.Action == ShowLinks
			return when(outside.Allowed && !login, "allowed from outside"), d.Allowed && !login
		}},
	}
}

func lawsOfProof() []law {
	stripped := func(w *world) Request {
		r := w.request
		r.Logins, r.Controls = nil, nil
		return r
	}
	return []law{
		{"without a login and a control room nobody speaks for an event", func(w *world, d Decision) (string, bool) {
			bare := Decide(stripped(w))
			needs := slices.Contains([]Action{Link, ControlOn, SetSetting, InviteOrder, Report}, w.request.Action)
			whole := bare.Scope.Whole || bare.Scope.Codes || bare.Scope.Secrets
			return when(needs && bare.Allowed || whole, "allowed %v, shows %s", bare.Allowed, shows(bare.Scope)), d.Scope.Whole
		}},
		{"other people's logins count for nothing", func(w *world, d Decision) (string, bool) {
			r := w.request
			r.Logins = slices.DeleteFunc(slices.Clone(r.Logins), func(login Login) bool { return login.Owner != ada })
			return when(!reflect.DeepEqual(Decide(r), d), "without them it differs"), len(r.Logins) < len(w.request.Logins)
		}},
		{"revoked logins count for nothing but to be forgotten", func(w *world, d Decision) (string, bool) {
			r := w.request
			r.Logins = slices.DeleteFunc(slices.Clone(r.Logins), func(login Login) bool { return !login.Live })
			return when(r.Action != Logout && !reflect.DeepEqual(Decide(r), d), "without them it differs"), len(r.Logins) < len(w.request.Logins)
		}},
		{"a login never takes away", func(w *world, d Decision) (string, bool) {
			r := w.request
			r.Logins = append(slices.Clone(r.Logins), Login{ID: "more", Owner: ada, Live: true, Events: []database.EventKey{conf, summer}})
			return when(!covers(Decide(r), d), "with one more login: %s", verdict(Decide(r))), d.Allowed && !w.request.personal()
		}},
		{"another event's login, links and control rooms count for nothing", func(w *world, d Decision) (string, bool) {
			r := w.request
			r.Logins = slices.Clone(r.Logins)
			for i := range r.Logins {
				r.Logins[i].Events = slices.DeleteFunc(slices.Clone(r.Logins[i].Events), func(key database.EventKey) bool { return key != r.Event })
			}
			r.Controls = slices.DeleteFunc(slices.Clone(r.Controls), func(c ControlRoom) bool { return c.Event != r.Event })
			r.Links = slices.DeleteFunc(slices.Clone(r.Links), func(l LinkedRoom) bool { return l.Event != r.Event })
			alone := Decide(r)
			return when(known(r.Event) && verdict(alone) != verdict(d), "alone: %s, among others: %s", verdict(alone), verdict(d)), d.Allowed && known(r.Event)
		}},
		{"old sight gives nothing, and takes nothing from who does not rest on it", func(w *world, d Decision) (string, bool) {
			r, bare := w.request, w.request
			r.Unproven, bare.Logins = true, nil
			return when(r.Action.Gives() && Decide(r).Allowed != Decide(bare).Allowed, "allowed %v without logins", Decide(bare).Allowed),
				r.Action.Gives() && d.Allowed && !Decide(bare).Allowed
		}},
		{"whom the host shuts out may nothing", func(w *world, d Decision) (string, bool) {
			r := w.request
			r.Permitted = false
			return when(Decide(r).Allowed, "allowed"), d.Allowed
		}},
		{"nobody is named who is in no room with the asker", func(w *world, d Decision) (string, bool) {
			for _, user := range people(d) {
				together := func(room Room) bool { return room.Joined(ada) && room.Joined(user) }
				if !slices.ContainsFunc(w.request.Rooms, together) {
					return fmt.Sprintf("%s is named", user), true
				}
			}
			return "", len(people(d)) > 0
		}},
	}
}

func when(broken bool, format string, args ...any) string {
	if !broken {
		return ""
	}
	return fmt.Sprintf(format, args...)
}
