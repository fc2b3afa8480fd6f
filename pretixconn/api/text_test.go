package api

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestTextSpeaksTheLanguageAskedForOrElseOneThatItHas(t *testing.T) {
	for raw, want := range map[string][2]string{ // in German; in any language
		`{"en":"Ticket","de":"Karte"}`:          {"Karte", "Ticket"},
		`{"en":"Ticket","de":""}`:               {"Ticket", "Ticket"},
		`{"en":"Ticket","de":null}`:             {"Ticket", "Ticket"},
		`{"fr":"Billet","de-informal":"Karte"}`: {"Karte", "Karte"},
		`"Ticket"`:                              {"Ticket", "Ticket"},
		`null`:                                  {"", ""},
		`{}`:                                    {"", ""},
		`""`:                                    {"", ""},
	} {
		text := Text{"old": "value"}
		if err := json.Unmarshal([]byte(raw), &text); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		if got := [2]string{text.In("de"), text.Any()}; got != want {
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
