package replies

import (
	"fmt"
	"strings"

	"matrix-pretix/bridge/homeserver"
)

const (
	// ListedMost is how many lines a list in a reply has: more is not read on a phone, and a message has its limits.
	ListedMost = 20
	// inlineMost is how many names stand in a sentence.
	inlineMost = 10

	cut = "\n\n… The rest is too long for one message."
)

// listed makes a list of lines, each made by one of our own sentences.
func listed(lines []string) string { return listedBy(lines, "- ") }

// listedBelow makes a list below a line of a list.
func listedBelow(lines []string) string { return listedBy(lines, "  - ") }

func listedBy(lines []string, mark string) string {
	var text strings.Builder
	for _, line := range lines[:min(len(lines), ListedMost)] {
		text.WriteString("\n" + mark + line)
	}
	return text.String() + andMore(len(lines)-ListedMost, mark)
}

// enumerated makes a list from which somebody chooses by number.
func enumerated(lines []string) string {
	var text strings.Builder
	for i, line := range lines[:min(len(lines), ListedMost)] {
		fmt.Fprintf(&text, "\n%d. %s", i+1, line)
	}
	return text.String() + andMore(len(lines)-ListedMost, "- ")
}

func andMore(more int, mark string) string {
	if more <= 0 {
		return ""
	}
	return fmt.Sprintf("\n%sand %d more", mark, more)
}

// inline makes a part of a sentence of names.
func inline(names []string, between string) string {
	text := strings.Join(names[:min(len(names), inlineMost)], between)
	if more := len(names) - inlineMost; more > 0 {
		text += fmt.Sprintf("%s%d more", between, more)
	}
	return text
}

// lines makes a line of each. Those that no list shows stay empty: they only count.
func lines[T any](of []T, line func(T) string) []string {
	made := make([]string, len(of))
	for i, one := range of[:min(len(of), ListedMost)] {
		made[i] = line(one)
	}
	return made
}

// Fit cuts a text that no homeserver would take, where a line ends if it can: part of an answer is better than none. All that we say goes through
// it, because what others write into Pretix has no limit.
func Fit(text string) string {
	if homeserver.Fits(text) {
		return text
	}
	for !homeserver.Fits(text + cut) {
		shorter := strings.ToValidUTF8(text[:len(text)*3/4], "")
		if at := strings.LastIndexAny(shorter, "\n"); at > len(shorter)/2 {
			shorter = shorter[:at]
		}
		text = shorter
	}
	return text + cut
}
