package message

import (
	"strings"
	"unicode/utf8"

	"tmail/message/safe"
)

// plainDocument lays plain text out, one block for each line, or for each
// paragraph of a flowed text (RFC 3676).
func plainDocument(text string, flowed, delSp bool) *Document {
	p := plainLayout{doc: &Document{Blocks: make([]Block, 0, 1+strings.Count(text, "\n"))}}
	if flowed {
		unflow(text, delSp, p.line)
	} else {
		for line := range strings.Lines(text) {
			level, content := quoteLevel(strings.TrimRight(line, "\r\n"))
			p.line(level, content)
		}
	}
	p.doc.trim()
	return p.doc
}

// quoteLevel splits the quote marks off a line: '>' with or without spaces between.
func quoteLevel(line string) (level int, content string) {
	for strings.HasPrefix(line, ">") && level < maxQuote {
		level++
		line = strings.TrimPrefix(line[1:], " ")
	}
	return level, line
}

// unflow calls each for every paragraph of a format=flowed text, soft line
// breaks and stuffed spaces undone.
func unflow(text string, delSp bool, each func(level int, content string)) {
	var para strings.Builder
	open, last := false, 0
	flush := func() {
		if open {
			each(last, para.String())
			para.Reset()
			open = false
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		level := 0
		for strings.HasPrefix(line, ">") {
			level++
			line = line[1:]
		}
		level = min(level, maxQuote)
		line = strings.TrimPrefix(line, " ")
		if level != last || line == "-- " {
			flush() // a soft break before another level or a signature is none
		}
		last = level
		soft := strings.HasSuffix(line, " ") && line != "-- "
		if soft && delSp {
			line = line[:len(line)-1]
		}
		para.WriteString(line)
		open = true
		if !soft {
			flush()
		}
	}
	flush()
}

// plainLayout recognises what lines of plain text are.
type plainLayout struct {
	doc       *Document
	level     int  // quote level of the line before
	signature bool // after "-- "
	patches   [maxQuote + 1]patch
}

func (p *plainLayout) line(level int, content string) {
	if level != p.level {
		p.signature = false
		p.level = level
	}
	text := safe.Line(strings.TrimRight(content, " \t"))
	b := Block{Quote: level}
	b.Kind = p.patches[level].kind(string(text))
	switch {
	case b.Kind != Para || p.patches[level].inHunk():
		b.Pre = true
	case content == "-- " || content == "--":
		p.signature = true
		b.Kind = Signature
	case isRule(string(text)):
		p.signature = false
		b.Kind = Rule
	case p.signature:
		b.Kind = Signature
	case hasColumns(content):
		b.Kind, b.Pre = Pre, true
	}
	if b.Kind == Para && !b.Pre {
		b.Hang = markerWidth(string(text))
	}
	if text != "" {
		var style Style
		if b.Kind == Signature {
			style = Dim
		}
		b.Spans = p.doc.linked(text, style)
	}
	p.doc.Blocks = append(p.doc.Blocks, b)
}

// markerWidth is how many columns the marker of a list item takes with the blanks
// around it, 0 for a line that begins with none.
func markerWidth(line string) int {
	rest := strings.TrimLeft(line, " ")
	blanks := len(line) - len(rest)
	marker := 0
	if first, _ := utf8.DecodeRuneInString(rest); strings.ContainsRune("-*+•·–", first) {
		marker = utf8.RuneLen(first)
	} else if n, digits := leadingInt(rest); digits > 0 && n < 1000 && len(rest) > digits && (rest[digits] == '.' || rest[digits] == ')') {
		marker = digits + 1
	}
	text := strings.TrimLeft(rest[marker:], " ")
	gap := len(rest) - marker - len(text)
	if marker == 0 || gap == 0 || text == "" {
		return 0
	}
	return blanks + safe.Width(safe.Text(rest[:marker])) + gap
}

// isRule reports a line that is nothing but a long line drawn with one character.
func isRule(s string) bool {
	const least = 20
	return len(s) >= least && strings.ContainsRune("-_=*~+#.", rune(s[0])) && strings.Trim(s, s[:1]) == ""
}

// hasColumns reports lines that must keep their columns: drawn tables, code,
// and words set apart by tabs or many spaces. What is very long is prose.
func hasColumns(s string) bool {
	const longest = 160
	trimmed := strings.TrimLeft(s, " \t")
	switch {
	case trimmed == "" || len(s) > longest:
		return false
	case len(s)-len(trimmed) >= 4 || s[0] == '\t':
		return true
	case strings.ContainsRune(trimmed, '\t') || strings.Contains(trimmed, "   "):
		return true
	case (trimmed[0] == '|' || trimmed[0] == '+') && strings.Count(trimmed, trimmed[:1]) > 1:
		return true
	}
	return strings.ContainsAny(trimmed, "─│┌┐└┘├┤┬┴┼━┃═║╔╗╚╝╠╣╦╩╬")
}
