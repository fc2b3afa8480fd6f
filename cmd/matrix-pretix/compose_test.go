package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"matrix-pretix/cmd/matrix-pretix/config"
)

// compose is what is looked at of docker-compose.yaml; an unknown key would be a mistake in the file or something to look at.
type compose struct {
	Services map[string]struct {
		Image       string            `yaml:"image"`
		Build       string            `yaml:"build"`
		Restart     string            `yaml:"restart"`
		StopGrace   string            `yaml:"stop_grace_period"`
		User        string            `yaml:"user"`
		Command     []string          `yaml:"command"`
		Environment map[string]string `yaml:"environment"`
		Volumes     []string          `yaml:"volumes"`
		Ports       []string          `yaml:"ports"`
		Healthcheck map[string]any    `yaml:"healthcheck"`
		DependsOn   map[string]struct {
			Condition string `yaml:"condition"`
		} `yaml:"depends_on"`
	} `yaml:"services"`
	Volumes map[string]struct{} `yaml:"volumes"`
}

func top(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readCompose(t *testing.T) (compose, string) {
	t.Helper()
	var c compose
	text := top(t, "docker-compose.yaml")
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c, text
}

// mounted returns where a service sees a directory of the host.
func (c compose) mounted(service, host string) string {
	for _, volume := range c.Services[service].Volumes {
		if parts := strings.Split(volume, ":"); parts[0] == host {
			return parts[1]
		}
	}
	return ""
}

func TestComposeSharesTheRegistrationWithOneUser(t *testing.T) {
	c, text := readCompose(t)
	synapse, bridge := c.Services["synapse"], c.Services["bridge"]
	// Synapse's image goes on as a user of its own when it is started as root, unless the environment names one; and when it is not
	// started as root it must not be told a user at all, since it could not change to it.
	if as := synapse.Environment["UID"] + ":" + synapse.Environment["GID"]; synapse.User != "" || as != "${UID}:${GID}" || bridge.User != as {
		t.Errorf("got users %q and %q, Synapse started as %q; want one, and Synapse started as root", as, bridge.User, synapse.User)
	}
	// The config is where the program looks for it: in its working directory. The registration has a directory of its own, the only one that
	// both see, and goes there when it is made.
	o, err := parse(bridge.Command)
	if err != nil {
		t.Fatal(err)
	}
	if c.mounted("bridge", "./data/bridge") != workdir(t) || o.config != "config.yaml" {
		t.Errorf("the bridge's files are mounted at %s, but it works in %s", c.mounted("bridge", "./data/bridge"), workdir(t))
	}
	for _, service := range []string{"bridge", "synapse"} {
		if seen := c.mounted(service, "./data/registration"); seen != path.Dir(o.registration) {
			t.Errorf("%s sees the registration's directory at %q, want it where %s is", service, seen, o.registration)
		}
	}
	if c.mounted("synapse", "./data/bridge") != "" {
		t.Error("Synapse sees the bridge's keys")
	}
	if made := "docker compose run --rm bridge -g -r " + o.registration; !strings.Contains(text, made+"\n") {
		t.Errorf("it does not say %s", made)
	}
	if got := registrationsAfter(t, text); !slices.Equal(got, []string{o.registration}) {
		t.Errorf("the registration is %s, but Synapse is told %q", o.registration, got)
	}
	if !strings.Contains(text, "mkdir -p data/synapse data/bridge data/registration\n") {
		t.Error("a directory is not made, so that Docker makes it, and root's")
	}
}

// registrationsAfter does what the file says of homeserver.yaml, and reads which registrations Synapse then loads. What Synapse
// generates ends with a comment, and that without an end of line.
func registrationsAfter(t *testing.T, text string) []string {
	t.Helper()
	step := regexp.MustCompile(`(?m)^# +\d\. (.* >> (data/synapse/homeserver\.yaml))$`).FindStringSubmatch(text)
	if step == nil {
		t.Fatal("no step is about homeserver.yaml")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, step[2])
	err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte("server_name: example.org\n\n\n# vim:ft=yaml"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("sh", "-c", step[1])
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", step[1], err, out)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var homeserver struct {
		Registrations []string `yaml:"app_service_config_files"`
	}
	if err := yaml.Unmarshal(written, &homeserver); err != nil {
		t.Fatal(err)
	}
	return homeserver.Registrations
}

func TestComposeFitsTheConfig(t *testing.T) {
	c, text := readCompose(t)
	d := config.Default()
	port := fmt.Sprint(d.AppService.Port)
	for _, part := range []string{"homeserver.address http://synapse:8008", "appservice.address http://bridge:" + port, "appservice.hostname 0.0.0.0"} {
		if !strings.Contains(text, part) {
			t.Errorf("it does not say %s", part)
		}
	}
	bridge, postgres := c.Services["bridge"], c.Services["postgres"]
	if !slices.Contains(bridge.Ports, "127.0.0.1:"+port+":"+port) || !slices.Contains(c.Services["synapse"].Ports, "127.0.0.1:8008:8008") {
		t.Errorf("got ports %q", bridge.Ports)
	}
	if bridge.DependsOn["postgres"].Condition != "service_healthy" || len(postgres.Healthcheck) == 0 {
		t.Error("the bridge does not wait for Postgres")
	}

	// With its environment the example config is whole, once -g has filled it in.
	env := func() (set []string) {
		for name, value := range bridge.Environment {
			set = append(set, name+"="+strings.ReplaceAll(value, "${POSTGRES_PASSWORD}", "0123456789abcdef"))
		}
		return set
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yaml")
	if err := config.WriteExample(file); err != nil {
		t.Fatal(err)
	}
	if err := config.Generate(file, filepath.Join(dir, "registration.yaml"), env); err != nil {
		t.Fatal(err)
	}
	got, err := config.Load(file, env)
	if err != nil {
		t.Fatal(err)
	}
	p := postgres.Environment
	if want := fmt.Sprintf("postgres://%s:0123456789abcdef@postgres/%s?sslmode=disable", p["POSTGRES_USER"], p["POSTGRES_DB"]); got.Database.URI != want {
		t.Errorf("got %s, want %s", got.Database.URI, want)
	}
	if p["POSTGRES_PASSWORD"] != "${POSTGRES_PASSWORD}" || c.Services["synapse"].Environment["SYNAPSE_SERVER_NAME"] != got.Homeserver.Domain {
		t.Errorf("got %v and %v", p, c.Services["synapse"].Environment)
	}
}

func TestComposePinsWhatItPulls(t *testing.T) {
	c, _ := readCompose(t)
	for name, service := range c.Services {
		_, tag, _ := strings.Cut(service.Image, ":")
		if (service.Build == "") == (service.Image == "") || service.Image != "" && !regexp.MustCompile(`^v?[0-9.]+$`).MatchString(tag) {
			t.Errorf("%s: got image %q and build %q", name, service.Image, service.Build)
		}
		if service.Restart != "unless-stopped" {
			t.Errorf("%s is not started again", name)
		}
		for _, volume := range service.Volumes {
			if host, _, _ := strings.Cut(volume, ":"); !strings.HasPrefix(host, "./") {
				if _, ok := c.Volumes[host]; !ok {
					t.Errorf("%s: volume %s is not declared", name, host)
				}
			}
		}
	}
	if len(c.Services) != 3 {
		t.Errorf("got %d services, want 3", len(c.Services))
	}
}
