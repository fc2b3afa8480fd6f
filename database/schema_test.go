package database

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestEveryConstraintHasAName(t *testing.T) {
	text, err := os.ReadFile("upgrades/01-first.sql")
	if err != nil {
		t.Fatal(err)
	}
	constraint := regexp.MustCompile(`\b(PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY|REFERENCES)\b`)
	found := 0
	for statement := range strings.SplitSeq(string(text), ";") {
		joined := regexp.MustCompile(`\n\t\t`).ReplaceAllString(statement, " ") // a constraint in two lines
		for line := range strings.SplitSeq(joined, "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "--") || !constraint.MatchString(line) {
				continue
			}
			found++
			if !regexp.MustCompile(`^\tCONSTRAINT pretix_[a-z_]+ `).MatchString(line) {
				t.Errorf("without a name of ours: %s", line)
			}
		}
	}
	if found < 30 {
		t.Errorf("found %d constraints: this test reads the wrong text", found)
	}
}

func TestARowThatCannotBeIsRefusedByName(t *testing.T) {
	invite := func(columns string) string {
		return `UPDATE pretix_invite SET ` + columns + ` WHERE attendee = 'ada-digest'`
	}
	statements := map[string]string{
		"pretix_invite_state":               invite(`state = 'lost'`),
		"pretix_invite_waits":               invite(`wait_until = 5`),
		"pretix_invite_reasoned":            invite(`state = 'failed'`),
		"pretix_invite_attendee":            invite(`attendee = ''`),
		"pretix_link_state":                 `UPDATE pretix_link SET state = 'open'`,
		"pretix_link_follow":                `UPDATE pretix_link SET follow_until = 5`,
		"pretix_rule_narrows":               `UPDATE pretix_rule SET item = 0`,
		"pretix_event_bot_named":            `UPDATE pretix_event SET bot = ''`,
		"pretix_ticket_attendee_or_problem": `UPDATE pretix_ticket SET attendee = ''`,
	}
	forEachDialect(t, func(t *testing.T, f *fixture) {
		f.event(conf)
		f.link(conf, hall, Rule{Item: standard})
		f.record("AAAAA", ticket(1, ada))
		for constraint, statement := range statements {
			if _, err := f.change(t.Context(), statement); err == nil || !strings.Contains(err.Error(), constraint) {
				t.Errorf("got %v, want %s named", err, constraint)
			}
		}
	})
}
