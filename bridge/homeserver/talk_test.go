package homeserver_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"slices"
	"testing"
	"time"

	"maunium.net/go/mautrix"
	"maunium.net/go/mautrix/event"
	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/homeserver"
	"matrix-pretix/cmd/lab/parts"
)

func TestAnswerKeepsThreadEditsInPlaceAndReacts(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	b := s.start()
	ada := s.person("ada")
	for _, encrypted := range []bool{false, true} {
		room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, encrypted)
		ada.Ask(room, b.Bot())
		ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
		root := ada.Send(room, "root")
		asked := ada.SendContent(room, &event.MessageEventContent{
			MsgType: event.MsgText, Body: "!status", RelatesTo: (&event.RelatesTo{}).SetThread(root, root),
		})
		heard := b.waitForCommand("!status")
		if heard.Thread != root || heard.Encrypted != encrypted {
			t.Errorf("got thread %q, encrypted %v; want %q, %v", heard.Thread, heard.Encrypted, root, encrypted)
		}
		if err := b.React(t.Context(), room, asked, "👀"); err != nil {
			t.Fatal(err)
		}
		message := homeserver.Message{Room: room, Markdown: "1 of 2", ReplyTo: heard.Evt, Mentions: []id.UserID{ada.UserID}}
		sent, err := b.Say(t.Context(), message)
		if err != nil {
			t.Fatal(err)
		}
		message.Markdown, message.EditOf = "2 of 2", sent
		if _, err := b.Say(t.Context(), message); err != nil {
			t.Fatal(err)
		}
		answer := ada.WaitForText(room, b.Bot(), "1 of 2").Content.AsMessage()
		if answer.RelatesTo.GetThreadParent() != root || answer.RelatesTo.GetReplyTo() != asked {
			t.Errorf("got relation %+v, want a reply to %s in thread %s", answer.RelatesTo, asked, root)
		}
		if answer.Mentions.Room || len(answer.Mentions.UserIDs) != 1 || answer.Mentions.UserIDs[0] != ada.UserID {
			t.Errorf("got mentions %+v, want only %s", answer.Mentions, ada.UserID)
		}
		edit := ada.WaitFor("edit", func(evt *event.Event) bool {
			content, ok := evt.Content.Parsed.(*event.MessageEventContent)
			return ok && evt.RoomID == room && content.RelatesTo.GetReplaceID() == sent
		}).Content.AsMessage()
		if edit.NewContent.Body != "2 of 2" || edit.NewContent.MsgType != event.MsgNotice {
			t.Errorf("got new content %+v", edit.NewContent)
		}
		ada.WaitFor("reaction", func(evt *event.Event) bool {
			content, ok := evt.Content.Parsed.(*event.ReactionEventContent)
			return ok && evt.RoomID == room && content.RelatesTo.EventID == asked && content.RelatesTo.Key == "👀"
		})
		if err := b.Redact(t.Context(), room, sent); err != nil {
			t.Fatal(err)
		}
		ada.WaitFor("redaction", func(evt *event.Event) bool { return evt.RoomID == room && evt.Type == event.EventRedaction })
		b.mu.Lock()
		b.heard = nil
		b.mu.Unlock()
	}
}

func TestOnlyNewWordsOfPeopleWhoMayCommandAreHeard(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	eve := id.NewUserID("eve", s.lab.Synapse.ServerName)
	s.blocked = []id.UserID{eve}
	members := make(chan *event.Event, 10)
	s.handlers.Member = func(_ context.Context, evt *event.Event) { members <- evt }
	b := s.start()
	ada := id.NewUserID("ada", s.lab.Synapse.ServerName)
	room := id.RoomID("!" + parts.Unique("room") + ":lab.example")
	now := time.Now()
	message := func(sender id.UserID, content map[string]any, at time.Time) map[string]any {
		return map[string]any{
			"type": "m.room.message", "room_id": room, "sender": sender, "event_id": "$" + parts.Unique("evt"),
			"origin_server_ts": at.UnixMilli(), "content": content,
		}
	}
	text := func(body string) map[string]any { return map[string]any{"msgtype": "m.text", "body": body} }
	edit := text("* edited")
	edit["m.new_content"], edit["m.relates_to"] = text("edited"), map[string]any{"rel_type": "m.replace", "event_id": "$x"}
	stateful := message(ada, text("state"), now)
	stateful["state_key"] = ""
	s.push(
		message(ada, map[string]any{"msgtype": "m.notice", "body": "a bot"}, now),
		message(ada, map[string]any{"msgtype": "m.emote", "body": "waves"}, now),
		message(ada, map[string]any{}, now),
		message(ada, map[string]any{"msgtype": 7, "body": []int{1}}, now),
		message(ada, edit, now),
		message(eve, text("not allowed"), now),
		message(b.Bot(), text("myself"), now),
		message(b.BotOf("eu_lab_conf"), text("another self"), now),
		stateful,
		map[string]any{
			"type": "m.room.member", "room_id": room, "sender": eve, "state_key": eve, "event_id": "$m", "content": map[string]any{"membership": "join"},
		},
		message(ada, text("old"), now.Add(-6*time.Minute)),
		message(ada, map[string]any{
			"msgtype": "m.text", "body": "> <@x:y> old\n\nnew", "format": "org.matrix.custom.html", "formatted_body": "<mx-reply>old</mx-reply>new",
			"m.relates_to": map[string]any{"m.in_reply_to": map[string]any{"event_id": "$y"}},
		}, now.Add(-4*time.Minute)),
	)
	b.waitForCommand("new")
	b.mu.Lock()
	heard := b.heard
	b.mu.Unlock()
	var texts []string
	for _, one := range heard {
		texts = append(texts, one.Text)
		if one.Late != (one.Text == "old") {
			t.Errorf("%q is late: %v", one.Text, one.Late)
		}
	}
	if want := []string{"not allowed", "old", "new"}; !slices.Equal(texts, want) {
		t.Errorf("heard %q, want %q: what must not be done may still be answered", texts, want)
	}
	if got := <-members; got.Sender != eve {
		t.Errorf("got a member event of %s, want that of %s, who may not command but is a fact", got.Sender, eve)
	}
	for _, who := range []id.UserID{ada, eve} {
		if found := b.findings(who.String()); len(found) > 0 {
			t.Errorf("%s stands in %v", who, found)
		}
	}
}

