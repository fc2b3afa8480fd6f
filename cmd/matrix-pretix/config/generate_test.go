package config

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gopkg.in/yaml.v3"
	"maunium.net/go/mautrix/id"
)

func idOf(text string) id.UserID { return id.UserID(text) }

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	about, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return about.Mode().Perm()
}

func TestExampleAtTheTopIsTheOneThatIsWritten(t *testing.T) {
	if read(t, "../../../config.example.yaml") != string(Example) {
		t.Error("they differ; cp cmd/matrix-pretix/config/example.yaml config.example.yaml")
	}
}

// keysOf returns the keys of a struct, those that an admin chooses left out.
func keysOf(kind reflect.Type, key string) []string {
	var keys []string
	for i := range kind.NumField() {
		field := kind.Field(i)
		name := field.Tag.Get("yaml")
		switch path := join(key, name); {
		case name == "-":
		case field.Type.Kind() == reflect.Struct:
			keys = append(keys, keysOf(field.Type, path)...)
		case path == "network.instances":
			keys = append(keys, keysOf(field.Type.Elem(), path+".eu")...)
		case path == "bridge.permissions":
			keys = append(keys, path+".example.org", path+".@admin:example.org")
		default:
			keys = append(keys, path)
		}
	}
	return keys
}

func keysIn(node *yaml.Node, key string) []string {
	if node.Kind != yaml.MappingNode {
		return []string{key}
	}
	var keys []string
	for i := 0; i < len(node.Content); i += 2 {
		keys = append(keys, keysIn(node.Content[i+1], join(key, node.Content[i].Value))...)
	}
	return keys
}

func TestExampleHasEveryKeyAndNoOther(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal(Example, &document); err != nil {
		t.Fatal(err)
	}
	got, want := keysIn(document.Content[0], ""), keysOf(reflect.TypeFor[Config](), "")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestExampleShowsTheDefaults(t *testing.T) {
	c := Default()
	if d := decode(Example, c); len(d.problems) > 0 {
		t.Fatal(d.problems)
	}
	want := Default()
	want.Homeserver = Homeserver{Address: "http://localhost:8008", Domain: "example.org"}
	want.AppService.Address = "http://localhost:29350"
	want.Database.URI = "postgres://matrix_pretix:password@localhost/matrix_pretix?sslmode=disable"
	want.Bridge.Permissions = map[string]Level{"example.org": User, "@admin:example.org": Admin}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
}

func TestExampleIsWrittenOnceAndForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := WriteExample(path); err != nil {
		t.Fatal(err)
	}
	if got := modeOf(t, path); got != 0o600 {
		t.Errorf("got mode %o, want 600", got)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteExample(path); err == nil || read(t, path) != "mine" {
		t.Errorf("got %v and %q, want a refusal and the file as it was", err, read(t, path))
	}
}

func TestGenerateFillsOnlyWhatIsEmptyAndWritesTheRegistration(t *testing.T) {
	dir := t.TempDir()
	path, registration := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "registration.yaml")
	before := strings.Replace(string(Example), `hs_token: ""`, "hs_token: already-there-and-long  # kept", 1)
	if err := os.WriteFile(path, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Generate(path, registration, nothing); err != nil {
		t.Fatal(err)
	}
	// Whatever was not an empty secret is still there, to the byte.
	after := regexp.MustCompile(`(as_token|pickle_key|seal_key|digest_key): "[^"]+"`).ReplaceAllString(read(t, path), `$1: ""`)
	if after != before {
		t.Errorf("the config became\n%s", read(t, path))
	}
	c, err := Load(path, nothing)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadRegistration(registration)
	if err != nil {
		t.Fatal(err)
	}
	if r.ASToken != c.AppService.ASToken || r.HSToken != "already-there-and-long" || r.URL != c.AppService.Address || r.ID != "pretix" {
		t.Errorf("got %+v", r)
	}
	if modeOf(t, path) != 0o600 || modeOf(t, registration) != 0o600 {
		t.Errorf("got modes %o and %o, want 600", modeOf(t, path), modeOf(t, registration))
	}
	if left, _ := filepath.Glob(dir + "/*"); len(left) != 2 {
		t.Errorf("got %q, want the two files only", left)
	}
}

func TestGenerateOverwritesNoRegistration(t *testing.T) {
	dir := t.TempDir()
	path, registration := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "registration.yaml")
	if err := WriteExample(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(registration, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Generate(path, registration, nothing); err == nil {
		t.Error("got no error")
	}
	if read(t, registration) != "mine" || read(t, path) != string(Example) {
		t.Error("something was written")
	}
}

func TestGenerateLeavesAWrongConfigAlone(t *testing.T) {
	dir := t.TempDir()
	path, registration := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "registration.yaml")
	text := strings.Replace(string(Example), "port: 29350", "port: 0", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Generate(path, registration, nothing)
	if err == nil || !strings.Contains(err.Error(), "appservice.port") {
		t.Errorf("got %v, want the port named", err)
	}
	if _, err := os.Stat(registration); err == nil || read(t, path) != text {
		t.Error("something was written")
	}
}

func TestGenerateTellsAllThatIsWrongAtOnce(t *testing.T) {
	dir := t.TempDir()
	path, registration := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "registration.yaml")
	text := strings.NewReplacer(
		"  port: 29350", "  prot: 29350", "  domain: example.org", "  domain: https://x/", "  type: postgres", "  type: mysql",
		"  pickle_key: \"\"\n", "", "  hs_token: \"\"", "  hs_token: [a]",
	).Replace(string(Example))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	err := Generate(path, registration, nothing)
	problems, ok := errors.AsType[*Problems](err)
	if !ok || read(t, path) != text {
		t.Fatalf("got %v, want problems and the config as it was", err)
	}
	var keys []string
	for _, problem := range problems.List {
		keys = append(keys, problem.Key)
	}
	slices.Sort(keys)
	want := []string{"appservice.hs_token", "appservice.prot", "database.type", "encryption.pickle_key", "homeserver.domain"}
	if !slices.Equal(keys, want) {
		t.Errorf("got problems with %v, want %v", keys, want)
	}
}

func TestGenerateLeavesAConfigThatIsFullAlone(t *testing.T) {
	dir := t.TempDir()
	path, registration := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "registration.yaml")
	if err := os.WriteFile(path, []byte(good(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Generate(path, registration, nothing); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(path)
	if err != nil || !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) || after.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want the same file for its owner only", after, err)
	}
}

func TestGenerateKeepsTheOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Log("only root can give files away, so nothing is there to keep")
		return
	}
	dir := t.TempDir()
	path, registration := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "registration.yaml")
	if err := errors.Join(WriteExample(path), os.Chown(path, 12345, 23456), Generate(path, registration, nothing)); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if owner := after.Sys().(*syscall.Stat_t); owner.Uid != 12345 || owner.Gid != 23456 {
		t.Errorf("got owner %d:%d, want the former one", owner.Uid, owner.Gid)
	}
}

