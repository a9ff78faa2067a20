package account

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Problem is one thing wrong in the configuration file. It knows what it is
// and not how one says that: see Phrase.
type Problem struct {
	File         string
	Line, Column int    // from 1; 0 when the problem is of the whole file
	Account      string // in which it is; "" when it has no name or is in none
	Nth          int    // which account that is, from 1; 0: none

	wrong phrase
}

// phrase is a sentence or a word by the name it has in the catalogues of
// package lang, with the names and values in it by turns. A value can be a
// phrase, too.
type phrase struct {
	id     string
	values []any
}

// Phrase returns the name of the phrase and its values, for package lang.
func (p phrase) Phrase() (id string, values []any) { return p.id, p.values }

// String is for logs.
func (p phrase) String() string {
	text := p.id
	for i := 0; i+1 < len(p.values); i += 2 {
		text += fmt.Sprintf(" %v=%v", p.values[i], p.values[i+1])
	}
	return text
}

// Phrase names the sentence that says where the problem is, which setting is
// wrong and what would be right, for package lang. It begins as compilers'
// errors do, so that editors can jump there.
func (p Problem) Phrase() (id string, values []any) {
	what := p.wrong
	switch {
	case p.Account != "":
		what = phrase{"wrong.in_account", []any{"Account", strconv.Quote(p.Account), "What", what}}
	case p.Nth > 0:
		what = phrase{"wrong.in_nth_account", []any{"Nth", p.Nth, "What", what}}
	}
	if p.Line == 0 {
		return "wrong.in_file", []any{"File", p.File, "What", what}
	}
	return "wrong.in_line", []any{"File", p.File, "Line", p.Line, "What", what}
}

// Error is for logs; people read the Phrase.
func (p Problem) Error() string {
	return fmt.Sprintf("%s:%d: %q %v", p.File, p.Line, p.Account, p.wrong)
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

// Unwrap returns the problems.
func (e *Errors) Unwrap() []error {
	all := make([]error, len(e.Problems))
	for i, p := range e.Problems {
		all[i] = p
	}
	return all
}

// problems collects what is wrong in a file or in one account.
type problems struct {
	file    string
	account string // its name, once that is known
	nth     int    // 0: in none
	list    []Problem
}

// add notes a problem by its phrase and the values in that.
func (p *problems) add(at place, id string, values ...any) {
	p.list = append(p.list, Problem{File: p.file, Line: at.line, Column: at.column,
		Account: p.account, Nth: p.nth, wrong: phrase{id, values}})
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
