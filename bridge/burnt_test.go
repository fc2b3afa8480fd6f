package bridge

import (
	"testing"
	"time"
)

func TestATokenIsWatchedForWhereItWasAskedForAmongOthers(t *testing.T) {
	now := noon
	w := newBurning(func() time.Time { return now })
	among, alone := asked{Room: hall, User: "@olga:example.org"}, asked{Room: "!talk:example.org", User: "@olga:example.org"}
	other := asked{Room: hall, User: "@gus:example.org"}
	w.Watch(among, false)
	w.Watch(other, false)
	w.Watch(alone, true)
	if !w.watched(among) || w.watched(alone) {
		t.Errorf("watched among others %v, in private %v, want true, false", w.watched(among), w.watched(alone))
	}
	if w.End(among.User); w.watched(among) || !w.watched(other) {
		t.Errorf("after one has connected: watched %v, another one %v, want false, true", w.watched(among), w.watched(other))
	}
	now = now.Add(questionLife + time.Second)
	if w.watched(other) {
		t.Error("watched for ever")
	}
}
