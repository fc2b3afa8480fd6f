package config

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// nothing is an environment without variables.
func nothing() []string { return nil }

func variables(set map[string]string) Environment {
	return func() (all []string) {
		for name, value := range set {
			all = append(all, name+"="+value)
		}
		return all
	}
}

// good is a whole config with its secrets.
func good(t *testing.T) string {
	t.Helper()
	text, wrong := fillSecrets(Example, nothing)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	return string(text)
}

// problemsIn returns what is wrong with a text, as key and text, or fails if nothing is.
func problemsIn(t *testing.T, text string) []Problem {
	t.Helper()
	_, err := Parse("config.yaml", []byte(text), nothing)
	problems, ok := errors.AsType[*Problems](err)
	if !ok {
		t.Fatalf("got %v, want problems in\n%s", err, text)
	}
	return problems.List
}

func TestGoodConfigIsRead(t *testing.T) {
	c, err := Parse("config.yaml", []byte(good(t)), nothing)
	if err != nil {
		t.Fatal(err)
	}
	if c.Homeserver.Domain != "example.org" || c.AppService.Port != 29350 || c.Network.SweepInterval != time.Minute ||
		c.Network.Instances["eu"].URL != "https://pretix.eu" || c.Bridge.Permissions["@admin:example.org"] != Admin {
		t.Errorf("got %+v", c)
	}
	if seal, digest := c.Network.Keys(); len(seal) != 32 || len(digest) != 32 {
		t.Errorf("got keys of %d and %d bytes, want 32", len(seal), len(digest))
	}
	if len(c.Secrets()) != 6 {
		t.Errorf("got %d secrets, want 6", len(c.Secrets()))
	}
}

