package pretixconn

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"maunium.net/go/mautrix/bridgev2/networkid"

	"matrix-pretix/database"
	"matrix-pretix/pretixconn/api"
)

var lab = database.OrganizerKey{Instance: "eu", Organizer: "lab"}

func TestLoginSaysWhatItSeesAndLacks(t *testing.T) {
	for name, tt := range map[string]struct {
		grant grant
		see   []database.EventKey
		lacks []string
	}{
		"everything":       {grant{organizer: "lab"}, keys("conf", "gala"), nil},
		"one event":        {grant{organizer: "lab", events: []string{"gala"}}, keys("gala"), nil},
		"no webhooks":      {grant{organizer: "lab", noHooks: true}, keys("conf", "gala"), []string{api.PermissionWebhooks}},
		"no orders":        {grant{organizer: "lab", noOrders: true}, nil, []string{api.PermissionOrders}},
		"neither of these": {grant{organizer: "lab", noOrders: true, noHooks: true}, nil, []string{api.PermissionOrders, api.PermissionWebhooks}},
	} {
		t.Run(name, func(t *testing.T) {
			pretix := newFakePretix(t)
			pretix.organizer("lab", "conf", "gala")
			pretix.grant(tokenOf("a"), tt.grant)
			k := newKit(t, pretix.URL, "")
			login := k.login(mira, tokenOf("a"))
			if !reflect.DeepEqual(login.Events, tt.see) || !reflect.DeepEqual(login.Lacks, tt.lacks) {
				t.Errorf("got events %v, lacks %v, want %v, %v", login.Events, login.Lacks, tt.see, tt.lacks)
			}
			if !login.Live || login.Owner != mira || login.Instance != "eu" || !reflect.DeepEqual(login.Organizers, []string{"lab"}) {
				t.Errorf("got %+v, want a live login of %s at eu/lab", login, mira)
			}
			if want := strings.TrimPrefix(pretix.URL, "http://") + ": lab"; login.Name != want {
				t.Errorf("got the name %q, want %q", login.Name, want)
			}
		})
	}
}

// What stands in our keys and addresses must be what Pretix can have; a Pretix that answers otherwise spoils no more than that.
func TestImpossibleSlugsAreOverlooked(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "../conf", "a/b", "", "conf", "con\x00f")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	k := newKit(t, pretix.URL, "")
	if login := k.login(mira, tokenOf("a")); !reflect.DeepEqual(login.Events, keys("conf")) {
		t.Errorf("got %v, want conf alone", login.Events)
	}
}

func TestRefusedTokenLeavesNothing(t *testing.T) {
	pretix := newFakePretix(t)
	k := newKit(t, pretix.URL, "")
	if _, err := k.tryLogin(mira, "eu", tokenOf("wrong")); !errors.Is(err, api.ErrUnauthorized) {
		t.Errorf("got %v, want %v", err, api.ErrUnauthorized)
	}
	pretix.Close()
	if _, err := k.tryLogin(mira, "eu", tokenOf("wrong")); !errors.Is(err, api.ErrUnavailable) {
		t.Errorf("with Pretix away: got %v, want %v", err, api.ErrUnavailable)
	}
	if logins, err := k.LoginsOf(t.Context(), mira); err != nil || len(logins) > 0 {
		t.Errorf("got logins %v, %v, want none", logins, err)
	}
}

func TestTokenThatSeesNoOrganizerIsRefused(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.interfere(answerPath("/api/v1/organizers/", `{"next": null, "results": []}`))
	k := newKit(t, pretix.URL, "")
	if _, err := k.tryLogin(mira, "eu", tokenOf("a")); !errors.Is(err, ErrSeesNothing) {
		t.Errorf("got %v, want %v", err, ErrSeesNothing)
	}
}

func TestWhatCannotBeATokenIsNeverTried(t *testing.T) {
	pretix := newFakePretix(t)
	k := newKit(t, pretix.URL, "")
	for _, typed := range []string{"", "  ", "hello", "what is a token?", strings.Repeat("a", 300), tokenOf("a") + "\nX-Other: b", tokenOf("ä")} {
		if _, err := k.tryLogin(mira, "eu", typed); !errors.Is(err, ErrNotAToken) {
			t.Errorf("%q: got %v, want %v", typed, err, ErrNotAToken)
		}
	}
	if asked := pretix.requests(); len(asked) > 0 {
		t.Errorf("Pretix was asked %v", asked)
	}
}

