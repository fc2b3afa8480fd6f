package turns

import "testing"

func TestMarkIsPutOnceUntilItIsTakenAway(t *testing.T) {
	var marks Marks[string]
	if marks.Has("order") || !marks.Put("order") || marks.Put("order") || !marks.Has("order") {
		t.Error("a mark is there before it was put, or put twice")
	}
	if marks.Put("other"); marks.Count() != 2 {
		t.Errorf("%d marks, want 2", marks.Count())
	}
	marks.Drop("order")
	if marks.Has("order") || marks.Count() != 1 || !marks.Put("order") {
		t.Error("a mark that was taken away cannot be put again")
	}
	if marks.Clear(); marks.Has("other") || marks.Count() != 0 {
		t.Error("a mark is left after all were taken away")
	}
}
