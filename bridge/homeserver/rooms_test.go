package homeserver_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/cmd/lab/parts"
)

func TestForeignInviteIsDeclinedWithAReason(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	eve := s.person("eve")
	s.blocked = []id.UserID{eve.UserID}
	b := s.start()
	room := eve.MakeRoom(&mautrix.ReqCreateRoom{IsDirect: true, Invite: []id.UserID{b.Bot()}}, false)
	declined := eve.WaitForMember(room, b.Bot(), event.MembershipLeave)
	if got := declined.Content.AsMember().Reason; !strings.Contains(got, "not allowed") {
		t.Errorf("got reason %q, want one that says why", got)
	}
	if found := b.findings(eve.UserID.String()); len(found) > 0 {
		t.Errorf("who was declined stands in %v", found)
	}
}

func TestEventBotDeclinesATalkAndNamesTheBridgeBot(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	bot := b.eventBot("Conference")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{IsDirect: true, Invite: []id.UserID{bot}}, false)
	declined := ada.WaitForMember(room, bot, event.MembershipLeave)
	if got := declined.Content.AsMember().Reason; !strings.Contains(got, b.Bot().String()) {
		t.Errorf("got reason %q, want one that names %s", got, b.Bot())
	}
}

func TestEventBotComesOnlyWhereItIsAdmitted(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	welcome := make(chan id.RoomID, 1)
	entered := make(chan homeserver.Entered, 2)
	s.handlers.Admit = func(_ context.Context, invitation homeserver.Invitation) homeserver.Admission {
		if room := <-welcome; room == invitation.Room {
			return homeserver.Admission{Accept: true}
		}
		return homeserver.Admission{Reason: "Not here."}
	}
	s.handlers.Entered = func(_ context.Context, e homeserver.Entered) { entered <- e }
	b := s.start()
	ada := s.person("ada")
	bot := b.eventBot("Conference")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, false)
	ada.Ask(room, bot)
	welcome <- "!elsewhere"
	if got := ada.WaitForMember(room, bot, event.MembershipLeave).Content.AsMember().Reason; got != "Not here." {
		t.Errorf("got reason %q, want that of the hook", got)
	}
	ada.Ask(room, bot)
	welcome <- room
	ada.WaitForMember(room, bot, event.MembershipJoin)
	if got := <-entered; got.Bot != bot || got.Room != room || got.By != ada.UserID || got.Direct {
		t.Errorf("got %+v, want the event bot in that room by %s", got, ada.UserID)
	}
}

func TestPersonIsKnownByProfileOrKeys(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	named := s.person("ada")
	withKeys := s.personLike("bob", parts.UserOptions{NoName: true}) // its client has uploaded keys
	bare, err := s.lab.Synapse.Register(t.Context(), parts.Unique("eve"), parts.UserOptions{NoName: true})
	if err != nil {
		t.Fatal(err)
	}
	for who, want := range map[id.UserID]homeserver.Existence{
		named.UserID: homeserver.Known, withKeys.UserID: homeserver.Known, id.UserID(bare.UserID): homeserver.Unknown,
		id.NewUserID(parts.Unique("nobody"), s.lab.Synapse.ServerName): homeserver.Unknown,
		id.NewUserID("slash/and?query", s.lab.Synapse.ServerName):      homeserver.Unknown,
	} {
		if got, err := b.Exists(t.Context(), who); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", who, got, err, want)
		}
	}
}

