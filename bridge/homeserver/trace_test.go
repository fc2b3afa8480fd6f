package homeserver_test

import (
	"slices"
	"strings"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
)

func TestPeopleOfOpenRoomsLeaveNoTrace(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada, bob, eve, carol := s.person("ada"), s.person("bob"), s.person("eve"), s.person("carol")
	bot := b.eventBot("Conference")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, false)
	for _, who := range []id.UserID{b.Bot(), bot, bob.UserID, eve.UserID} {
		ada.Ask(room, who)
	}
	ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
	ada.WaitForMember(room, bot, event.MembershipJoin)
	bob.Enter(room)
	eve.Enter(room)
	if err := b.Invite(t.Context(), bot, room, carol.UserID, "You hold a ticket."); err != nil {
		t.Fatal(err)
	}
	said := bob.Send(room, "hello")
	b.waitForCommand("hello")
	if _, err := eve.SendReaction(t.Context(), room, said, "👍"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Members(t.Context(), b.Bot(), room); err != nil {
		t.Fatal(err)
	}
	if _, err := b.RoomState(t.Context(), bot, room, bob.UserID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Exists(t.Context(), carol.UserID); err != nil {
		t.Fatal(err)
	}
	if _, err := eve.LeaveRoom(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	bob.WaitForMember(room, eve.UserID, event.MembershipLeave)
	bob.Send(room, "last")
	b.waitForCommand("last") // so all before it has arrived
	for _, who := range []id.UserID{ada.UserID, bob.UserID, eve.UserID, carol.UserID} {
		if found := b.findings(who.String()); len(found) > 0 {
			t.Errorf("%s stands in %v", who, found)
		}
		if found := b.findings(who.Localpart()); len(found) > 0 { // the display name
			t.Errorf("name of %s stands in %v", who, found)
		}
	}
	if found := b.findings(bot.String()); !slices.Contains(found, "mx_user_profile.user_id") {
		t.Errorf("own user found in %v only: the search is blind or the store forgets too much", found)
	}
}

func TestPeopleOfEncryptedRoomsAreForgottenWithTheLastRoom(t *testing.T) {
	for name, newOne := range map[string]func(*testing.T) *setting{"sqlite": newSetting, "postgres": onPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newOne(t)
			b := s.start()
			ada, bob, carol := s.person("ada"), s.person("bob"), s.person("carol")
			var rooms []id.RoomID
			for range 2 {
				room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, true)
				for _, who := range []id.UserID{b.Bot(), bob.UserID, carol.UserID} {
					ada.Ask(room, who)
				}
				ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
				bob.Enter(room)
				bob.WaitForEncryption(room)
				bob.Send(room, "hello "+room.String())
				b.answer(b.waitForCommand("hello "+room.String()), "hello")
				bob.WaitForText(room, b.Bot(), "hello")
				rooms = append(rooms, room)
			}
			if found := b.findings(carol.UserID.String()); len(found) > 0 {
				t.Errorf("somebody merely invited stands in %v", found)
			}
			if found := b.findings(bob.UserID.String()); !slices.Contains(found, "crypto_device.user_id") {
				t.Errorf("a member is found in %v only: nothing to forget", found)
			}
			for _, place := range b.findings(bob.UserID.String()) {
				if !strings.HasPrefix(place, "crypto_") && place != "mx_user_profile.user_id" {
					t.Errorf("a member stands in %s", place)
				}
			}
			if found := b.findings(bob.UserID.Localpart() + "</"); len(found) > 0 {
				t.Errorf("a member's name stands in %v", found)
			}
			if err := b.ForgetRoom(t.Context(), rooms[0]); err != nil {
				t.Fatal(err)
			}
			if found := b.findings(bob.UserID.String()); !slices.Contains(found, "crypto_device.user_id") {
				t.Errorf("with one room left a member is found in %v only", found)
			}
			bob.Send(rooms[1], "still")
			b.answer(b.waitForCommand("still"), "still here")
			bob.WaitForText(rooms[1], b.Bot(), "still here")
			if err := b.ForgetRoom(t.Context(), rooms[1]); err != nil {
				t.Fatal(err)
			}
			for _, who := range []id.UserID{ada.UserID, bob.UserID} {
				if found := b.findings(who.String()); len(found) > 0 {
					t.Errorf("after forgetting, %s stands in %v", who, found)
				}
			}
			if found := b.findings(b.Bot().String()); !slices.Contains(found, "crypto_cross_signing_keys.user_id") {
				t.Errorf("the bridge bot's own keys are found in %v only", found)
			}
			// The bot is still there: should it speak, it is understood.
			if _, err := b.Say(t.Context(), homeserver.Message{Room: rooms[0], Markdown: "again"}); err != nil {
				t.Fatal(err)
			}
			bob.WaitForText(rooms[0], b.Bot(), "again")
		})
	}
}

func TestBridgeBotPutOutOfAnEncryptedRoomForgetsItsMembers(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, true)
	ada.Ask(room, b.Bot())
	ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
	ada.Send(room, "hello")
	b.answer(b.waitForCommand("hello"), "hello")
	if len(b.findings(ada.UserID.String())) == 0 {
		t.Fatal("nothing to forget")
	}
	if _, err := ada.KickUser(t.Context(), room, &mautrix.ReqKickUser{UserID: b.Bot()}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the members forgotten", func() bool { return len(b.findings(ada.UserID.String())) == 0 })
}
