package bridge

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"matrix-pretix/bridge/authority"
	"matrix-pretix/bridge/inviter"
)

func TestABatchIsShownOnceForEachPersonAndTheirRooms(t *testing.T) {
	s := newBatches()
	owners := shown{event: evil, rooms: "[!a !b]", asker: "@olga:example.org"}
	moderators := shown{event: evil, rooms: "[!a]", asker: "@gus:example.org"}
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
		if got := (batchProgress{Progress: tc.p, Now: noon}).over(); got != tc.want {
			t.Errorf("%s: over is %v, want %v", claim, got, tc.want)
		}
	}
}

func TestABatchSaysHowItStandsAndWhy(t *testing.T) {
	putOff := inviter.Progress{PutOff: 12, Next: noon.Add(5 * time.Minute)}
	sent := inviter.Progress{Tally: inviter.Tally{Invited: 3, Failed: 1}}
	skipped := []authority.Target{{Room: hall, Missing: []authority.Missing{{Kind: authority.NotInRoom, Room: hall}}}}
	for claim, tc := range map[string]struct {
		p    batchProgress
		want []string
		not  string
	}{
		"begun":                 {batchProgress{Released: 3, Rooms: 1, Progress: inviter.Progress{Left: 3}}, []string{"📨 Inviting …", "0 invitations sent", "3 to go"}, "Done"},
		"done":                  {batchProgress{Released: 4, Rooms: 1, Done: true, Progress: sent}, []string{"✅ Done. 3 invitations sent, 1 cannot be invited.", "`!status` says why"}, "to go"},
		"put off by Pretix":     {batchProgress{Released: 12, Rooms: 1, Done: true, Progress: putOff}, []string{"Not finished", "12 people wait: Pretix does not answer.", "in 5 minutes"}, "Done"},
		"put off without login": {batchProgress{Rooms: 1, Done: true, Progress: putOff, Hindrance: hindranceLogin}, []string{"12 people wait", "`!authorize`"}, "Done"},
		"nobody left":           {batchProgress{Rooms: 1, Done: true}, []string{"Nobody is left to invite"}, "Skipped"},
		"nobody left, skipped":  {batchProgress{Rooms: 1, Done: true, Skipped: skipped}, []string{"Nobody is left to invite", "Skipped: You are not in"}, "No room"},
		"no room":               {batchProgress{Done: true}, []string{"No room is linked", "`!setroom`"}, "asked already"},
		"no question":           {batchProgress{Rooms: 1, Done: true, Hindrance: hindranceQuestion}, []string{"which question", "`!set question <number>`"}, "asked already"},
		"orders not read yet":   {batchProgress{Rooms: 1, Done: true, Hindrance: hindranceScan}, []string{"still reading", "once more"}, "asked already"},
	} {
		tc.p.Now = noon
		got := sayBatch(tc.p)
		for _, words := range tc.want {
			if !strings.Contains(got, words) {
				t.Errorf("%s is said without %q: %s", claim, words, got)
			}
		}
		if strings.Contains(got, tc.not) {
			t.Errorf("%s is said with %q: %s", claim, tc.not, got)
		}
	}
}

func TestAnOrderThatWasNotLookedAtIsNotSaidToBeEmpty(t *testing.T) {
	const empty = "no ticket that counts"
	if got := sayOrderInvited(orderLook{Code: "ABC12"}); !strings.Contains(got, empty) {
		t.Errorf("an order without tickets: %s", got)
	}
	got := sayOrderInvited(orderLook{Code: "ABC12", Waits: true, Hindrance: hindranceScan})
	if strings.Contains(got, empty) || !strings.Contains(got, "still reading") {
		t.Errorf("an order that waits: %s", got)
	}
}
