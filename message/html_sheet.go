package message

import (
	"strconv"
	"strings"
)

// styleSheet is what the <style> elements of a message say that matters here.
type styleSheet struct {
	hidden map[string]bool // ".class" and "#id" of what is not displayed
}

const (
	maxSheet       = 256 << 10 // bytes of all style elements together
	maxHiddenRules = 1_000
)

// add reads a style sheet. Rules within @media and the like are for other
// screens; only plain selectors of one class or id are understood.
func (s *styleSheet) add(css string) {
	css = strings.ToLower(css[:min(len(css), maxSheet)])
	for css != "" {
		open := strings.IndexByte(css, '{')
		if open < 0 {
			return
		}
		selectors := strings.TrimSpace(css[:open])
		css = css[open+1:]
		end := blockEnd(css)
		if body := css[:end]; !strings.HasPrefix(selectors, "@") && parseCSS(body).hidden {
			s.hide(selectors)
		}
		css = strings.TrimPrefix(css[end:], "}")
	}
}

// blockEnd is where the block that css is within ends, blocks in it included.
func blockEnd(css string) int {
	depth := 1
	for i := range len(css) {
		switch css[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(css)
}

func (s *styleSheet) hide(selectors string) {
	if s.hidden == nil {
		s.hidden = make(map[string]bool)
	}
	if end := strings.LastIndex(selectors, "*/"); end >= 0 {
		selectors = selectors[end+2:]
	}
	for selector := range strings.SplitSeq(selectors, ",") {
		selector = strings.TrimSpace(selector)
		if i := strings.IndexAny(selector, ".#"); i >= 0 && !strings.ContainsAny(selector[i+1:], ".#:[ >+~*") && len(s.hidden) < maxHiddenRules {
			s.hidden[selector[i:]] = true
		}
	}
}

// hides reports whether an element of that class and id is not displayed.
func (s *styleSheet) hides(a attributes) bool {
	if s.hidden == nil {
		return false
	}
	for class := range strings.FieldsSeq(strings.ToLower(a.class)) {
		if s.hidden["."+class] {
			return true
		}
	}
	return a.id != "" && s.hidden["#"+strings.ToLower(a.id)]
}

// colour is one of text or of what is behind it.
type colour struct {
	state   colourState
	r, g, b uint8
}

type colourState uint8

const (
	colourUnset   colourState = iota // as around it
	colourUnknown                    // set, but to what cannot be told: by a class, an image
	colourKnown
	colourClear // transparent
)

var (
	white         = colour{colourKnown, 255, 255, 255}
	unknownColour = colour{state: colourUnknown}
)

// over is the colour c set within another one.
func (c colour) over(around colour) colour {
	if c.state == colourUnset {
		return around
	}
	return c
}

// unseen reports text that cannot be told from what is behind it.
func unseen(ink, paper colour) bool {
	const near = 16
	if ink.state == colourClear {
		return true
	}
	apart := func(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }
	return ink.state == colourKnown && paper.state == colourKnown &&
		max(apart(ink.r, paper.r), apart(ink.g, paper.g), apart(ink.b, paper.b)) <= near
}

// parseColour reads a colour of CSS or of an attribute, in lower case.
func parseColour(s string) colour {
	s = strings.TrimSpace(s)
	switch s {
	case "", "inherit", "initial", "unset":
		return colour{}
	case "white":
		return white
	case "black":
		return colour{state: colourKnown}
	case "transparent":
		return colour{state: colourClear}
	}
	if hex, ok := strings.CutPrefix(s, "#"); ok {
		return hexColour(hex)
	}
	_, list, ok := strings.Cut(strings.TrimSuffix(s, ")"), "rgb")
	if !ok {
		return unknownColour
	}
	fields := strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune("a(, /)", r) })
	if len(fields) == 4 && isZero(fields[3]) {
		return colour{state: colourClear}
	}
	if len(fields) < 3 {
		return unknownColour
	}
	c := colour{state: colourKnown}
	for i, part := range []*uint8{&c.r, &c.g, &c.b} {
		n, err := strconv.ParseUint(fields[i], 10, 8)
		if err != nil {
			return unknownColour
		}
		*part = uint8(n)
	}
	return c
}

func hexColour(hex string) colour {
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 24)
	if err != nil || len(hex) != 6 {
		return unknownColour
	}
	return colour{colourKnown, uint8(n >> 16), uint8(n >> 8), uint8(n)}
}
