package servers

import (
	"testing"
	"time"

	"matrix-pretix/bridge/inviter/judge"
)

func TestAnswersToInvitesCountApartFromLookUps(t *testing.T) {
	const silent, refused = 502, 403
	for name, test := range map[string]struct {
		answers []int
		took    time.Duration
		rests   bool
	}{
		"two quick failures":      {[]int{silent, silent}, time.Second, false},
		"three quick failures":    {[]int{silent, silent, silent}, time.Second, true},
		"an answer in between":    {[]int{silent, silent, 0, silent}, time.Second, false},
		"one that hung":           {[]int{silent}, hungTime, true},
		"refusals":                {[]int{refused, refused, refused, refused}, time.Second, false},
		"our own server's faults": {[]int{500, 500, 500, 500}, hungTime, false},
	} {
		now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		s := New("example.org", func() time.Time { return now })
		for _, status := range test.answers {
			errand, again := s.Send("far.example")
			if errand == nil {
				t.Fatalf("%s: set aside until %v", name, again)
			}
			now = now.Add(test.took)
			errand.Ended(judge.Answer{Refused: status != 0, Status: status, Code: map[bool]string{true: "M_UNKNOWN"}[status != 0]})
			if v, _, _ := s.Enter(t.Context(), "far.example", true); v != nil {
				v.Answered() // a look-up
			}
		}
		if got := !s.RestsUntil("far.example").IsZero(); got != test.rests {
			t.Errorf("%s: rests %v, want %v", name, got, test.rests)
		}
	}
}

func TestServerThatTookNoInvitesIsTriedByOneAtATime(t *testing.T) {
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	s := New("example.org", func() time.Time { return now })
	first, _ := s.Send("far.example")
	now = now.Add(hungTime)
	first.Ended(judge.Answer{Refused: true, Status: 502, Code: "M_UNKNOWN"})
	if errand, again := s.Send("far.example"); errand != nil || !again.Equal(now.Add(time.Minute)) {
		t.Fatalf("while it rests: got %v, %v", errand, again)
	}
	now = now.Add(time.Minute)
	trial, _ := s.Send("far.example")
	if errand, again := s.Send("far.example"); trial == nil || errand != nil || !again.After(now) {
		t.Fatalf("a second one beside the trial: got %v, %v", errand, again)
	}
	trial.Ended(judge.Answer{})
	if errand, _ := s.Send("far.example"); errand == nil || s.Silent("far.example") {
		t.Error("not forgiven after it took an invite")
	}
	if own, _ := s.Send("example.org"); own == nil {
		t.Error("our own server is set aside")
	}
}
