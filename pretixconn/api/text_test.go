package api

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestTextSpeaksEnglishOrElseALanguageThatItHas(t *testing.T) {
	for raw, want := range map[string]string{
		`{"en":"Ticket","de":"Karte"}`:          "Ticket",
		`{"en":"","de":"Karte"}`:                "Karte",
		`{"en":null,"de":"Karte"}`:              "Karte",
		`{"fr":"Billet","de-informal":"Karte"}`: "Karte",
		`"Ticket"`:                              "Ticket",
		`null`:                                  "",
		`{}`:                                    "",
		`""`:                                    "",
	} {
		text := Text{"old": "value"}
		if err := json.Unmarshal([]byte(raw), &text); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if got := text.Any(); got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

func TestTextListsEachWordingOnce(t *testing.T) {
	text := Text{"de": "Karte", "en": "Ticket", "nl": "Ticket", "fr": ""}
	if got, want := text.All(), []string{"Karte", "Ticket"}; !slices.Equal(got, want) {
		t.Errorf("All = %q, want %q", got, want)
	}
}

func TestTextOfAnotherShapeIsAnError(t *testing.T) {
	for _, raw := range []string{`1`, `[]`, `{"en":1}`} {
		if err := json.Unmarshal([]byte(raw), new(Text)); err == nil {
			t.Errorf("%s was decoded without an error", raw)
		}
	}
}