func TestWhatComesAlongWithACopiedTokenIsTakenOff(t *testing.T) {
	want := tokenOf("a")
	for _, typed := range []string{want, " " + want + "\n", "`" + want + "`", `"` + want + `"`, "<" + want + ">"} {
		if got, err := cleanToken(typed); err != nil || got != want {
			t.Errorf("%q: got %q, %v", typed, got, err)
		}
	}
}

func TestInstanceIsChosenByKeyHostOrAddress(t *testing.T) {
	instances := []Instance{
		instanceOf("eu", "https://eu.example.org"), instanceOf("us", "https://tickets.example.com:8443/shop"),
		instanceOf("a", "https://many.example.org/a"), instanceOf("a2", "https://many.example.org/a/2/"),
		instanceOf("b", "https://many.example.org/b"),
	}
	for typed, want := range map[string]string{
		"eu": "eu", " EU ": "eu", "eu.example.org": "eu", "https://eu.example.org/control/": "eu", "http://eu.example.org": "eu",
		"us": "us", "tickets.example.com:8443": "us", "https://Tickets.example.com:8443": "us", "https://tickets.example.com:8443/shop/lab": "us",
		"b": "b", "https://many.example.org/b": "b", "https://many.example.org/b/": "b", "many.example.org/B/control": "b",
		"https://many.example.org/a": "a", "https://many.example.org/a/lab/2": "a", "https://many.example.org/a/2": "a2",

		"": "", "elsewhere": "", "https://eu.example.org.evil.example": "", "https://tickets.example.com": "",
		"https://tickets.example.com:8443/other": "", "https://eu.example.org@evil.example": "",
		"many.example.org": "", "https://many.example.org/": "", "https://many.example.org/ab": "", "https://": "", "://": "",
	} {
		got, err := chooseInstance(instances, typed)
		if got.Key != want || (want == "") != errors.Is(err, ErrUnknownInstance) {
			t.Errorf("%q: got %q, %v, want %q", typed, got.Key, err, want)
		}
	}
}

func TestInstancesOnOneHostAreToldApart(t *testing.T) {
	instances := []Instance{
		instanceOf("a", "https://many.example.org/a"), instanceOf("b", "https://many.example.org/b/"),
		instanceOf("c", "https://many.example.org:444"), instanceOf("eu", "https://eu.example.org/shop"),
	}
	for i, want := range []string{"a (many.example.org/a)", "b (many.example.org/b)", "many.example.org:444", "eu.example.org"} {
		if got := instances[i].Title(instances); got != want {
			t.Errorf("%s: got %q, want %q", instances[i].Key, got, want)
		}
	}
}

func TestTokenGoesToTheInstanceBelowTheAddressThatWasTyped(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	pretix.interfere(func(_ http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/b/") {
			t.Errorf("asked %s, want nothing but what is below /b", r.URL.Path)
		}
		return false
	})
	k := newKit(t, pretix.URL+"/a", pretix.URL+"/b")
	login, err := k.tryLogin(mira, pretix.URL+"/b", tokenOf("a"))
	if want := "us (" + strings.TrimPrefix(pretix.URL, "http://") + "/b): lab"; err != nil || login.Instance != "us" || login.Name != want {
		t.Errorf("got %q at %s, %v, want %q", login.Name, login.Instance, err, want)
	}
}

func TestTokenGoesToTheInstanceThatWasChosen(t *testing.T) {
	eu, us := newFakePretix(t), newFakePretix(t)
	us.organizer("lab", "conf")
	us.grant(tokenOf("a"), grant{organizer: "lab"})
	k := newKit(t, eu.URL, us.URL)
	login, err := k.tryLogin(mira, "us", tokenOf("a"))
	if want := []database.EventKey{{Instance: "us", Organizer: "lab", Event: "conf"}}; err != nil || !reflect.DeepEqual(login.Events, want) {
		t.Errorf("got %v, %v, want %v", login.Events, err, want)
	}
	if asked := eu.requests(); len(asked) > 0 {
		t.Errorf("the other instance was asked %v", asked)
	}
}

