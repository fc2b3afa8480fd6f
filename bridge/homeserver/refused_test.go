package homeserver_test

import (
	"bytes"
	"net/http"
	"net/url"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2/networkid"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/bridge/homeserver/hstest"
	"matrix-pretix/cmd/lab/parts"
	"matrix-pretix/database"
)

// seat is one person and a room of their own, which their ticket opens.
type seat struct {
	*setting
	who   id.UserID
	token string // theirs, if they are of this server

	room  id.RoomID
	owner *hstest.Person // of the room
	bot   id.UserID      // of the event
}

// refusal is a way in which Synapse does not let somebody be invited. What makes it so happens when the person has been looked at and the invite is
// just being sent; with early it is so before the order comes.
type refusal struct {
	name  string
	far   bool // the person is of another server
	early bool
	so    func(*testing.T, seat)

	answer string // of Synapse to the invite; empty: it is not asked
	invite database.InviteState
	reason database.Reason
	stops  database.LinkReason // empty: the link stays active
}

var refusals = []refusal{
	{name: "refuses invites", so: blockInvites,
		answer: "403 M_INVITE_BLOCKED", invite: database.InviteFailed, reason: database.ReasonBlocked},
	{name: "room blocked by the server's admin", so: blockRoom,
		answer: "403 M_UNKNOWN", invite: database.InviteDue, stops: database.LinkBlocked},
	{name: "server with which ours does not federate", far: true, so: func(*testing.T, seat) {},
		answer: "403 M_FORBIDDEN", invite: database.InviteFailed, reason: database.ReasonFederation},
	{name: "banned", early: true, so: ban, invite: database.InviteGone, reason: database.ReasonBanned},
	{name: "banned meanwhile", so: ban,
		answer: "403 M_BAD_STATE", invite: database.InviteGone, reason: database.ReasonBanned},
	{name: "bot without power", early: true, so: takePower, invite: database.InviteDue, stops: database.LinkNoPower},
	{name: "bot without power meanwhile", so: takePower,
		answer: "403 M_FORBIDDEN", invite: database.InviteDue, stops: database.LinkNoPower},
	{name: "bot put out meanwhile", so: putOut,
		answer: "403 M_FORBIDDEN", invite: database.InviteDue, stops: database.LinkRemoved},
	{name: "bot banned meanwhile", so: banBot,
		answer: "403 M_FORBIDDEN", invite: database.InviteDue, stops: database.LinkRemoved}, // Synapse tells a banned bot nothing, not even that
	{name: "in the room meanwhile", so: comeIn,
		answer: "403 M_FORBIDDEN", invite: database.InviteJoined},
}

// calls asks the lab's homeserver by somebody's token.
func (s seat) calls(t *testing.T, token, method, path string, body any) {
	t.Helper()
	if err := s.lab.Synapse.Call(t.Context(), token, method, path, body, nil); err != nil {
		t.Errorf("%s: %v", method, err)
	}
}

func blockInvites(t *testing.T, s seat) {
	path := "/_matrix/client/v3/user/" + url.PathEscape(s.who.String()) + "/account_data/m.invite_permission_config"
	s.calls(t, s.token, http.MethodPut, path, map[string]string{"default_action": "block"})
}

func blockRoom(t *testing.T, s seat) {
	path := "/_synapse/admin/v1/rooms/" + url.PathEscape(s.room.String()) + "/block"
	s.calls(t, s.lab.Synapse.Admin.AccessToken, http.MethodPut, path, map[string]bool{"block": true})
}

func ban(t *testing.T, s seat)    { s.bans(t, s.who) }
func banBot(t *testing.T, s seat) { s.bans(t, s.bot) }

func (s seat) bans(t *testing.T, who id.UserID) {
	if _, err := s.owner.BanUser(t.Context(), s.room, &mautrix.ReqBanUser{UserID: who}); err != nil {
		t.Errorf("ban: %v", err)
	}
}

