package typed

import (
	"errors"
	"testing"

	"matrix-pretix/pretixconn/api"
)

// TestAQuestionIsNamedInFull has what people type, and what must not be taken for a name.
func TestAQuestionIsNamedInFull(t *testing.T) {
	line := func(id int64, identifier string, text api.Text) api.Question {
		return api.Question{ID: id, Identifier: identifier, Type: api.QuestionLine, Question: text}
	}
	questions := []api.Question{
		line(3, "matrix", api.Text{"en": "Your Matrix ID", "de": "Deine Matrix-ID"}),
		line(4, "A7F3", api.Text{"en": "Your chat name, exactly"}),
		{ID: 5, Identifier: "size", Type: "C", Question: api.Text{"en": "T-shirt size"}},
		{ID: 6, Identifier: "all", Type: api.QuestionLine, Question: api.Text{"en": "Matrix IDs of all"}, PerOrder: true},
	}
	for _, tc := range []struct {
		text string
		want int64
		err  error
	}{
		{"3", 3, nil},
		{"#4", 4, nil},
		{"MATRIX", 3, nil},
		{"a7f3", 4, nil},
		{"your matrix id", 3, nil},
		{"Deine", 3, nil},
		{"chat", 4, nil},
		{"chat name exactly", 4, nil},
		{"T-shirt", 5, ErrQuestionNotText},
		{"6", 6, ErrQuestionPerOrder},
		{"x", 0, ErrNoQuestion},
		{"mat", 0, ErrNoQuestion},
		{"your", 0, ErrNoQuestion}, // two have it
		{"ID", 0, ErrNoQuestion},
		{"exact", 0, ErrNoQuestion},
		{"----", 0, ErrNoQuestion},
		{"", 0, ErrNoQuestion},
	} {
		if got, err := Question(tc.text, questions); got.ID != tc.want || !errors.Is(err, tc.err) {
			t.Errorf("Question(%q) = %d, %v, want %d, %v", tc.text, got.ID, err, tc.want, tc.err)
		}
	}
}
