package replies

import (
	"strings"
	"testing"

	"maunium.net/go/mautrix/id"

	"matrix-pretix/bridge/authority"
)

// TestRefusalsSayWhatIsMissingAndWhoCanGiveIt has one of each kind of thing that may be missing.
func TestRefusalsSayWhatIsMissingAndWhoCanGiveIt(t *testing.T) {
	ask := []authority.Giver{{Kind: authority.Admin, Room: hall, People: []id.UserID{"@olga:example.org"}}}
	for kind, want := range map[authority.Kind][]string{
		authority.Permission:     {"your account", "Whoever runs this Matrix server"},
		authority.EventAdmin:     {"speak for", "!authorize"},
		authority.EventModerator: {"help with", "!authorize"},
		authority.EventUnproven:  {"Pretix does not answer", "try again"},
		authority.RoomAdmin:      {"Moderator (50)", "You can ask", "@olga"},
		authority.RoomModerator:  {"Moderator (50)", "You can ask", "@olga"},
		authority.NotInRoom:      {"You are not in", "You can ask", "@olga"},
		authority.RoomUnreadable: {"cannot see", "invite me"},
		authority.RoomUpgraded:   {"replaced", "new one"},
		authority.NotLinked:      {"is not linked to", "!setroom", "You can ask", "@olga"},
		authority.Suspended:      {"suspended", "!status"},
		authority.SenderInvite:   {"yourself", "Moderator (50)", "You can ask"},
		authority.SenderKick:     {"yourself", "Moderator (50)", "You can ask"},
		authority.BotNotInRoom:   {"@pretix_conf", "is not in", "You can ask", "@olga"},
		authority.BotInvite:      {"@pretix_conf", "lacks", "Moderator (50)", "You can ask"},
		authority.BotKick:        {"@pretix_conf", "lacks", "Moderator (50)", "You can ask"},
		authority.OwnLogin:       {"!logins"},
		authority.Unknown:        {"Nobody may do that"},
	} {
		missing := authority.Missing{Kind: kind, Event: evil, Room: hall, Needs: 50, Givers: ask, Why: authority.NotRead, Bot: evilOne.Bot}
		got := Refused(authority.Decision{Missing: []authority.Missing{missing}})
		for _, words := range want {
			if !strings.Contains(got, words) {
				t.Errorf("%s is refused without %q: %s", kind, words, got)
			}
		}
		if strings.Contains(got, "this room") {
			t.Errorf("%s is refused with words that may be read in another room: %s", kind, got)
		}
	}
	for claim, tc := range map[string]struct {
		giver authority.Giver
		want  string
	}{
		"an outsider is told whom to look for": {authority.Giver{Kind: authority.Moderator, Room: hall}, "A moderator of that room can invite you"},
		"a room whose admins are not known":    {authority.Giver{Kind: authority.Admin, Room: hall}, "An admin of that room can invite you"},
	} {
		if got := Missing(authority.Missing{Kind: authority.NotInRoom, Room: hall, Givers: []authority.Giver{tc.giver}}); !strings.Contains(got, tc.want) {
			t.Errorf("%s: got %q", claim, got)
		}
	}
	lacks := authority.Missing{Kind: authority.BotInvite, Room: hall, Needs: 50}
	once := authority.Decision{Missing: []authority.Missing{lacks}, Targets: []authority.Target{{Room: hall, Missing: []authority.Missing{lacks}}}}
	if got := Refused(once); got != Missing(lacks) {
		t.Errorf("what the only room lacks is not said once: %s", got)
	}
	either := authority.Decision{Either: true, Missing: []authority.Missing{{Kind: authority.EventAdmin, Event: evil}, {Kind: authority.NotInRoom, Room: hall}}}
	if got := Refused(either); !strings.Contains(got, "Either of these would do") {
		t.Errorf("two ways are not offered as a choice: %s", got)
	}
}