func takePower(t *testing.T, s seat) {
	if _, err := s.owner.SendStateEvent(t.Context(), s.room, event.StatePowerLevels, "", map[string]any{"invite": 50}); err != nil {
		t.Errorf("take the power to invite: %v", err)
	}
}

func putOut(t *testing.T, s seat) {
	if _, err := s.owner.KickUser(t.Context(), s.room, &mautrix.ReqKickUser{UserID: s.bot}); err != nil {
		t.Errorf("put the bot out: %v", err)
	}
}

func comeIn(t *testing.T, s seat) {
	if _, err := s.owner.InviteUser(t.Context(), s.room, &mautrix.ReqInviteUser{UserID: s.who}); err != nil {
		t.Errorf("invite: %v", err)
	}
	s.calls(t, s.token, http.MethodPost, "/_matrix/client/v3/join/"+url.PathEscape(s.room.String()), struct{}{})
}

// guest registers somebody to be invited.
func (s *setting) guest() seat {
	s.t.Helper()
	user, err := s.lab.Synapse.Register(s.t.Context(), parts.Unique("guest"), parts.UserOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	return seat{setting: s, who: id.UserID(user.UserID), token: user.AccessToken}
}

// seat makes a room with the event's bot in it, and somebody to be invited.
func (s *setting) seat(owner *hstest.Person, bot id.UserID, far bool) seat {
	s.t.Helper()
	made := seat{setting: s, who: "@far:elsewhere.example"}
	if !far {
		made = s.guest()
	}
	made.owner, made.bot = owner, bot
	made.room = owner.MakeRoom(&mautrix.ReqCreateRoom{Preset: "private_chat", Invite: []id.UserID{bot}}, false)
	owner.WaitForMember(made.room, bot, event.MembershipJoin)
	return made
}

// TestWhatSynapseRefusesIsWrittenDownForWhatItIs has everybody asked at once, each into a room of their own.
func TestWhatSynapseRefusesIsWrittenDownForWhatItIs(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	keys, err := database.NewKeys(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	ghost := networkid.UserID("eu_lab_" + parts.Unique("conf"))
	bot, err := b.EventBot(t.Context(), ghost, homeserver.Face{Name: "Conf"})
	if err != nil {
		t.Fatal(err)
	}
	seats := make([]seat, len(refusals))
	late := make(map[id.RoomID]func())
	for i, r := range refusals {
		seats[i] = s.seat(ada, bot, r.far)
		if so := func() { r.so(t, seats[i]) }; r.early {
			so()
		} else {
			late[seats[i].room] = so
		}
	}
	hs := &meanwhile{Server: b.Server, before: late, answers: make(map[id.RoomID]string)}
	b.opens(bot, ghost, seats)
	b.works(hs, shop{seats: seats}, keys)
	for i, r := range refusals {
		b.wantRefused(r, seats[i].room, keys.Attendee(seats[i].who), hs.answers[seats[i].room])
	}
}

// wantRefused looks at what Synapse answered, and at what is written down of the invite and of its room.
func (b *bridge) wantRefused(r refusal, room id.RoomID, who database.Attendee, answer string) {
	b.t.Helper()
	if answer != r.answer {
		b.t.Errorf("%s: Synapse answered %q, want %q", r.name, answer, r.answer)
	}
	invite, err := b.store.Invite(b.t.Context(), shopEvent, room, who)
	if err != nil || invite.State != r.invite || invite.Reason != r.reason {
		b.t.Errorf("%s: the invite is %s %q, %v; want %s %q", r.name, invite.State, invite.Reason, err, r.invite, r.reason)
	}
	state := database.LinkActive
	if r.stops != "" {
		state = database.LinkSuspended
	}
	link, err := b.store.Link(b.t.Context(), shopEvent, room)
	if err != nil || link.State != state || link.Reason != r.stops {
		b.t.Errorf("%s: the link is %s %q, %v; want %s %q", r.name, link.State, link.Reason, err, state, r.stops)
	}
}
