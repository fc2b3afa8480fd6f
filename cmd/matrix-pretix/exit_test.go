package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"matrix-pretix/database"
)

// found lists what the first group of a pattern matches.
func found(pattern, text string) (all []string) {
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		all = append(all, match[1])
	}
	return all
}

func TestExitStatusesAreListedAsTheyAre(t *testing.T) {
	read := func(path string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	want := found(`(?m)^\tstatus\w+ += (\d)$`, read("exit.go"))
	readme := read("../../README.md")
	_, sentence, _ := strings.Cut(readme, "what kind of reason it is:")
	sentence, _, _ = strings.Cut(sentence, ". ")
	for where, got := range map[string][]string{
		"doc.go": found(`(?m)^//\t(\d)  `, read("doc.go")), "README": found(`[ \n](\d) `, sentence),
	} {
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s lists %v, want %v", where, got, want)
		}
	}
	if unit := fmt.Sprintf("RestartPreventExitStatus=%d %d\n", statusConfig, statusRefused); !strings.Contains(readme, unit) {
		t.Errorf("the unit in README has no %s", unit)
	}
}

func TestWhatAnotherStartCannotMendIsNotStartedAgain(t *testing.T) {
	for _, err := range []error{
		&database.WrongKeyError{Keys: []string{database.SealKeyConfig}}, &database.NewerSchemaError{}, &database.InstanceMovedError{}, database.ErrNotOurs,
	} {
		if status, _ := aboutDatabase(fmt.Errorf("wrapped: %w", err)); status != statusConfig {
			t.Errorf("%v: got status %d, want %d", err, status, statusConfig)
		}
	}
	if status, _ := aboutDatabase(os.ErrDeadlineExceeded); status != statusDatabase {
		t.Errorf("a database that is away: got status %d, want %d", status, statusDatabase)
	}
}
