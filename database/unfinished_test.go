package database

import "testing"

func TestUnfinishedMessagesAreKnownUntilTheyEnd(t *testing.T) {
	forEachDialect(t, func(t *testing.T, f *fixture) {
		first, second := Unfinished{Message: "$a", Room: hall}, Unfinished{Message: "$b", Room: hall}
		for _, u := range []Unfinished{first, second, first} {
			f.must(f.PutUnfinished(t.Context(), u))
		}
		got, err := f.Unfinished(t.Context())
		f.must(err)
		wantEqual(t, "unfinished messages", got, []Unfinished{first, second})
		f.must(f.EndUnfinished(t.Context(), first.Message))
		got, err = f.Unfinished(t.Context())
		f.must(err)
		wantEqual(t, "unfinished messages", got, []Unfinished{second})
	})
}
