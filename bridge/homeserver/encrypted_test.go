package homeserver_test

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
)

// In one test, because each needs the one before: a restart is worth nothing without keys from before it.
func TestEncryptedTalkIsReadAndAnsweredOverARestart(t *testing.T) {
	for name, newOne := range map[string]func(*testing.T) *setting{"sqlite": newSetting, "postgres": onPostgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newOne(t)
			b := s.start()
			ada := s.person("ada")
			room := ada.MakeRoom(&mautrix.ReqCreateRoom{
				Preset: "trusted_private_chat", IsDirect: true, Invite: []id.UserID{b.Bot()},
			}, true)
			ada.WaitForMember(room, b.Bot(), event.MembershipJoin)

			ada.Send(room, "!help")
			heard := b.waitForCommand("!help")
			if !heard.Encrypted || heard.Evt.Sender != ada.UserID || heard.Late {
				t.Errorf("got encrypted %v from %s, late %v; want encrypted from %s, not late", heard.Encrypted, heard.Evt.Sender, heard.Late, ada.UserID)
			}
			sent := b.answer(heard, "**Yes.**")
			answer := ada.WaitForText(room, b.Bot(), "**Yes.**")
			if got := answer.Content.AsMessage(); got.MsgType != event.MsgNotice || got.FormattedBody != "<strong>Yes.</strong>" {
				t.Errorf("got %s %q, want a notice with Matrix HTML", got.MsgType, got.FormattedBody)
			}
			if !isEncrypted(ada.Raw(room, sent)) {
				t.Error("the answer went in clear")
			}
			if direct, err := b.store.Direct(t.Context(), ada.UserID); err != nil || direct != room {
				t.Errorf("got direct room %q, %v; want %q", direct, err, room)
			}

			b.stop()
			ada.Send(room, "!status")
			b = s.start()
			heard = b.waitForCommand("!status")
			sent = b.answer(heard, "Still here.")
			ada.WaitForText(room, b.Bot(), "Still here.")
			if !isEncrypted(ada.Raw(room, sent)) {
				t.Error("after the restart the answer went in clear")
			}
		})
	}
}

func TestRoomEncryptedLaterGetsNothingInClearAfterwards(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, false)
	ada.Ask(room, b.Bot())
	ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
	ada.Send(room, "!before")
	before := b.answer(b.waitForCommand("!before"), "in clear")
	if isEncrypted(ada.Raw(room, before)) {
		t.Error("the answer before encryption was encrypted")
	}
	// The answer is sent without waiting for the bridge to hear of it.
	content := &event.EncryptionEventContent{Algorithm: "m.megolm.v1.aes-sha2"}
	if _, err := ada.SendStateEvent(t.Context(), room, event.StateEncryption, "", content); err != nil {
		t.Fatal(err)
	}
	sent, err := b.Say(t.Context(), homeserver.Message{Room: room, Markdown: "a moment later"})
	if err != nil {
		t.Fatal(err)
	}
	ada.WaitForText(room, b.Bot(), "a moment later")
	if !isEncrypted(ada.Raw(room, sent)) {
		t.Error("the message went in clear into a room encrypted a moment before")
	}
	ada.WaitForEncryption(room)
	ada.Send(room, "!after")
	heard := b.waitForCommand("!after")
	if !heard.Encrypted {
		t.Error("the command after encryption was taken as clear")
	}
	b.answer(heard, "secretly")
	ada.WaitForText(room, b.Bot(), "secretly")
}

func TestRoomEncryptedWhileTheBridgeWasDownGetsNothingInClear(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, false)
	ada.Ask(room, b.Bot())
	ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
	b.stop()
	ada.Encrypt(room)
	b = s.start()
	sent, err := b.Say(t.Context(), homeserver.Message{Room: room, Markdown: "back"})
	if err != nil {
		t.Fatal(err)
	}
	if !isEncrypted(ada.Raw(room, sent)) {
		t.Error("the message went in clear")
	}
	ada.WaitForText(room, b.Bot(), "back")
}