func TestOneTokenOfTwoPeopleIsTwoLogins(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	k := newKit(t, pretix.URL, "")
	conf := keys("conf")[0]
	k.link(conf)
	first, second := k.login(mira, tokenOf("a")), k.login(noor, tokenOf("a"))
	if first.ID == second.ID {
		t.Fatal("both people have one login")
	}
	if logins, err := k.LoginsOf(t.Context(), noor); err != nil || len(logins) != 1 {
		t.Errorf("got %v, %v, want noor's own login alone", logins, err)
	}
	if _, err := k.Logout(t.Context(), noor, first.ID); !errors.Is(err, ErrUnknownLogin) {
		t.Errorf("logout of another's login: got %v, want %v", err, ErrUnknownLogin)
	}
	left, err := k.Logout(t.Context(), mira, first.ID)
	if err != nil || len(left.Unserved) > 0 || left.Login.ID != first.ID || !reflect.DeepEqual(left.Given, keys("conf")) {
		t.Errorf("first logout: got %+v, %v, want conf given up and nothing unserved", left, err)
	}
	if _, err = k.EventState(t.Context(), conf); err != nil {
		t.Errorf("the other login does not serve on: %v", err)
	}
	if left, err = k.Logout(t.Context(), noor, second.ID); err != nil || !reflect.DeepEqual(left.Unserved, keys("conf")) {
		t.Errorf("last logout: got %+v, %v, want conf unserved", left, err)
	}
}

func TestLogoutLeavesNoRow(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	k := newKit(t, pretix.URL, "")
	login := k.login(mira, tokenOf("a"))
	if _, err := k.Logout(t.Context(), mira, login.ID); err != nil {
		t.Fatal(err)
	}
	if row, err := k.bridge.DB.UserLogin.GetByID(t.Context(), networkid.UserLoginID(login.ID)); err != nil || row != nil {
		t.Errorf("got row %v, %v, want none", row, err)
	}
	if seen, err := k.store.SeenBy(t.Context(), login.ID); err != nil || len(seen) > 0 {
		t.Errorf("got sight %v, %v, want none", seen, err)
	}
	if _, err := k.Logout(t.Context(), mira, login.ID); !errors.Is(err, ErrUnknownLogin) {
		t.Errorf("second logout: got %v, want %v", err, ErrUnknownLogin)
	}
}

func TestSameTokenAgainRevivesItsLogin(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	k := newKit(t, pretix.URL, "")
	first := k.login(mira, tokenOf("a"))
	if again := k.login(mira, tokenOf("a")); again.ID != first.ID {
		t.Errorf("a live token typed again made another login")
	}
	pretix.revoke(tokenOf("a"))
	if _, err := k.EventState(t.Context(), keys("conf")[0]); !errors.Is(err, ErrNoLogin) {
		t.Fatalf("got %v, want %v", err, ErrNoLogin)
	}
	if logins, _ := k.LoginsOf(t.Context(), mira); len(logins) != 1 || logins[0].Live || logins[0].DeadReason != DeadRefused {
		t.Fatalf("got %+v, want a dead login", logins)
	}
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	if again := k.login(mira, tokenOf("a")); again.ID != first.ID || !again.Live || again.DeadReason != "" {
		t.Errorf("got %+v, want %s alive again", again, first.ID)
	}
	if _, err := k.EventState(t.Context(), keys("conf")[0]); err != nil {
		t.Errorf("the login does not serve again: %v", err)
	}
	if logins, _ := k.restart(pretix.URL, "").LoginsOf(t.Context(), mira); len(logins) != 1 || !logins[0].Live {
		t.Errorf("after a restart got %+v, want one live login", logins)
	}
}

