package authority

import (
	"slices"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/database"
)

// Decide answers a request. It knows nothing but the request, so what it is not told counts as a no.
func Decide(r Request) Decision {
	if !r.Permitted || r.Sender == "" {
		d := refuse(Missing{Kind: Permission, Givers: []Giver{{Kind: Host}}})
		d.Answer = Answer{Kind: Here, Room: r.Typed.Room}
		return d
	}
	d := r.decide()
	d.Answer = r.answer()
	if d.Allowed {
		d.Scope = r.scope(d)
	} else {
		d.Targets = slices.DeleteFunc(d.Targets, Target.Allowed)
	}
	return d
}

func (r Request) decide() Decision {
	switch r.Action {
	case Help, Version, Authorize, Logins:
		return Decision{Allowed: true}
	case Logout:
		return r.ownLogin()
	case Link, ControlOn:
		return both(r.lacksAdmin(r.Room), r.lacksEvent(EventAdmin))
	case Unlink, ControlOff:
		return either(r.lacksEvent(EventAdmin), r.lacksAdminToTake(r.Room))
	case SetSetting:
		return r.setting()
	case Report:
		return both(r.lacksEvent(EventModerator))
	case ShowLinks:
		return r.showLinks()
	case BatchInvite, InviteOrder, Withdraw, Stop, Status:
		return r.onTargets()
	}
	return refuse(Missing{Kind: Unknown})
}

// ownLogin lets everybody forget a connection of their own. Whether somebody else has one by that ID is not told.
func (r Request) ownLogin() Decision {
	for _, login := range r.Logins {
		if login.ID == r.Login && r.Login != "" && login.Owner == r.Sender {
			return Decision{Allowed: true}
		}
	}
	return refuse(Missing{Kind: OwnLogin})
}

// setting wants the proof over the event, for a setting is the event's: it opens no room that its admins have not opened to
// the event's tickets already. Typed in a room it is also done in the name of that room, before its members, and so takes its
// admin; from a DM no room is touched.
func (r Request) setting() Decision {
	if r.Typed.Direct {
		return both(r.lacksEvent(EventAdmin))
	}
	return both(r.lacksAdmin(r.Typed.Room), r.lacksEvent(EventAdmin))
}

// showLinks shows a room's links to its moderators, and to others the links of those events that they command.
func (r Request) showLinks() Decision {
	if len(r.visibleEvents()) > 0 {
		return Decision{Allowed: true}
	}
	lacks := r.lacksModerator(r.Room)
	if len(lacks) == 0 {
		return Decision{Allowed: true}
	}
	if known(r.Event) {
		return either(r.lacksEvent(EventModerator), lacks)
	}
	return both(lacks)
}

// visibleEvents lists the events tied to the room, or the one asked for, whose links the sender may see: all of their own
// events, and in a room that they moderate whatever is tied to it.
func (r Request) visibleEvents() []database.EventKey {
	moderates := len(r.lacksModerator(r.Room)) == 0
	var events []database.EventKey
	add := func(key database.EventKey, room id.RoomID) {
		here := room == r.Room
		wanted := key == r.Event || here && !known(r.Event)
		if known(key) && wanted && !slices.Contains(events, key) && (here && moderates || r.eventModerator(key)) {
			events = append(events, key)
		}
	}
	for _, link := range r.Links {
		add(link.Event, link.Room)
	}
	for _, control := range r.Controls {
		add(control.Event, control.Room)
	}
	add(r.Event, "")
	return events
}

// scope is what may be shown of what is allowed.
func (r Request) scope(d Decision) Scope {
	if r.personal() {
		return Scope{}
	}
	scope := Scope{Whole: r.eventModerator(r.Event)}
	private := r.private(d.Answer)
	scope.Codes = scope.Whole && private
	scope.Secrets = r.eventAdmin(r.Event) && private
	if r.Action == ShowLinks {
		scope.Events = r.visibleEvents()
	}
	switch {
	case scope.Whole:
	case len(d.Targets) > 0:
		scope.Rooms = d.AllowedRooms()
	case r.Room != "":
		scope.Rooms = []id.RoomID{r.Room}
	}
	return scope
}

func refuse(missing ...Missing) Decision { return Decision{Missing: missing} }

// both wants all proofs: nothing may be lacking of any.
func both(lacks ...[]Missing) Decision {
	missing := slices.Concat(lacks...)
	return Decision{Allowed: len(missing) == 0, Missing: missing}
}

// either wants one proof: of one of them nothing may be lacking.
func either(one, other []Missing) Decision {
	if len(one) == 0 || len(other) == 0 {
		return Decision{Allowed: true}
	}
	return Decision{Missing: slices.Concat(one, other), Either: true}
}
