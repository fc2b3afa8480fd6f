package authority

import (
	"encoding/json"
	"slices"
	"testing"

	"maunium.net/go/mautrix/id"
)

const someLevels = `{"users":{"@ada:example.org":100}}`

func TestCreateEventsAreReadStrictly(t *testing.T) {
	for claim, tc := range map[string]struct {
		create string
		want   Unreadable
	}{
		"a version":                      {`{"room_version":"11"}`, Readable},
		"none, as in the oldest rooms":   {`{}`, Readable},
		"a creator named in old rooms":   {`{"creator":"@ada:example.org"}`, Readable},
		"a number for a version":         {`{"room_version":11}`, CreateBroken},
		"null for a version":             {`{"room_version":null}`, CreateBroken},
		"version zero":                   {`{"room_version":"0"}`, UnknownVersion},
		"no version at all":              {`{"room_version":""}`, UnknownVersion},
		"a signed version":               {`{"room_version":"+11"}`, UnknownVersion},
		"a version of a draft":           {`{"room_version":"org.example.12"}`, UnknownVersion},
		"creators of version 12":         {`{"room_version":"12","additional_creators":["@bob:example.org"]}`, Readable},
		"creators, but none":             {`{"room_version":"12","additional_creators":[]}`, Readable},
		"creators as text":               {`{"room_version":"12","additional_creators":"@bob:example.org"}`, CreateBroken},
		"creators as null":               {`{"room_version":"12","additional_creators":null}`, CreateBroken},
		"a creator who is a number":      {`{"room_version":"12","additional_creators":[1]}`, CreateBroken},
		"a creator who is null":          {`{"room_version":"12","additional_creators":[null]}`, CreateBroken},
		"a creator without a name":       {`{"room_version":"12","additional_creators":[""]}`, CreateBroken},
		"bad creators where none count":  {`{"room_version":"11","additional_creators":1}`, Readable},
		"a predecessor of nonsense":      {`{"room_version":"11","predecessor":17}`, Readable},
		"a predecessor without a room":   {`{"room_version":"11","predecessor":{}}`, Readable},
		"an empty text":                  {``, CreateBroken},
		"null":                           {`null`, CreateBroken},
		"a list":                         {`[]`, CreateBroken},
		"cut short":                      {`{"room_version":"11"`, CreateBroken},
		"two documents, one after other": {`{}{}`, CreateBroken},
	} {
		if got := ReadLevels(maker, json.RawMessage(tc.create), json.RawMessage(someLevels)).Why(); got != tc.want {
			t.Errorf("%s: got %q, want %q", claim, got, tc.want)
		}
	}
}

func TestLevelsAreWhatTheEventSays(t *testing.T) {
	power := `{"users":{"@ada:example.org":100,"@bob:example.org":-5},"users_default":10,"state_default":30,"invite":20,"kick":40,
		"events":{"m.room.power_levels":90},"notifications":{"room":"fifty"}}`
	l := ReadLevels(maker, json.RawMessage(`{"room_version":"12","additional_creators":["@zoe:example.org"],"predecessor":{"room_id":"!old"}}`), json.RawMessage(power))
	for claim, tc := range map[string]struct{ got, want any }{
		"readable":           {l.Why(), Readable},
		"creator":            {l.Creator(), maker},
		"predecessor":        {l.Predecessor(), id.RoomID("!old")},
		"an entry":           {l.LevelOf(ada), int64(100)},
		"a negative entry":   {l.LevelOf(bob), int64(-5)},
		"no entry":           {l.LevelOf("@eve:example.org"), int64(10)},
		"the creator":        {l.LevelOf(maker), Owner},
		"another creator":    {l.LevelOf("@zoe:example.org"), Owner},
		"moderator":          {l.ModeratorLevel(), int64(30)},
		"admin":              {l.AdminLevel(), int64(90)},
		"invite":             {l.InviteLevel(), int64(20)},
		"kick":               {l.KickLevel(), int64(40)},
		"whom it names":      {slices.Equal(l.Named(), []id.UserID{maker, "@zoe:example.org", ada, bob}), true},
		"no invite":          {l.CanInvite("@eve:example.org"), false},
		"a kick":             {l.CanKick(ada), true},
		"no kick":            {l.CanKick("@eve:example.org"), false},
		"a creator's invite": {l.CanInvite(maker), true},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %v, want %v", claim, tc.got, tc.want)
		}
	}
}