func TestMembershipAndPowerAreReadAsTheyAreNow(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada, bob, eve := s.person("ada"), s.person("bob"), s.person("eve")
	for _, version := range []id.RoomVersion{"10", "11", "12"} {
		t.Run(string(version), func(t *testing.T) {
			bot := b.eventBot("Conference")
			room := ada.MakeRoom(&mautrix.ReqCreateRoom{RoomVersion: version, Invite: []id.UserID{b.Bot(), bot, bob.UserID}}, false)
			ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
			ada.WaitForMember(room, bot, event.MembershipJoin)
			bob.Enter(room)
			state, err := b.RoomState(t.Context(), bot, room, bob.UserID, eve.UserID)
			if err != nil {
				t.Fatal(err)
			}
			if !state.Admin(ada.UserID) || state.Moderator(bob.UserID) || !state.Joined(bot) || state.Joined(eve.UserID) || state.Upgraded {
				t.Errorf("got %+v, want an admin, a mere member, the bot and nobody else", state)
			}
			own, err := b.OwnState(t.Context(), bot, room)
			if err != nil || !own.CanInvite(bot) || len(own.Members) != 1 {
				t.Errorf("read for itself by the bot: got %+v, %v, want it alone, with power", own, err)
			}
			power := map[string]any{"users": map[id.UserID]int{bob.UserID: 50}, "events": map[string]int{"m.room.power_levels": 0}}
			if version != "12" {
				power["users"] = map[id.UserID]int{bob.UserID: 50, ada.UserID: 0} // ada steps down
			}
			if _, err := ada.SendStateEvent(t.Context(), room, event.StatePowerLevels, "", power); err != nil {
				t.Fatal(err)
			}
			if state, err = b.RoomState(t.Context(), b.Bot(), room, bob.UserID); err != nil {
				t.Fatal(err)
			}
			if !state.Moderator(bob.UserID) {
				t.Error("who was promoted a moment ago is no moderator")
			}
			if got, want := state.Moderator(ada.UserID), version == "12"; got != want {
				t.Errorf("who stepped down is a moderator: %v, want %v", got, want)
			}
			bob.Send(room, "bye "+string(version))
			if _, err := bob.LeaveRoom(t.Context(), room); err != nil {
				t.Fatal(err)
			}
			if state, err = b.RoomState(t.Context(), b.Bot(), room, bob.UserID); err != nil || state.Moderator(bob.UserID) {
				t.Errorf("who left is a moderator: %v, %v", state.Moderator(bob.UserID), err)
			}
			for who, want := range map[id.UserID]event.Membership{bob.UserID: event.MembershipLeave, ada.UserID: event.MembershipJoin, eve.UserID: ""} {
				if got, err := b.Membership(t.Context(), bot, room, who); err != nil || got != want {
					t.Errorf("%s: got membership %q, %v; want %q", who, got, err, want)
				}
			}
			members, err := b.Members(t.Context(), bot, room)
			if err != nil || len(members) != 4 || members[bob.UserID] != event.MembershipLeave {
				t.Errorf("got members %v, %v; want four, one of whom left", members, err)
			}
		})
	}
}

func TestRoomThatCannotBeReadProvesNothing(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, false)
	state, err := b.RoomState(t.Context(), b.Bot(), room, ada.UserID)
	refused, ok := errors.AsType[*homeserver.Error](err)
	if !ok || refused.Code != "M_FORBIDDEN" || refused.Status != 403 {
		t.Errorf("got error %v, want M_FORBIDDEN", err)
	}
	if state.Why() != authority.NotRead || state.Admin(ada.UserID) {
		t.Errorf("got %q, want %q", state.Why(), authority.NotRead)
	}
	if encrypted, err := b.Encrypted(t.Context(), b.Bot(), room); err == nil {
		t.Errorf("got encrypted %v of a room that cannot be read, want an error", encrypted)
	}
	if _, err := b.Say(t.Context(), homeserver.Message{Room: room, Markdown: "hello"}); err == nil {
		t.Error("said something in a room of which nothing is known")
	}
}

func TestEventBotHasItsFaceBeforeItComes(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	ghost, err := homeserver.GhostID("eu", "Lab", parts.Unique("conf"), s.slotUsername, s.lab.Synapse.ServerName)
	if err != nil {
		t.Fatal(err)
	}
	png := []byte("\x89PNG\r\n\x1a\n0000")
	loads := 0
	face := homeserver.Face{Name: "Conf 26", LogoID: "logo1", Logo: func(context.Context) ([]byte, error) { loads++; return png, nil }}
	bot, err := b.EventBot(t.Context(), ghost, face)
	if err != nil {
		t.Fatal(err)
	}
	if bot != b.BotOf(ghost) || !b.IsOurs(bot) || b.IsOurs(ada.UserID) {
		t.Errorf("got bot %s, ours %v", bot, b.IsOurs(bot))
	}
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{Invite: []id.UserID{bot}}, false)
	ada.WaitForMember(room, bot, event.MembershipJoin)
	joined := ada.WaitForMember(room, bot, event.MembershipJoin).Content.AsMember()
	if joined.Displayname != "Conf 26 (tickets)" || joined.AvatarURL == "" {
		t.Errorf("joined as %q with picture %q, want the name with suffix and a picture", joined.Displayname, joined.AvatarURL)
	}
	face.Name = "Conf 2026"
	if _, err := b.EventBot(t.Context(), ghost, face); err != nil {
		t.Fatal(err)
	}
	if name, err := b.Name(t.Context(), bot); err != nil || name != "Conf 2026 (tickets)" {
		t.Errorf("got name %q, %v after a change", name, err)
	}
	if loads != 1 {
		t.Errorf("the logo was loaded %d times, want once", loads)
	}
	face = homeserver.Face{Name: "Conf", LogoID: "logo2", Logo: func(context.Context) ([]byte, error) { return nil, errors.New("gone") }}
	if _, err := b.EventBot(t.Context(), ghost, face); err != nil {
		t.Errorf("a logo that cannot be had ends in %v", err)
	}
}
