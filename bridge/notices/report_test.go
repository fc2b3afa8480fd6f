package notices

import (
	"slices"
	"strings"
	"testing"
	"time"

	"matrix-pretix/bridge/replies"
	"matrix-pretix/database"
)

var (
	conf = database.EventKey{Instance: "eu", Organizer: "acme", Event: "conf"}
	noon = time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
)

// TestFailuresAreGatheredForAMinute has two events, one with a failure that is old enough and a newer one that goes along.
func TestFailuresAreGatheredForAMinute(t *testing.T) {
	other := database.EventKey{Instance: "eu", Organizer: "acme", Event: "gala"}
	failures := []database.Failure{ // the newest first
		{Event: conf, Code: "ALONG", FoundAt: noon},
		{Event: other, Code: "NEW", FoundAt: noon.Add(-gatherTime + time.Second)},
		{Event: conf, Code: "OLD", FoundAt: noon.Add(-gatherTime)},
	}
	gathering := make(reports)
	due := gathering.due(failures, noon)
	var codes []string
	for _, failure := range due[conf] {
		codes = append(codes, failure.Code)
	}
	if want := []string{"OLD", "ALONG"}; !slices.Equal(codes, want) {
		t.Errorf("reported %q, want %q", codes, want)
	}
	if len(due) != 1 {
		t.Errorf("%d events are reported, want the one with an old failure", len(due))
	}

	// What did not go into that report gathers for the next one.
	gathering[conf] = noon.Add(gatherTime)
	if due := gathering.due(failures, noon.Add(gatherTime-time.Second)); len(due[conf]) != 0 {
		t.Errorf("reported %v again at once", due[conf])
	}
	if due := gathering.due(failures, noon.Add(gatherTime)); len(due[conf]) != 2 {
		t.Errorf("reported %v a minute later, want what is left", due[conf])
	}
}

func TestWhatAReportDoesNotListIsLeftForTheNext(t *testing.T) {
	all := make([]database.Failure, 500)
	for i := range all {
		all[i] = database.Failure{Event: conf, Position: int64(i)}
	}
	told := make(map[int64]bool)
	for left := all; len(left) > 0; {
		shown, more := nextReport(left)
		if text := replies.Report(database.Event{Key: conf}, make([]replies.Failure, len(shown)), more, noon); strings.Count(text, "no Matrix ID")+strings.Count(text, "refused") != len(shown) {
			t.Fatalf("%d are marked as told by a report that lists others: %s", len(shown), text)
		}
		for _, failure := range shown {
			told[failure.Position] = true
		}
		if more != len(left)-len(shown) {
			t.Errorf("%d more are announced, want %d", more, len(left)-len(shown))
		}
		left = left[len(shown):]
	}
	if len(told) != len(all) {
		t.Errorf("%d are told, want all %d", len(told), len(all))
	}
}
