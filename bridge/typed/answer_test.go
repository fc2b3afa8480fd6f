package typed

import "testing"

func TestAnswersByNumberMeanTheOption(t *testing.T) {
	options := []string{"first", "second"}
	for answer, want := range map[string]string{"1": "first", " 2. ": "second", "#2": "second", "2)": "second", "3": "3", "0": "0", "-1": "-1", "first": "first", "": ""} {
		if got := Numbered(answer, options); got != want {
			t.Errorf("Numbered(%q) = %q, want %q", answer, got, want)
		}
	}
}

func TestYesIsNotReadIntoOtherWords(t *testing.T) {
	for text, want := range map[string]bool{"yes": true, "Yes!": true, "ok": true, "Ja": true, "👍": true, "no": false, "not yes": false, "yesterday": false, "": false} {
		if got := Yes(text); got != want {
			t.Errorf("Yes(%q) = %v, want %v", text, got, want)
		}
		if Yes(text) && No(text) {
			t.Errorf("%q is yes and no", text)
		}
	}
}

func TestOneWordAsksForHelp(t *testing.T) {
	for text, want := range map[string]bool{"help": true, "Help!": true, "help?": true, "Hilfe": true, "?": true, "help me": false, "helpful": false, "!help": false} {
		if got := AsksHelp(text); got != want {
			t.Errorf("AsksHelp(%q) = %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]bool{"cancel": true, "Cancel.": true, "cancel it": false, "": false} {
		if got := Cancel(text); got != want {
			t.Errorf("Cancel(%q) = %v, want %v", text, got, want)
		}
	}
}
