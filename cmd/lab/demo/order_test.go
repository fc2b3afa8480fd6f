package demo

import (
	"encoding/json"
	"testing"
	"time"
)

func TestChangeIsThePaymentUnlessSomethingCameLater(t *testing.T) {
	for name, test := range map[string]struct {
		order string
		how   string
		at    string
	}{
		"just paid": {
			`{"code": "A", "last_modified": "2026-05-01T10:00:00.4Z", "payments": [{"payment_date": "2026-05-01T10:00:00.1Z"}]}`,
			"paid", "2026-05-01T10:00:00.1Z",
		},
		"paid at the second try": {
			`{"code": "A", "last_modified": "2026-05-01T10:00:09Z", "payments": [{"payment_date": null}, {"payment_date": "2026-05-01T10:00:08Z"}]}`,
			"paid", "2026-05-01T10:00:08Z",
		},
		"mended later": {
			`{"code": "A", "last_modified": "2026-05-01T10:07:00Z", "payments": [{"payment_date": "2026-05-01T10:00:00Z"}]}`,
			"changed", "2026-05-01T10:07:00Z",
		},
	} {
		var read order
		if err := json.Unmarshal([]byte(test.order), &read); err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, test.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := read.change(); got.code != "A" || got.how != test.how || !got.at.Equal(at) {
			t.Errorf("%s: got %+v, want %s at %s", name, got, test.how, test.at)
		}
	}
}

func TestOrderNamesWhoeverWasTyped(t *testing.T) {
	for typed, want := range map[string]bool{
		"@eve:lab.example":                     true,
		"https://matrix.to/#/@Eve:lab.example": true,
		"eve":                                  true,
		"@steve:lab.example":                   false,
		"never":                                false,
		"":                                     false,
	} {
		var read order
		text, err := json.Marshal(map[string]any{"positions": []any{map[string]any{"answers": []any{map[string]any{"answer": typed}}}}})
		if err == nil {
			err = json.Unmarshal(text, &read)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := read.names("@eve:lab.example"); got != want {
			t.Errorf("%q: got %v, want %v", typed, got, want)
		}
	}
}
