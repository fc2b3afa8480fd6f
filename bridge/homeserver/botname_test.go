package homeserver

import (
	"errors"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2/bridgeconfig"
	"maunium.net/go/mautrix/id"
)

// Names of bots are for ever: a change of any row here takes the bots away from who has them.
func TestNamesOfBotsNeverChange(t *testing.T) {
	long := strings.Repeat("a", 50)
	capitals := strings.Repeat("A", 50)
	far := func(bytes int) string { return strings.Repeat("d", bytes-len(".org")) + ".org" }
	for name, c := range map[string]struct {
		instance, organizer, event, domain string
		want                               id.UserID
	}{
		"plain":                {"eu", "lab", "conf", "example.org", "@pretix_eu__lab__conf:example.org"},
		"other instance":       {"own", "lab", "conf", "example.org", "@pretix_own__lab__conf:example.org"},
		"key with a dash":      {"eu-2", "lab", "conf", "example.org", "@pretix_eu-2__lab__conf:example.org"},
		"capitals":             {"eu", "Lab", "Conf26", "example.org", "@pretix_eu___lab___conf26:example.org"},
		"small letters differ": {"eu", "lab", "conf26", "example.org", "@pretix_eu__lab__conf26:example.org"},
		"dots and dashes":      {"eu", "a.b-c", "2026.1", "example.org", "@pretix_eu__a.b-c__2026.1:example.org"},
		"longest slugs":        {"eu", long, long, "example.org", id.UserID("@pretix_eu__" + long + "__" + long + ":example.org")},
		"longest that fit, in capitals": {"eu", capitals, capitals, "example.org", id.UserID("@pretix_eu__" + strings.Repeat("_a", 50) + "__" +
			strings.Repeat("_a", 50) + ":example.org")},
		"long slugs, long domain": {"eu", long, long, far(160),
			id.UserID("@pretix_eu__" + long + "__" + strings.Repeat("a", 13) + "____vyr5ihoobf4nc:" + far(160))},
		"room for the hash alone": {"eu", "lab", "conference", far(230), id.UserID("@pretix_gq4ddyqx5mnup:" + far(230))},
	} {
		t.Run(name, func(t *testing.T) {
			config := bridgeconfig.AppserviceConfig{UsernameTemplate: "pretix_{{.}}"}
			ghost, err := GhostID(c.instance, c.organizer, c.event, config.FormatUsername, c.domain)
			if err != nil {
				t.Fatal(err)
			}
			got := id.NewUserID(config.FormatUsername(id.EncodeUserLocalpart(string(ghost))), c.domain)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if len(got) > id.UserIDMaxLength {
				t.Errorf("%d bytes, more than Matrix allows", len(got))
			}
			if _, _, err := got.ParseAndValidateStrict(); err != nil {
				t.Errorf("not a user ID: %v", err)
			}
		})
	}
}

func TestServerWhoseNameLeavesNoRoomIsRefused(t *testing.T) {
	username := func(name string) string { return "a_prefix_of_much_length_" + name }
	if ghost, err := GhostID("eu", "lab", "conference", username, strings.Repeat("d", 226)+".org"); !errors.Is(err, ErrNameTooLong) {
		t.Errorf("got %q, %v; want ErrNameTooLong", ghost, err)
	}
}

func TestShortenedNamesDifferWhereTheWholeOnesDo(t *testing.T) {
	config := bridgeconfig.AppserviceConfig{UsernameTemplate: "pretix_{{.}}"}
	domain, long := strings.Repeat("d", 196)+".org", strings.Repeat("a", 49)
	seen := map[string]string{}
	for _, parts := range [][3]string{
		{"eu", long + "b", "conf"}, {"eu", long + "c", "conf"}, {"eu", long + "b", "Conf"}, {"us", long + "b", "conf"}, {"eu", long, "b_conf"},
	} {
		ghost, err := GhostID(parts[0], parts[1], parts[2], config.FormatUsername, domain)
		if err != nil {
			t.Fatal(err)
		}
		whole := strings.Join(parts[:], "_")
		if other, taken := seen[string(ghost)]; taken {
			t.Errorf("%s and %s are both called %s", whole, other, ghost)
		}
		seen[string(ghost)] = whole
		if !strings.Contains(string(ghost), "__") {
			t.Errorf("%s is not marked as shortened", ghost)
		}
	}
}
