package typed

import (
	"slices"
	"strconv"
	"strings"
)

// Yes tells whether an answer is a yes, in the languages that people fall into, or by thumb.
func Yes(text string) bool {
	return slices.Contains([]string{"yes", "y", "ok", "okay", "yes please", "sure", "ja", "oui", "si", "sí", "👍", "✅"}, answerWord(text))
}

// No is the same for a no. What is neither is no answer.
func No(text string) bool {
	return slices.Contains([]string{"no", "n", "nope", "nein", "non", "👎"}, answerWord(text))
}

// Cancel tells whether somebody wants to end what was begun.
func Cancel(text string) bool { return answerWord(text) == "cancel" }

// AsksHelp tells whether somebody asks for help in one word, without what makes it a command.
func AsksHelp(text string) bool {
	word := strings.ToLower(strings.TrimSpace(text))
	return word == "?" || slices.Contains([]string{"help", "hilfe", "aide", "ayuda"}, strings.TrimRight(word, " .!?"))
}

func answerWord(text string) string {
	return strings.ToLower(strings.Trim(text, " .!,\n"))
}

// Option is the place of the option that somebody names by its number, counted from one, or by one of its names; -1 where none is.
func Option(text string, options [][]string) int {
	if n, ok := listNumber(text, len(options)); ok {
		return n
	}
	return slices.IndexFunc(options, func(names []string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return name != "" && fold(name) == fold(text) })
	})
}

// Numbered lets a person answer with the number of an option instead of its name.
func Numbered(text string, options []string) string {
	if n, ok := listNumber(text, len(options)); ok {
		return options[n]
	}
	return text
}

// listNumber reads the number of one of so many things in a list, counted from one as people do.
func listNumber(text string, of int) (place int, ok bool) {
	n, err := strconv.Atoi(strings.Trim(text, " .)#"))
	return n - 1, err == nil && n >= 1 && n <= of
}
