package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a config.
type Problem struct {
	Key  string // as in "appservice.port"; "" for the file as a whole
	Line int    // 0 where there is none to name
	Text string // what is wrong and what is expected; never a secret
}

// Problems is the error that tells all of them at once.
type Problems struct {
	File string
	List []Problem
}

// Error is several lines: who mends one thing should see the others too.
func (p *Problems) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", p.File)
	if len(p.List) == 1 {
		b.WriteString("one thing is wrong")
	} else {
		fmt.Fprintf(&b, "%d things are wrong", len(p.List))
	}
	for _, problem := range p.List {
		b.WriteString("\n  ")
		if problem.Line > 0 {
			fmt.Fprintf(&b, "line %d: ", problem.Line)
		}
		if problem.Key != "" {
			fmt.Fprintf(&b, "%s: ", problem.Key)
		}
		b.WriteString(problem.Text)
	}
	return b.String()
}

// asError sorts problems by line and makes an error of them, or nil of none.
func asError(file string, list []Problem) error {
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return &Problems{File: file, List: list}
}
