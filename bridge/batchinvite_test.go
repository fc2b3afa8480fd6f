package bridge

import (
	"context"
	"errors"
	"testing"
	"time"

	"matrix-pretix/bridge/inviter"
	"matrix-pretix/bridge/replies"
)

func TestABatchIsShownOnceForEachPersonAndTheirRooms(t *testing.T) {
	s := newBatches()
	owners := shown{event: conf, rooms: "[!a !b]", asker: "@olga:example.org"}
	moderators := shown{event: conf, rooms: "[!a]", asker: "@gus:example.org"}
	first, endFirst := s.Begin(t.Context(), owners)
	other, endOther := s.Begin(t.Context(), moderators)
	if first.Err() != nil {
		t.Error("somebody else's showing ended the owner's")
	}
	second, endSecond := s.Begin(t.Context(), owners)
	if !errors.Is(context.Cause(first), errShownAnew) || second.Err() != nil || other.Err() != nil {
		t.Errorf("after the owner asked again: the first %v, the second %v, the other %v", context.Cause(first), second.Err(), other.Err())
	}
	endFirst()
	if third, end := s.Begin(t.Context(), owners); second.Err() == nil || third.Err() != nil {
		t.Error("the end of a showing that was taken over ended the next one's place")
	} else {
		end()
	}
	endSecond()
	endOther()
	if len(s.showing) != 0 {
		t.Errorf("%d showings are kept after their end", len(s.showing))
	}
}

func TestAShowingWaitsForThoseOnlyWhoAreLookedAtSoon(t *testing.T) {
	for claim, tc := range map[string]struct {
		p    inviter.Progress
		want bool
	}{
		"everybody was looked at":   {inviter.Progress{}, true},
		"somebody's turn comes":     {inviter.Progress{Left: 1}, false},
		"put off for seconds":       {inviter.Progress{PutOff: 1, Next: noon.Add(15 * time.Second)}, false},
		"put off for minutes":       {inviter.Progress{PutOff: 1, Next: noon.Add(5 * time.Minute)}, true},
		"put off, and others' turn": {inviter.Progress{Left: 1, PutOff: 1, Next: noon.Add(time.Hour)}, false},
	} {
		if got := over(replies.BatchProgress{Progress: tc.p, Now: noon}); got != tc.want {
			t.Errorf("%s: over is %v, want %v", claim, got, tc.want)
		}
	}
}
