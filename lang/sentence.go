package lang

import (
	"errors"
	"strings"
)

// Phrased is what names its phrase: an error of a room that knows what is wrong and not how one says it. A value can be
// Phrased, too.
type Phrased interface {
	Phrase() (id string, values []any)
}

// Sentence says an error to a person: by its phrase, several errors on a line each, else in the words of whoever made
// it, which is the system or a library.
func Sentence(err error) string {
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		var lines []string
		for _, one := range several.Unwrap() {
			lines = append(lines, Sentence(one))
		}
		return strings.Join(lines, "\n")
	}
	if p, ok := err.(Phrased); ok {
		return Say(p)
	}
	if below := errors.Unwrap(err); below != nil && Sentence(below) != below.Error() {
		return Sentence(below)
	}
	return err.Error()
}

// Say says what names its phrase.
func Say(p Phrased) string {
	id, given := p.Phrase()
	values := make([]any, len(given))
	for i, v := range given {
		if inner, ok := v.(Phrased); ok {
			v = Say(inner)
		}
		values[i] = v
	}
	return T(id, values...)
}