func TestNewTokenReplacesTheDeadLoginOfThatPersonOnly(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf")
	pretix.organizer("other", "party")
	for name, organizer := range map[string]string{"a": "lab", "b": "other", "c": "lab", "d": "lab"} {
		pretix.grant(tokenOf(name), grant{organizer: organizer})
	}
	k := newKit(t, pretix.URL, "")
	dead, elsewhere, others := k.login(mira, tokenOf("a")), k.login(mira, tokenOf("b")), k.login(noor, tokenOf("c"))
	for _, name := range []string{"a", "b", "c"} {
		pretix.revoke(tokenOf(name))
	}
	for _, client := range k.pick((*Client).live) {
		if err := k.refreshAll(t.Context(), client); !errors.Is(err, api.ErrUnauthorized) {
			t.Fatalf("got %v, want %v", err, api.ErrUnauthorized)
		}
	}
	fresh := k.login(mira, tokenOf("d"))
	for _, login := range []Login{fresh, elsewhere, others} {
		if k.client(login.ID) == nil {
			t.Errorf("the login at %v is gone", login.Organizers)
		}
	}
	if k.client(dead.ID) != nil {
		t.Error("the dead login that the new one replaces is still there")
	}
}

func TestLoginSurvivesARestart(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	k := newKit(t, pretix.URL, "")
	login := k.login(mira, tokenOf("a"))
	if !login.Connected.Equal(k.clock.Now()) {
		t.Errorf("connected %s, want %s", login.Connected, k.clock.Now())
	}
	pretix.requests()
	again := k.restart(pretix.URL, "")
	if logins, err := again.LoginsOf(t.Context(), mira); err != nil || len(logins) != 1 || !reflect.DeepEqual(logins[0], login) {
		t.Errorf("got %+v, %v, want %+v", logins, err, login)
	}
	if asked := pretix.requests(); len(asked) > 0 {
		t.Errorf("to know that, Pretix was asked %v", asked)
	}
	if _, err := again.EventState(t.Context(), keys("conf")[0]); err != nil {
		t.Errorf("the login does not serve: %v", err)
	}
}

func TestLoginOfAnInstanceThatIsGoneCanBeRemoved(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	k := newKit(t, pretix.URL, "")
	login := k.login(mira, tokenOf("a"))
	again := k.restart("", "https://us.example.org")
	logins, err := again.LoginsOf(t.Context(), mira)
	if err != nil || len(logins) != 1 || logins[0].Live || logins[0].DeadReason != DeadNoInstance {
		t.Fatalf("got %+v, %v, want one that is not live", logins, err)
	}
	if _, err = again.Logout(t.Context(), mira, login.ID); err != nil {
		t.Errorf("logout: %v", err)
	}
}

// The token must be found nowhere but at Pretix: not in the database, not in a log at debug level, not in an error.
func TestTokenStandsNowhereInClear(t *testing.T) {
	pretix := newFakePretix(t)
	pretix.organizer("lab", "conf")
	pretix.grant(tokenOf("a"), grant{organizer: "lab"})
	k := newKit(t, pretix.URL, "")
	k.login(mira, tokenOf("a"))
	_, refused := k.tryLogin(mira, "eu", tokenOf("b"))
	pretix.revoke(tokenOf("a"))
	_, dead := k.EventState(t.Context(), keys("conf")[0])
	texts := map[string]string{"log": k.logs.String(), "error of a refused token": refused.Error(), "error of a dead login": dead.Error()}
	files, err := os.ReadDir(k.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(k.dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		texts[file.Name()] = string(text)
	}
	if !strings.Contains(texts["test.db-wal"]+texts["test.db"], "user_login") {
		t.Fatal("the database was not found")
	}
	for where, text := range texts {
		for _, token := range []string{tokenOf("a"), tokenOf("b")} {
			if strings.Contains(text, token) {
				t.Errorf("a token stands in %s", where)
			}
		}
	}
}

func TestUnknownFlowIsRefused(t *testing.T) {
	k := newKit(t, "https://eu.example.org", "")
	if _, err := k.CreateLogin(t.Context(), nil, "oauth"); err == nil {
		t.Error("got no error")
	}
	if flows := k.GetLoginFlows(); len(flows) != 1 || flows[0].ID != FlowToken {
		t.Errorf("got %v, want the token alone", flows)
	}
}