func TestEverythingWrongIsToldAtOnceWithLineAndKey(t *testing.T) {
	text := strings.NewReplacer(
		"  domain: example.org", "  domain: example.org\n  domain: other.example",
		"  port: 29350", "  prot: 29350",
		"  max_open_conns: 5", "  max_open_conns: many",
		"  allow: true", "  allow: yes please",
		"  sweep_interval: 1m", "  sweep_interval: 1s",
		"  format: json", "  format: [json]",
		`"example.org": user`, `"example.org": relay`,
	).Replace(good(t))
	want := []string{"homeserver.domain", "appservice.prot", "database.max_open_conns", "bridge.permissions.example.org",
		"encryption.allow", "network.sweep_interval", "logging.format"}
	var got []string
	for _, p := range problemsIn(t, text) {
		got = append(got, p.Key)
		line := strings.Split(text, "\n")[p.Line-1]
		if name := p.Key[strings.LastIndexByte(p.Key, '.')+1:]; !strings.Contains(line, name) && !strings.Contains(p.Key, "example.org") {
			t.Errorf("%s is said to be in line %d, which is %q", p.Key, p.Line, line)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// instead returns the good config with one line of it changed.
func instead(t *testing.T, old, new string) string {
	t.Helper()
	text := good(t)
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q is %d times in the config", old, strings.Count(text, old))
	}
	return strings.Replace(text, old, new, 1)
}

func TestWrongValueIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ old, new, key string }{
		"address without scheme":          {"  address: http://localhost:8008", "  address: localhost:8008", "homeserver.address"},
		"address with a query":            {"  address: http://localhost:29350", "  address: http://localhost:29350/?a", "appservice.address"},
		"address with a password":         {"  address: http://localhost:29350", "  address: http://u:p@localhost:29350", "appservice.address"},
		"domain with a slash":             {"  domain: example.org", "  domain: https://example.org", "homeserver.domain"},
		"public address":                  {`  public_address: ""`, "  public_address: ftp://example.org", "appservice.public_address"},
		"port too high":                   {"  port: 29350", "  port: 70000", "appservice.port"},
		"id with a blank":                 {"  id: pretix", "  id: my pretix", "appservice.id"},
		"bot with a capital":              {"    username: pretixbot", "    username: PretixBot", "appservice.bot.username"},
		"bot named like an event bot":     {"    username: pretixbot", "    username: pretix_bot", "appservice.bot.username"},
		"avatar that is a web address":    {`    avatar: ""`, "    avatar: https://example.org/a.png", "appservice.bot.avatar"},
		"template of nothing else":        {"pretix_{{.}}\n", "'{{.}}'\n", "appservice.username_template"},
		"template without placeholder":    {"pretix_{{.}}\n", "pretix_\n", "appservice.username_template"},
		"template with two":               {"pretix_{{.}}\n", "pretix_{{.}}{{.}}\n", "appservice.username_template"},
		"unknown database":                {"  type: postgres", "  type: sqlite3", "database.type"},
		"one connection":                  {"  max_open_conns: 5", "  max_open_conns: 1", "database.max_open_conns"},
		"prefix without a sign":           {`"!pretix"`, "pretix", "bridge.command_prefix"},
		"prefix with a blank":             {`"!pretix"`, `"! pretix"`, "bridge.command_prefix"},
		"suffix of blanks":                {`" (tickets)"`, `"  "`, "bridge.bot_name_suffix"},
		"permission for a localpart":      {`"@admin:example.org": admin`, `"@admin": admin`, "bridge.permissions.@admin"},
		"instance key with an underscore": {"    eu:\n", "    eu_1:\n", "network.instances.eu_1"},
		"instance key too long":           {"    eu:\n", "    a123456789012:\n", "network.instances.a123456789012"},
		"instance without a URL":          {"      url: https://pretix.eu", "      url:", "network.instances.eu.url"},
		"moved from nowhere":              {`      moved_from: ""`, "      moved_from: there", "network.instances.eu.moved_from"},
		"the same server twice":           {"    eu:\n", "    de:\n      url: https://PRETIX.eu/\n    eu:\n", "network.instances.eu.url"},
		"sweeps too often":                {"  sweep_interval: 1m", "  sweep_interval: 4s", "network.sweep_interval"},
		"number instead of a time":        {"  sweep_interval: 1m", "  sweep_interval: 60", "network.sweep_interval"},
		"level trace":                     {"  min_level: info", "  min_level: trace", "logging.min_level"},
		"unknown format":                  {"  format: json", "  format: xml", "logging.format"},
		"section that is a value":         {"    username: pretixbot\n    displayname: Pretix bot\n    avatar: \"\"\n", "", "appservice.bot"},
	} {
		t.Run(name, func(t *testing.T) {
			text := instead(t, c.old, c.new)
			if name == "section that is a value" {
				text = strings.Replace(text, "  bot:\n", "  bot: pretixbot\n", 1)
			}
			problems := problemsIn(t, text)
			if len(problems) != 1 || problems[0].Key != c.key {
				t.Errorf("got %+v, want one with %s", problems, c.key)
			}
		})
	}
}

func TestDatabaseURIFitsItsType(t *testing.T) {
	for _, c := range []struct {
		kind, uri string
		ok        bool
	}{
		{Postgres, "postgres://u:p@localhost/d?sslmode=disable", true},
		{Postgres, "host=/run/postgresql dbname=d", true},
		{Postgres, "", false},
		{Postgres, "file:matrix-pretix.db", false},
		{SQLite, "file:matrix-pretix.db", true},
		{SQLite, "file:/data/matrix-pretix.db?_txlock=immediate", true},
		{SQLite, "matrix-pretix.db", false},
		{SQLite, "file:", false},
		{SQLite, "file::memory:", false},
		{SQLite, "file:x?mode=memory&cache=shared", false},
	} {
		var d decoder
		d.checkDatabase(Database{Type: c.kind, URI: c.uri, MaxOpenConns: 5, MaxIdleConns: 2})
		if got := len(d.problems) == 0; got != c.ok {
			t.Errorf("%s %q: got %v, want %v", c.kind, c.uri, got, c.ok)
		}
	}
}

