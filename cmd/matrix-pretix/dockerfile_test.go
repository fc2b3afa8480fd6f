package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"matrix-pretix/cmd/matrix-pretix/config"
)

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
