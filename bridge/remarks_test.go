package bridge

import (
	"testing"
	"time"

	"maunium.net/go/mautrix/id"
)

// TestPlainWordsAreAnsweredNowAndThen has somebody who thinks aloud, and another person.
func TestPlainWordsAreAnsweredNowAndThen(t *testing.T) {
	const talk = id.RoomID("!talk:example.org")
	now := noon
	r := newRemarks(func() time.Time { return now })
	if !r.Take(talk) || r.Take(talk) {
		t.Error("want the first words answered and the second not")
	}
	if !r.Take(hall) {
		t.Error("another talk is not answered")
	}
	now = now.Add(remarkRest - time.Second)
	if r.Take(talk) {
		t.Error("words are answered before the rest is over")
	}
	now = now.Add(time.Second)
	if !r.Take(talk) {
		t.Error("words are not answered after the rest")
	}
	if len(r.until) != 1 {
		t.Errorf("%d talks are remembered, want the one that rests", len(r.until))
	}
}