func TestSomebodyOfTheHomeserverMayCommand(t *testing.T) {
	const example = `    "example.org": user` + "\n" + `    "@admin:example.org": admin` + "\n"
	for name, c := range map[string]struct {
		entries string
		ok      bool
	}{
		"its people":                   {`"example.org": user`, true},
		"one of them":                  {`"@ada:example.org": admin`, true},
		"everybody":                    {`"*": user`, true},
		"all but its people":           {`{"*": block, "example.org": block}`, false},
		"another homeserver's people":  {`"example.net": user`, false},
		"one of another homeserver":    {`"@ada:notexample.org": admin`, false},
		"nobody is named":              {`{}`, false},
		"its people and another's too": {`{"example.org": user, "example.net": user}`, true},
	} {
		if !strings.HasPrefix(c.entries, "{") {
			c.entries = "{" + c.entries + "}"
		}
		text := instead(t, "  permissions:\n"+example, "  permissions: "+c.entries+"\n")
		_, err := Parse("config.yaml", []byte(text), nothing)
		problems, wrong := errors.AsType[*Problems](err)
		if wrong == c.ok || wrong && (len(problems.List) != 1 || problems.List[0].Key != "bridge.permissions") {
			t.Errorf("%s: got %v, want it right: %v", name, err, c.ok)
		}
	}
}

func TestPermissionsLeftOutAreThoseOfTheHomeserversUsers(t *testing.T) {
	for _, written := range []string{"", "  permissions:\n"} {
		text := strings.Replace(good(t), "  domain: example.org", "  domain: matrix.example.net", 1)
		before, after, _ := strings.Cut(text, "  permissions:\n")
		_, after, _ = strings.Cut(after, "# Encrypted rooms")
		c, err := Parse("config.yaml", []byte(before+written+"\n# Encrypted rooms"+after), nothing)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string]Level{"matrix.example.net": User}; !maps.Equal(c.Bridge.Permissions, want) {
			t.Errorf("%q: got %v, want %v", written, c.Bridge.Permissions, want)
		}
	}
}

func TestSecretIsNeverShown(t *testing.T) {
	const hidden = "hunter2-hunter2"
	for _, line := range []string{
		"  as_token: [" + hidden + "]", "  as_token: " + hidden + " x", "  hs_token: *" + hidden, "  as_token: \"" + hidden,
		"  hs_token: {a: " + hidden + "}", "  as_token: " + hidden + ": " + hidden, "  as_token: @" + hidden, "  as_token: !" + hidden + " x y",
	} {
		text := instead(t, "appservice:\n", "appservice:\n"+line+"\n")
		_, err := Parse("config.yaml", []byte(text), nothing)
		if err == nil || strings.Contains(err.Error(), hidden) {
			t.Errorf("%s: got %v", line, err)
		}
	}
	text := instead(t, "postgres://matrix_pretix:password@", "postgres://matrix_pretix:"+hidden+"%zz@")
	if _, err := Parse("config.yaml", []byte(text), nothing); err == nil || strings.Contains(err.Error(), hidden) {
		t.Errorf("database.uri: got %v", err)
	}
}

func TestFileThatIsNoConfigIsOneProblem(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "only comments": "# nothing\n", "broken": "a: [", "a list": "- a\n", "a word": "word", "null": "~",
	} {
		problems := problemsIn(t, text)
		if len(problems) != 1 {
			t.Errorf("%s: got %+v, want one problem", name, problems)
		}
	}
	if problems := problemsIn(t, good(t)+"---\na: b\n"); len(problems) != 1 {
		t.Errorf("two documents: got %+v, want one problem", problems)
	}
}

func TestSecretsComeFromEnvironmentAndFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("hs-token-from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := variables(map[string]string{
		"MATRIX_PRETIX_APPSERVICE_AS_TOKEN":      "as-token-from-outside",
		"MATRIX_PRETIX_APPSERVICE_HS_TOKEN_FILE": file,
	})
	c, err := Parse("config.yaml", []byte(good(t)), env)
	if err != nil {
		t.Fatal(err)
	}
	if c.AppService.ASToken != "as-token-from-outside" || c.AppService.HSToken != "hs-token-from-a-file" {
		t.Errorf("got %q and %q", c.AppService.ASToken, c.AppService.HSToken)
	}
}

func TestEnvironmentThatCannotBeUsedIsAProblem(t *testing.T) {
	const name = "MATRIX_PRETIX_NETWORK_SEAL_KEY"
	for label, env := range map[string]map[string]string{
		"both":    {name: "a", name + "_FILE": "b"},
		"no file": {name + "_FILE": "/nowhere/at/all"},
		"no key":  {name: "too short"},
	} {
		_, err := Parse("config.yaml", []byte(good(t)), variables(env))
		problems, ok := errors.AsType[*Problems](err)
		if !ok || len(problems.List) != 1 || problems.List[0].Key != "network.seal_key" {
			t.Errorf("%s: got %v, want one problem with network.seal_key", label, err)
		} else if !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want the variable named", label, err)
		}
		if err != nil && strings.Contains(err.Error(), "/nowhere") {
			t.Errorf("%s: the path is shown: %v", label, err)
		}
	}
}

func TestVariableThatIsSetToNothingIsNotSet(t *testing.T) {
	env := variables(map[string]string{"MATRIX_PRETIX_APPSERVICE_AS_TOKEN": "", "MATRIX_PRETIX_APPSERVICE_HS_TOKEN_FILE": ""})
	c, err := Parse("config.yaml", []byte(good(t)), env)
	if err != nil || c.AppService.ASToken == "" || c.AppService.HSToken == "" {
		t.Errorf("got %v, want the secrets of the file", err)
	}
}

func TestVariableThatIsMistypedIsAProblem(t *testing.T) {
	for name, wrong := range map[string]bool{
		"MATRIX_PRETIX_NETWORK_SEALKEY": true, "MATRIX_PRETIX_NETWORK_SEAL_KEY_FIL": true, "MATRIX_PRETIX_HOMESERVER_DOMAIN": true,
		"MATRIX_PRETIX_LAB": false, "MATRIX_PRETIX_PORT": false, "MATRIX_PRETIX_DATABASE_SERVICE_HOST": false,
		"MATRIX_PRETIX_DATABASE_PORT_5432_TCP": false, "OTHER_NETWORK_SEALKEY": false,
	} {
		_, err := Parse("config.yaml", []byte(good(t)), variables(map[string]string{name: "hunter2"}))
		if wrong != (err != nil) || wrong && (!strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%s: got %v, want a problem: %v", name, err, wrong)
		}
	}
}

func TestBotsAreKnownByTheirNames(t *testing.T) {
	c := Default()
	c.Homeserver.Domain = "example.org"
	for user, want := range map[string]bool{
		"@pretixbot:example.org": true, "@pretix_eu__lab__conf:example.org": true, "@pretix_:example.org": false,
		"@pretixbot2:example.org": false, "@ada:example.org": false, "@pretix_eu__lab__conf:example.net": false,
		"@pretixbot:example.org.example.net": false, "": false,
	} {
		if got := c.IsBot(idOf(user)); got != want {
			t.Errorf("%s: got %v, want %v", user, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(Example))
	f.Add("homeserver: {address: [}, &a *a")
	f.Add("bridge: {permissions: {a: {b: c}}}\nbridge: ~")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("config.yaml", []byte(text), nothing)
		if (c == nil) == (err == nil) {
			t.Errorf("got %v and %v, want one of them", c, err)
		}
		_, _ = fill([]byte(text), "appservice.as_token", "secret")
	})
}
