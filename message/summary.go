package message

import (
	"strings"
	"unicode"
)

const (
	summaryRunes = 200
	summaryBytes = 64 << 10 // of the text looked at
)

// Summary returns the first words of the message on one line, for the preview
// in a list: at most 200 runes, quotes and greetings left out. It is not safe
// for the screen.
func Summary(m *Message) string {
	s := summarizer{}
	if strings.TrimSpace(m.Plain) != "" && !(m.HasHTML() && isPlaceholder(m.Plain)) {
		s.plain(m.Plain[:min(len(m.Plain), summaryBytes)])
	} else {
		s.html(m.HTML[:min(len(m.HTML), summaryBytes)])
	}
	if s.runes == 0 {
		return strings.TrimSpace(s.skipped)
	}
	return strings.TrimSpace(s.out.String())
}

// summarizer gathers words until there are enough.
type summarizer struct {
	out     strings.Builder
	runes   int
	skipped string // the first line left out: better than nothing
}

func (s *summarizer) full() bool { return s.runes >= summaryRunes }

func (s *summarizer) plain(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "--" || s.full() {
			return // a signature follows
		}
		s.line(line)
	}
}

// line adds a line of text unless it says nothing about the message.
func (s *summarizer) line(line string) {
	switch {
	case strings.HasPrefix(line, ">"), isAttribution(line), strings.Trim(line, "-=_*# \t") == "":
	case s.runes == 0 && isGreeting(line):
		if s.skipped == "" {
			s.skipped = line
		}
	default:
		s.words(line)
	}
}

// words adds text with its blanks collapsed and invisible characters dropped.
func (s *summarizer) words(text string) {
	if !isASCII(text) {
		text = strings.Map(visible, text)
	}
	for word := range strings.FieldsSeq(text) {
		if s.full() {
			return
		}
		if s.runes > 0 {
			s.out.WriteByte(' ')
			s.runes++
		}
		for _, r := range word {
			if s.full() {
				return
			}
			s.out.WriteRune(r)
			s.runes++
		}
	}
}

// visible drops what newsletters fill their previews with.
func visible(r rune) rune {
	switch {
	case unicode.Is(unicode.Cf, r), r == 0x34f, r == 0x2800, r == 0x3164:
		return -1
	}
	return r
}

// html adds the text of an HTML document that a reader would see.
func (s *summarizer) html(doc string) {
	taken := 0
	take := func(blocks []Block) {
		for ; taken < len(blocks) && !s.full(); taken++ {
			s.block(&blocks[taken])
		}
	}
	d := layHTML(doc, func(blocks []Block) bool {
		if len(blocks) > 0 {
			take(blocks[:len(blocks)-1]) // the last may get more
		}
		return s.full()
	})
	take(d.Blocks)
}

// block adds a block of laid out HTML, without what the layout added to links.
func (s *summarizer) block(b *Block) {
	if b.Quote > 0 || b.Kind == Rule || b.Kind == Signature {
		return
	}
	var text strings.Builder
	for _, span := range b.Spans {
		if span.Link == 0 || span.Style&Linked != 0 {
			text.WriteString(string(span.Text))
		}
	}
	line := strings.TrimSpace(text.String())
	if strings.HasPrefix(line, "[") && strings.IndexByte(line, ']') == len(line)-1 {
		return // a picture
	}
	s.line(line)
}

// isAttribution recognises the line above a quote.
func isAttribution(line string) bool {
	const longest = 200
	if len(line) > longest {
		return false
	}
	for _, end := range []string{"wrote:", "writes:", "schrieb:", "a écrit :", "escribió:", "写道：", "写道:"} {
		if strings.HasSuffix(line, end) {
			return true
		}
	}
	return false
}

// isGreeting recognises a line that only greets: "Hi Ann,", "王小明，您好！".
func isGreeting(line string) bool {
	const longest = 40
	if len(line) > longest || line == "" {
		return false
	}
	words := strings.Fields(strings.ToLower(line))
	switch strings.TrimRight(words[0], ",.!:;") {
	case "hi", "hello", "hey", "dear", "hallo", "bonjour", "hola":
		return len(words) == 1 || len(words) <= 5 && strings.ContainsAny(line[len(line)-1:], ",!:")
	}
	trimmed := strings.TrimRight(line, "，,！!：:。. ")
	return strings.HasSuffix(trimmed, "您好") || strings.HasSuffix(trimmed, "你好") || strings.HasSuffix(trimmed, "大家好")
}