func TestNewcomerReadsTheNextAnswerAndLeaverDoesNot(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada, bob := s.person("ada"), s.person("bob")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, true)
	ada.Ask(room, b.Bot())
	ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
	ada.Send(room, "!one")
	b.answer(b.waitForCommand("!one"), "for one")
	ada.WaitForText(room, b.Bot(), "for one")

	ada.Ask(room, bob.UserID)
	bob.Enter(room)
	bob.WaitForEncryption(room)
	ada.WaitForMember(room, bob.UserID, event.MembershipJoin)
	bob.Send(room, "!two")
	b.answer(b.waitForCommand("!two"), "for two")
	bob.WaitForText(room, b.Bot(), "for two")
	ada.WaitForText(room, b.Bot(), "for two")

	if _, err := bob.LeaveRoom(t.Context(), room); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the leaver's keys forgotten", func() bool { return len(b.findings(bob.UserID.String())) == 0 })
	ada.WaitForMember(room, bob.UserID, event.MembershipLeave)
	ada.Send(room, "!three")
	sent := b.answer(b.waitForCommand("!three"), "for one again")
	ada.WaitForText(room, b.Bot(), "for one again")
	session := func(evt *event.Event) string { return string(evt.Content.AsEncrypted().SessionID) }
	first := bob.WaitForText(room, b.Bot(), "for two")
	old, renewed := ada.Raw(room, first.ID), ada.Raw(room, sent)
	for _, evt := range []*event.Event{old, renewed} {
		if err := evt.Content.ParseRaw(event.EventEncrypted); err != nil {
			t.Fatal(err)
		}
	}
	if session(old) == session(renewed) {
		t.Error("the key that the leaver has was used again")
	}
}

func TestEventBotNeverSpeaksInAnEncryptedRoom(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	bot := b.eventBot("Conference")
	for _, withBridgeBot := range []bool{false, true} {
		room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, true)
		ada.Ask(room, bot)
		ada.WaitForMember(room, bot, event.MembershipJoin)
		if withBridgeBot {
			ada.Ask(room, b.Bot())
			ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
		}
		if got := b.Speaker(t.Context(), room); got != b.Bot() {
			t.Errorf("%s speaks in an encrypted room, want the bridge bot", got)
		}
		if _, err := b.Say(t.Context(), homeserver.Message{Room: room, As: bot, Markdown: "hello"}); err != homeserver.ErrMustNotSpeak {
			t.Errorf("in an encrypted room the event bot got %v, want ErrMustNotSpeak", err)
		}
		if !withBridgeBot {
			continue
		}
		sent, err := b.Say(t.Context(), homeserver.Message{Room: room, Markdown: "hello"})
		if err != nil {
			t.Fatal(err)
		}
		if got := ada.WaitForText(room, b.Bot(), "hello"); got.ID != sent {
			t.Errorf("the bridge bot said %s, want %s", got.ID, sent)
		}
	}
}

func TestEventBotSpeaksWhereTheBridgeBotIsNot(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	bot := b.eventBot("Conference")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, false)
	ada.Ask(room, bot)
	ada.WaitForMember(room, bot, event.MembershipJoin)
	asked := ada.Send(room, "hello?")
	speaker := b.Speaker(t.Context(), room)
	if _, err := b.Say(t.Context(), homeserver.Message{Room: room, As: speaker, Markdown: "alone"}); err != nil {
		t.Fatal(err)
	}
	ada.WaitForText(room, bot, "alone")
	if err := b.React(t.Context(), room, asked, "👀"); err != nil {
		t.Fatal(err)
	}
	ada.WaitFor("reaction", func(evt *event.Event) bool { return evt.Type == event.EventReaction && evt.Sender == bot })
	ada.Ask(room, b.Bot())
	ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
	if _, err := b.Say(t.Context(), homeserver.Message{Room: room, As: b.Speaker(t.Context(), room), Markdown: "together"}); err != nil {
		t.Fatal(err)
	}
	ada.WaitForText(room, b.Bot(), "together")
}

// TestWhoMayNotCommandIsHeardInEncryptedRoomsToo keeps of them what encryption keeps of any member, and nothing else.
func TestWhoMayNotCommandIsHeardInEncryptedRoomsToo(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	ada, eve := s.person("ada"), s.person("eve")
	s.blocked = []id.UserID{eve.UserID}
	b := s.start()
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, true)
	for _, who := range []id.UserID{b.Bot(), eve.UserID} {
		ada.Ask(room, who)
	}
	ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
	eve.Enter(room)
	eve.WaitForEncryption(room)
	eve.Send(room, "hello")
	if heard := b.waitForCommand("hello"); !heard.Encrypted || heard.Evt.Sender != eve.UserID {
		t.Errorf("heard %+v, want what she wrote", heard)
	}
	for _, place := range b.findings(eve.UserID.String()) {
		if !strings.HasPrefix(place, "crypto_") && place != "mx_user_profile.user_id" {
			t.Errorf("somebody who may not command stands in %s", place)
		}
	}
}
