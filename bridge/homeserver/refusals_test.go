package homeserver

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoRefusesTalksIsLeftAloneLongerEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRefusals(time.Now)
		for _, rest := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour} {
			if r.rests("@ada:example.org") {
				t.Fatalf("before a rest of %s: still left alone", rest)
			}
			r.note("@ada:example.org")
			time.Sleep(rest - time.Second)
			if !r.rests("@ada:example.org") {
				t.Errorf("a rest of %s ended too early", rest)
			}
			if r.rests("@bob:example.org") {
				t.Error("somebody else is left alone")
			}
			time.Sleep(time.Second)
		}
		r.forget("@ada:example.org")
		r.note("@ada:example.org")
		time.Sleep(time.Minute)
		if r.rests("@ada:example.org") {
			t.Error("who could be asked is left alone as long as before")
		}
		time.Sleep(25 * time.Hour)
		r.note("@bob:example.org")
		if len(r.who) != 1 {
			t.Errorf("%d are remembered, want the last one", len(r.who))
		}
	})
}

func TestWhoLeavesTalksIsLeftAloneAfterAFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRefusals(time.Now)
		for n := range freeTalks {
			r.leaves("@ada:example.org")
			if r.rests("@ada:example.org") {
				t.Fatalf("left alone after %d talks", n+1)
			}
			r.forget("@ada:example.org") // asked into another
		}
		for _, rest := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
			r.leaves("@ada:example.org")
			time.Sleep(rest - time.Second)
			if !r.rests("@ada:example.org") {
				t.Errorf("a rest of %s ended too early", rest)
			}
			time.Sleep(time.Second)
			if r.rests("@ada:example.org") {
				t.Errorf("a rest of %s does not end", rest)
			}
			r.forget("@ada:example.org")
		}
		time.Sleep(25 * time.Hour)
		r.leaves("@bob:example.org")
		r.leaves("@ada:example.org")
		if r.rests("@ada:example.org") {
			t.Error("what was long ago still counts")
		}
	})
}
