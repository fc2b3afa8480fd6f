package typed

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Choice is something that can be named by number or by name: an item, a variation, a question.
type Choice struct {
	ID    int64
	Names []string // in all languages, the one to show first
}

// Name is what the choice is called where it is shown.
func (c Choice) Name() string {
	if len(c.Names) == 0 {
		return "#" + strconv.FormatInt(c.ID, 10)
	}
	return c.Names[0]
}

// NamesOf is how the choices of a list may be named in an answer, besides by their place in it.
func NamesOf(choices []Choice) [][]string {
	names := make([][]string, len(choices))
	for i, c := range choices {
		names[i] = append([]string{fmt.Sprintf("#%d", c.ID)}, c.Names...)
	}
	return names
}

// pick returns the choices that text may mean: the one with that ID; else those whose name, in any language, is the text; else those whose name
// begins with it; else those that contain it. One means found, several must be asked about, none is unknown.
func pick(text string, among []Choice) []Choice {
	wanted := fold(text)
	if wanted == "" {
		return nil
	}
	if n, err := strconv.ParseInt(strings.TrimPrefix(wanted, "#"), 10, 64); err == nil {
		if found := chosen(among, func(c Choice) bool { return c.ID == n }); len(found) > 0 {
			return found
		}
	}
	for _, fits := range []func(name string) bool{
		func(name string) bool { return name == wanted },
		func(name string) bool { return strings.HasPrefix(name, wanted) },
		func(name string) bool { return strings.Contains(name, wanted) },
	} {
		found := chosen(among, func(c Choice) bool {
			for _, name := range c.Names {
				if fits(fold(name)) {
					return true
				}
			}
			return false
		})
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func chosen(among []Choice, fits func(Choice) bool) []Choice {
	var found []Choice
	for _, c := range among {
		if fits(c) {
			found = append(found, c)
		}
	}
	return found
}

// fold makes names comparable as people type them: whatever the case, the width of the characters and the number of blanks.
func fold(text string) string {
	return cases.Fold().String(strings.Join(strings.Fields(norm.NFKC.String(text)), " "))
}
