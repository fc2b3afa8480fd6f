package main

import (
	"fmt"
	"os"
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
	if synapse.User != "${UID}:${GID}" || bridge.User != synapse.User {
		t.Errorf("got users %q and %q, want one", synapse.User, bridge.User)
	}
	// The bridge writes its files into its working directory, under the names that are the flags' defaults.
	o, err := parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.mounted("bridge", "./data/bridge") != workdir(t) {
		t.Errorf("the bridge's files are mounted at %s, but it works in %s", c.mounted("bridge", "./data/bridge"), workdir(t))
	}
	seen := path.Join(c.mounted("synapse", "./data/bridge"), o.registration)
	if !strings.Contains(text, "app_service_config_files: ["+seen+"]") {
		t.Errorf("Synapse sees the registration at %s, but the file does not say so", seen)
	}
	for _, host := range []string{"data/synapse", "data/bridge"} {
		if !strings.Contains(text, "mkdir -p data/synapse data/bridge") || c.mounted("synapse", "./"+host) == "" {
			t.Errorf("%s is not made or not mounted", host)
		}
	}
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

// instructions are the lines of the Dockerfile, as words.
func instructions(t *testing.T) (lines [][]string) {
	t.Helper()
	for line := range strings.Lines(top(t, "Dockerfile")) {
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			lines = append(lines, words)
		}
	}
	return lines
}

func workdir(t *testing.T) (last string) {
	t.Helper()
	for _, words := range instructions(t) {
		if words[0] == "WORKDIR" {
			last = words[1]
		}
	}
	return last
}

func TestDockerfileBuildsFromWhatThereIs(t *testing.T) {
	known := []string{"FROM", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "ENTRYPOINT"}
	var last, copied []string
	stages := 0
	for _, words := range instructions(t) {
		if !slices.Contains(known, words[0]) {
			t.Errorf("what is %s?", words[0])
		}
		switch {
		case words[0] == "FROM":
			stages, last = stages+1, nil
		case words[0] == "COPY" && stages == 1:
			for _, source := range words[1 : len(words)-1] {
				copied = append(copied, source)
				if _, err := os.Stat(filepath.Join("../..", source)); err != nil {
					t.Errorf("it copies %s, which is not there", source)
				}
			}
		}
		last = append(last, strings.Join(words, " "))
	}
	for _, layer := range layers {
		if !slices.Contains(copied, layer) {
			t.Errorf("it does not copy %s", layer)
		}
	}
	// The program is built by the Makefile, so that its tags are the Makefile's, and lies where that puts it.
	for _, want := range []string{
		"FROM scratch", "COPY --from=build /src/matrix-pretix /matrix-pretix", `ENTRYPOINT ["/matrix-pretix"]`, "USER 65532:65532",
		"COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
		fmt.Sprintf("EXPOSE %d", config.Default().AppService.Port),
	} {
		if !slices.Contains(last, want) {
			t.Errorf("its image does not have %s", want)
		}
	}
	file := top(t, "Dockerfile")
	if !strings.Contains(top(t, "Makefile"), "\nPROGRAM := matrix-pretix\n") {
		t.Error("make does not put the program where the Dockerfile looks for it")
	}
	if !strings.Contains(file, "RUN make build\n") || !strings.Contains(file, "WORKDIR /src\n") {
		t.Error("it is not built by make in /src")
	}
}

// The image has no file of time zones, so the program brings its own.
func TestProgramBringsTheTimeZones(t *testing.T) {
	if !strings.Contains(top(t, "cmd/matrix-pretix/main.go"), `_ "time/tzdata"`) {
		t.Error("it does not import time/tzdata")
	}
}

func TestDockerfileBuildsWithTheModulesGo(t *testing.T) {
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(top(t, "go.mod"))
	if goVersion == nil || !strings.Contains(top(t, "Dockerfile"), "FROM golang:"+goVersion[1]+" AS build") {
		t.Errorf("the Dockerfile does not build with Go %v", goVersion)
	}
}
