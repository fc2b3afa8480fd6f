package stage

import (
	"encoding/json"
	"testing"
	"time"
)

func TestHappeningsAreMessagesAndMemberships(t *testing.T) {
	const answer = `{"next_batch": "s2", "rooms": {"join": {"!camp": {"timeline": {"events": [
		{"type": "m.room.member", "sender": "@bot:example.org", "state_key": "@ada:example.org", "content": {"membership": "invite"}},
		{"type": "m.room.message", "sender": "@bot:example.org", "content": {"msgtype": "m.notice", "body": "⏳ Reading"}},
		{"type": "m.room.message", "sender": "@bot:example.org", "content": {"msgtype": "m.notice", "body": "* Done", "m.new_content": {"body": "Done"}}},
		{"type": "m.room.message", "sender": "@olga:example.org", "content": {}},
		{"type": "m.reaction", "sender": "@bot:example.org", "content": {}}
	]}}}}}`
	var read syncAnswer
	if err := json.Unmarshal([]byte(answer), &read); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	want := []Happening{
		{Room: "!camp", Sender: "@bot:example.org", Who: "@ada:example.org", Membership: "invite", At: now},
		{Room: "!camp", Sender: "@bot:example.org", Text: "⏳ Reading", Notice: true, At: now},
		{Room: "!camp", Sender: "@bot:example.org", Text: "Done", Notice: true, At: now},
	}
	got := read.happenings(now)
	if len(got) != len(want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}

func TestAnswerIsTheLastWord(t *testing.T) {
	for name, test := range map[string]struct {
		happening Happening
		want      bool
	}{
		"a checklist":          {Happening{Notice: true, Text: "Camp: this room is linked."}, true},
		"work that goes on":    {Happening{Notice: true, Text: "⏳ Setting up Camp …"}, false},
		"a batch that goes on": {Happening{Notice: true, Text: "📨 Inviting … 3 invitations sent."}, false},
		"a person":             {Happening{Text: "!status"}, false},
		"a membership":         {Happening{Who: "@ada:example.org", Membership: "join"}, false},
	} {
		if got := Answer(test.happening); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
