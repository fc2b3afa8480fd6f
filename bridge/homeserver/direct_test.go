package homeserver_test

import (
	"errors"
	"testing"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/bridgev2/matrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/database"
)

func TestDirectRoomIsMadeOnceAndReadableBeforeThePersonComes(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada, bob := s.person("ada"), s.person("bob")
	room, err := b.Direct(t.Context(), ada.UserID)
	if err != nil {
		t.Fatal(err)
	}
	sent, err := b.Say(t.Context(), homeserver.Message{Room: room, Markdown: "Which token?"})
	if err != nil {
		t.Fatal(err)
	}
	ada.Enter(room)
	ada.WaitForText(room, b.Bot(), "Which token?")
	if !isEncrypted(ada.Raw(room, sent)) {
		t.Error("the first message in a direct room went in clear")
	}
	var rules event.JoinRulesEventContent
	if err := b.StateEvent(t.Context(), "", room, event.StateJoinRules, "", &rules); err != nil || rules.JoinRule != event.JoinRuleInvite {
		t.Errorf("got join rule %q, %v; want invite", rules.JoinRule, err)
	}
	again, err := b.Direct(t.Context(), ada.UserID)
	if err != nil || again != room {
		t.Errorf("got %q, %v; want the same room %q again", again, err, room)
	}
	ada.Ask(room, bob.UserID)
	if private, err := b.Private(t.Context(), room, ada.UserID); err != nil || private {
		t.Errorf("with somebody else invited the room is private: %v, %v", private, err)
	}
	other, err := b.Direct(t.Context(), ada.UserID)
	if err != nil || other == room {
		t.Errorf("got %q, %v; want another room, since somebody else was invited", other, err)
	}
	ada.Enter(other)
	if _, err := ada.LeaveRoom(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	third, err := b.Direct(t.Context(), ada.UserID)
	if err != nil || third == other {
		t.Errorf("got %q, %v; want another room, since the person left", third, err)
	}
	if got, err := b.Membership(t.Context(), "", other, b.Bot()); err != nil || got != event.MembershipLeave {
		t.Errorf("the bot is %q in a talk that the person left, %v; want leave", got, err)
	}
	invite := ada.WaitForMember(third, ada.UserID, event.MembershipInvite)
	if !invite.Content.AsMember().IsDirect {
		t.Error("the invite does not say that it is to a talk of two")
	}
	ada.Enter(third)
	if _, err := ada.SendStateEvent(t.Context(), third, event.StateRoomName, "", &event.RoomNameEventContent{Name: "Bot"}); err != nil {
		t.Errorf("the person may not do in the talk what the bot may: %v", err)
	}
}

// TestRoomThatOthersCanReadLaterIsNotPrivate has rooms whose maker has asked the bot and a person in and has left.
func TestRoomThatOthersCanReadLaterIsNotPrivate(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada, eve := s.person("ada"), s.person("eve")
	none := ""
	state := func(kind event.Type, content any) *event.Event {
		return &event.Event{Type: kind, StateKey: &none, Content: event.Content{Parsed: content}}
	}
	joins := func(rule event.JoinRule) *event.Event {
		return state(event.StateJoinRules, &event.JoinRulesEventContent{JoinRule: rule})
	}
	shows := func(visibility event.HistoryVisibility) *event.Event {
		return state(event.StateHistoryVisibility, &event.HistoryVisibilityEventContent{HistoryVisibility: visibility})
	}
	for name, tc := range map[string]struct {
		first *event.Event
		want  bool
	}{
		"anybody may come in":        {joins(event.JoinRulePublic), false},
		"those of a space may":       {joins(event.JoinRuleRestricted), false},
		"who knocks has to be asked": {joins(event.JoinRuleKnock), true},
		"anybody may read":           {shows(event.HistoryVisibilityWorldReadable), false},
		"who is asked in may read":   {shows(event.HistoryVisibilityShared), true},
	} {
		room := eve.MakeRoom(&mautrix.ReqCreateRoom{
			Preset: "private_chat", Invite: []id.UserID{b.Bot(), ada.UserID}, InitialState: []*event.Event{tc.first},
		}, false)
		eve.WaitForMember(room, b.Bot(), event.MembershipJoin)
		ada.Enter(room)
		if _, err := eve.LeaveRoom(t.Context(), room); err != nil {
			t.Fatal(err)
		}
		if private, err := b.Private(t.Context(), room, ada.UserID); err != nil || private != tc.want {
			t.Errorf("%s: got private %v, %v; want %v", name, private, err, tc.want)
		}
	}
}

// TestWhoCannotBeAskedIntoATalkCostsNoRooms has somebody of a server with which ours does not federate, and somebody who refuses invites.
func TestWhoCannotBeAskedIntoATalkCostsNoRooms(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	guest := s.guest()
	blockInvites(t, guest)
	rooms := func() int {
		t.Helper()
		joined, err := b.mx.BotIntent().(*matrix.ASIntent).Matrix.JoinedRooms(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(joined.JoinedRooms)
	}
	before := rooms()
	for who, code := range map[id.UserID]string{"@far:elsewhere.example": "M_FORBIDDEN", guest.who: "M_INVITE_BLOCKED"} {
		room, err := b.Direct(t.Context(), who)
		if refused, ok := errors.AsType[*homeserver.Error](err); !ok || refused.Code != code {
			t.Fatalf("got %q, %v; want the homeserver's refusal, %s", room, err, code)
		}
		if _, err := b.store.Direct(t.Context(), who); !errors.Is(err, database.ErrNotFound) {
			t.Errorf("got %v; want no talk to be remembered", err)
		}
		for range 3 {
			if room, err := b.Direct(t.Context(), who); !errors.Is(err, homeserver.ErrNoTalk) {
				t.Errorf("got %q, %v; want ErrNoTalk", room, err)
			}
		}
	}
	if after := rooms(); after != before {
		t.Errorf("the bot is in %d rooms more, want none", after-before)
	}
}

// TestWhoLeavesOneTalkAfterTheOtherCostsFewRooms has somebody who types a command among others, declines the talk with the answer, and does so again.
func TestWhoLeavesOneTalkAfterTheOtherCostsFewRooms(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	eve := s.person("eve")
	made := 0
	for range 8 {
		room, err := b.Direct(t.Context(), eve.UserID)
		if errors.Is(err, homeserver.ErrNoTalk) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		made++
		if _, err := eve.LeaveRoom(t.Context(), room); err != nil {
			t.Fatal(err)
		}
	}
	if made < 2 || made > 5 {
		t.Errorf("%d rooms were made, want a few", made)
	}
}
