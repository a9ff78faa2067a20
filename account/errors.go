package account

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing wrong in the configuration file.
type Problem struct {
	File         string
	Line, Column int    // from 1; 0 when the problem is of the whole file
	Text         string // which setting, what is wrong, and what would be right
}

// Error returns the problem the way compilers do, so that editors can jump to it.
func (p Problem) Error() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// Errors is everything wrong in a configuration file, or in one account of it.
type Errors struct {
	Problems []Problem // by line
}

// Error returns one line for each problem.
func (e *Errors) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// problems collects what is wrong in a file or, with a label, in one account.
type problems struct {
	file  string
	label string // stands before each text: `account "work": `
	list  []Problem
}

func (p *problems) add(at place, format string, args ...any) {
	text := p.label + fmt.Sprintf(format, args...)
	p.list = append(p.list, Problem{File: p.file, Line: at.line, Column: at.column, Text: text})
}

// err returns what was collected as an *Errors, nil when it is nothing.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	slices.SortStableFunc(p.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &Errors{Problems: p.list}
}