func TestTheWidestLevelsOfMatrixAreRead(t *testing.T) {
	l := ReadLevels(maker, json.RawMessage(`{}`), json.RawMessage(`{"users":{"@ada:example.org":9007199254740991,"@bob:example.org":-9007199254740991}}`))
	if high, low := l.LevelOf(ada), l.LevelOf(bob); high != 1<<53-1 || low != -(1<<53-1) {
		t.Errorf("got %d and %d (%s), want 2⁵³−1 either way", high, low, l.Why())
	}
}

func TestUnsetLevelsAreThoseOfTheSpecification(t *testing.T) {
	l := ReadLevels(maker, json.RawMessage(`{}`), json.RawMessage(`{}`))
	got := []int64{l.LevelOf(maker), l.ModeratorLevel(), l.AdminLevel(), l.InviteLevel(), l.KickLevel()}
	if want := []int64{0, 50, 50, 0, 50}; !slices.Equal(got, want) {
		t.Errorf("user, moderator, admin, invite, kick: got %v, want %v", got, want)
	}
}

func TestZeroLevelsAllowNothing(t *testing.T) {
	for claim, l := range map[string]Levels{
		"never read":    {},
		"missing":       ReadLevels(maker, json.RawMessage(`{"room_version":"12"}`), nil),
		"half readable": ReadLevels(maker, json.RawMessage(`{"room_version":"12"}`), json.RawMessage(`{"state_default":"0"}`)),
	} {
		if l.Why() == Readable {
			t.Errorf("%s: got readable", claim)
		}
		low := l.LevelOf(maker)
		if low >= l.ModeratorLevel() || low >= l.AdminLevel() || low >= l.InviteLevel() || low >= l.KickLevel() || l.CanInvite(maker) || l.CanKick(maker) {
			t.Errorf("%s: somebody may something", claim)
		}
		if got := l.Named(); got != nil {
			t.Errorf("%s: names %v", claim, got)
		}
	}
}

func TestRolesAreNamedAsElementNamesThem(t *testing.T) {
	for level, want := range map[int64]string{
		0: "Default (0)", 50: "Moderator (50)", 100: "Admin (100)", Owner: "Owner", 75: "Custom (75)", -1: "Custom (-1)",
	} {
		if got := RoleLabel(level); got != want {
			t.Errorf("level %d: got %q, want %q", level, got, want)
		}
	}
}

func TestTheRoleABotLacksToInvite(t *testing.T) {
	for claim, tc := range map[string]struct {
		room  Room
		label string
		lacks bool
	}{
		"it has it":     {build("!a", 0), "Moderator (50)", false},
		"it has none":   {build("!a", 0, gives(bot, 0)), "Moderator (50)", true},
		"invite raised": {build("!a", 0, set("invite", 100)), "Admin (100)", true},
		"unreadable":    {build("!a", 0, noLevels), "Owner", true},
	} {
		level, lacks := tc.room.InviteRoleLacking(bot)
		if RoleLabel(level) != tc.label || lacks != tc.lacks {
			t.Errorf("%s: got %q, %v, want %q, %v", claim, RoleLabel(level), lacks, tc.label, tc.lacks)
		}
	}
}

// FuzzReadLevels holds that no content whatever makes a room half readable: either nobody may anything, or all levels are
// within what Matrix holds.
func FuzzReadLevels(f *testing.F) {
	for _, create := range []string{`{"room_version":"12","additional_creators":["@bob:example.org"]}`, `{}`, `null`, `{"room_version":9}`} {
		for _, power := range []string{someLevels, `{"state_default":"0"}`, `{"users":{"@ada:example.org":1e2}}`, `{"events":{"m.room.power_levels":0}}`, `[`} {
			f.Add(string(maker), create, power)
		}
	}
	f.Fuzz(func(t *testing.T, creator, create, power string) {
		l := ReadLevels(id.UserID(creator), json.RawMessage(create), json.RawMessage(power))
		level, needed := l.LevelOf(ada), []int64{l.ModeratorLevel(), l.AdminLevel(), l.InviteLevel(), l.KickLevel()}
		for _, need := range needed {
			if l.Why() != Readable && level >= need {
				t.Errorf("unreadable (%s), and yet level %d reaches %d", l.Why(), level, need)
			}
			if l.Why() == Readable && (need > 1<<53-1 || need < -(1<<53-1)) {
				t.Errorf("readable, and yet a level of %d", need)
			}
		}
		if l.Why() == Readable && !json.Valid([]byte(power)) {
			t.Errorf("read levels from what is no JSON: %q", power)
		}
	})
}