func TestMessageThatCannotBeReadHoldsUpNothingElse(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	s.handlers.Power = func(context.Context, *event.Event) {}
	powers := make(chan struct{}, 10)
	s.handlers.Power = func(context.Context, *event.Event) { powers <- struct{}{} }
	b := s.start()
	ada := s.person("ada")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, true)
	ada.Ask(room, b.Bot())
	ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
	elsewhere := ada.MakeRoom(&mautrix.ReqCreateRoom{}, true)
	ada.Ask(elsewhere, b.Bot())
	ada.WaitForMember(elsewhere, b.Bot(), event.MembershipJoin)

	unread := map[string]any{
		"algorithm": id.AlgorithmMegolmV1, "session_id": base64.RawStdEncoding.EncodeToString([]byte(rand.Text()[:24] + "12345678")),
		"ciphertext": base64.RawStdEncoding.EncodeToString(make([]byte, 120)), "sender_key": "", "device_id": "",
	}
	answer, err := ada.SendMessageEvent(t.Context(), room, event.EventEncrypted, unread)
	if err != nil {
		t.Fatal(err)
	}
	ada.Send(room, "!behind")
	began := time.Now()
	ada.Send(elsewhere, "!elsewhere")
	b.waitForCommand("!elsewhere")
	var power event.PowerLevelsEventContent
	if err := ada.StateEvent(t.Context(), room, event.StatePowerLevels, "", &power); err != nil {
		t.Fatal(err)
	}
	power.EventsDefault = 0
	power.Events = map[string]int{"m.room.name": 60}
	if _, err := ada.SendStateEvent(t.Context(), room, event.StatePowerLevels, "", &power); err != nil {
		t.Fatal(err)
	}
	<-powers
	if took := time.Since(began); took > 24*time.Second { // the key is waited for 25 s
		t.Errorf("another room and the room's state were held up for %s", took)
	}
	if heard := b.waitForDeafness(answer.EventID); heard.Text != "" || !heard.Encrypted {
		t.Errorf("got %+v, want it without text", heard)
	}
	b.waitForCommand("!behind") // in order, but not lost
}

func TestWithoutEncryptionNothingIsSaidInAnEncryptedRoom(t *testing.T) {
	t.Parallel()
	s := newSetting(t)
	s.plain = true
	b := s.start()
	ada := s.person("ada")
	room := ada.MakeRoom(&mautrix.ReqCreateRoom{}, true)
	ada.Ask(room, b.Bot())
	ada.WaitForMember(room, b.Bot(), event.MembershipJoin)
	if _, err := b.Say(t.Context(), homeserver.Message{Room: room, Markdown: "hello"}); err != homeserver.ErrCannotEncrypt {
		t.Errorf("got %v, want ErrCannotEncrypt", err)
	}
	sent := ada.Send(room, "!help")
	b.waitForDeafness(sent)
	direct, err := b.Direct(t.Context(), ada.UserID)
	if err != nil {
		t.Fatal(err)
	}
	if encrypted, err := b.Encrypted(t.Context(), "", direct); err != nil || encrypted {
		t.Errorf("got a direct room encrypted %v, %v; want one in which the bot can be understood", encrypted, err)
	}
}
