package ui

import (
	"tmail/lang"
	"tmail/message"
	"tmail/message/safe"
)

// What is said of a message's sender and of what deceives in it.

// verdict is in a word what one's own server found out about the sender; nothing of mail that no server brought.
func (m *model) verdict(c *content) (style, safe.Text) {
	if c == nil || len(c.msg.Envelope.From) == 0 {
		return plain, ""
	}
	switch c.verdict {
	case message.VerdictPassed:
		return m.look.dim, safe.Line(lang.T("verdict.passed"))
	case message.VerdictFailed:
		return bold, safe.Line(lang.T("verdict.failed"))
	}
	if c.msg.Header.Get("Received") == "" {
		return plain, ""
	}
	return m.look.dim, safe.Line(lang.T("verdict.none"))
}

// warningText is a sentence on something that deceives, or looks like it.
func warningText(w message.Warning) string {
	return lang.Warning(string(w.Kind), string(safe.Line(w.Claim)), string(safe.Line(w.Truth)))
}

// noteChunk is a sentence above the text of a message, behind a sign when it warns.
func (m *model) noteChunk(st style, sign safe.Text, note string) chunk {
	look, text := m.look, safe.Line(note)
	left := 2
	if sign != "" {
		left = 4
	}
	return chunk{weight: len(text), wrap: func(width int) []pageLine {
		var rows []string
		mark := sign
		for _, t := range safe.Wrap(text, max(1, min(width-left-2, proseWidth))) {
			rows = append(rows, look.row(width).to(2).put(st, mark).to(left).put(st, t).String())
			mark = ""
		}
		return pageLines(rows)
	}}
}
