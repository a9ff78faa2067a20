package ui

import (
	"tmail/message"
	"tmail/message/safe"
	"tmail/store"
)

// foundSpan is how words that were found are marked in a text: as in a list.
const foundSpan = message.Linked | message.Underline

// markFound marks the words of a search in a block: its spans are cut where they begin and end.
func markFound(b message.Block, q store.Query) message.Block {
	spots := q.Spots(store.WordsInBody, string(blockText(b)))
	if len(spots) == 0 {
		return b
	}
	var spans []message.Span
	at := 0
	for _, s := range b.Spans {
		end := at + len(s.Text)
		for at < end {
			for len(spots) > 0 && spots[0][1] <= at {
				spots = spots[1:]
			}
			to, style := end, s.Style
			if len(spots) > 0 {
				switch from := spots[0][0]; {
				case from <= at:
					to, style = min(end, spots[0][1]), style|foundSpan
				case from < end:
					to = from
				}
			}
			n := to - at
			spans = append(spans, message.Span{Text: s.Text[:n], Style: style, Link: s.Link})
			s.Text, at = s.Text[n:], to
		}
	}
	b.Spans = spans
	return b
}

// rememberFound keeps the words of the search a message is opened from: they are marked in it, and are what finding
// in it begins with.
func (m *model) rememberFound() {
	s := m.list.search
	if s == nil {
		return
	}
	m.reader.found = s.query
	if marks := s.query.Marks(); len(marks) > 0 {
		m.found = string(safe.Line(marks[0]))
	}
}