func TestGenerateTakesSecretsOfTheEnvironmentAsGiven(t *testing.T) {
	dir := t.TempDir()
	path, registration := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "registration.yaml")
	if err := WriteExample(path); err != nil {
		t.Fatal(err)
	}
	env := variables(map[string]string{"MATRIX_PRETIX_APPSERVICE_AS_TOKEN": "as-token-from-outside"})
	if err := Generate(path, registration, env); err != nil {
		t.Fatal(err)
	}
	r, err := ReadRegistration(registration)
	if err != nil {
		t.Fatal(err)
	}
	if r.ASToken != "as-token-from-outside" || !strings.Contains(read(t, path), `  as_token: ""`) {
		t.Errorf("got token %q; the config has it too, or another", r.ASToken)
	}
}

func TestFillKeepsEverythingElse(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"quotes":         {"a:\n  b: \"\" # why\n", "a:\n  b: \"X\" # why\n"},
		"single quotes":  {"a:\n  b: ''\n", "a:\n  b: \"X\"\n"},
		"nothing":        {"a:\n  b:\n  c: d\n", "a:\n  b: \"X\"\n  c: d\n"},
		"a comment":      {"a:\n  b:   # why\n", "a:\n  b: \"X\" # why\n"},
		"null":           {"a:\n  b: null\n", "a:\n  b: \"X\"\n"},
		"a tilde":        {"a:\n  b: ~\n", "a:\n  b: \"X\"\n"},
		"line ends":      {"a:\r\n  b: \"\"\r\n  c: d\r\n", "a:\r\n  b: \"X\"\r\n  c: d\r\n"},
		"flow":           {"a: {b: \"\", c: d}\n", "a: {b: \"X\", c: d}\n"},
		"flow of nulls":  {"a: {c: , b: }\n", "a: {c: , b: \"X\"}\n"},
		"beyond ASCII":   {"a: {é: ü, b: ''}\n", "a: {é: ü, b: \"X\"}\n"},
		"the wrong b":    {"b: \"\"\na:\n  b: \"\"\n", "b: \"\"\na:\n  b: \"X\"\n"},
		"no end of line": {"a:\n  b:", "a:\n  b: \"X\""},
	} {
		got, err := fill([]byte(c.text), "a.b", "X")
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %q and %v, want %q", name, got, err, c.want)
		}
	}
	if _, err := fill([]byte("a:\n  c: d\n"), "a.b", "X"); err == nil {
		t.Error("a key that is missing: got no error")
	}
}

func TestRegistrationExampleIsWhatGenerateWrites(t *testing.T) {
	c := Default()
	if d := decode(Example, c); len(d.problems) > 0 {
		t.Fatal(d.problems)
	}
	c.AppService.ASToken, c.AppService.HSToken = "a-long-random-secret", "another-long-random-secret"
	want, err := NewRegistration(c, "unused-and-random").YAML()
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, "../../../registration.example.yaml"); got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, part := range []string{`@pretixbot:example\.org$`, `^@pretix_.*:example\.org$`, "rate_limited: false", "io.element.msc4190: true"} {
		if !bytes.Contains(want, []byte(part)) {
			t.Errorf("it does not have %s", part)
		}
	}
}

func TestUnusedNameIsAUserNameInNoNamespace(t *testing.T) {
	name, c := unusedName(), Default()
	if !localpart.MatchString(name) || c.IsBot(id.NewUserID(name, c.Homeserver.Domain)) || name == unusedName() {
		t.Errorf("got %q", name)
	}
}
