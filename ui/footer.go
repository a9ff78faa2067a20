package ui

import (
	"strings"

	"tmail/lang"
	"tmail/message/safe"
)

// hint is a key and what it does, for the footer.
type hint struct{ key, text string }

// footer is the bottom line: the keys that apply now, and at the right the last outcome.
func (m *model) footer() string {
	right, st := m.statusIn(m.statusRoom(m.hints()))
	line := m.look.row(m.width).to(1)
	for _, h := range m.placeHints() {
		line.put(m.look.accent, safe.Line(h.key)).put(m.look.dim, " "+safe.Line(h.text)).to(h.to)
	}
	if right != "" && m.focus == onStatus {
		st += reverse
	}
	return line.right(st, right+" ").String()
}

// placedHint is a hint in the columns of the footer it stands in.
type placedHint struct {
	hint
	from, to int
}

// placeHints are the hints there is room for beside the last outcome.
func (m *model) placeHints() []placedHint {
	hints := m.hints()
	end := m.width - 1
	if right, _ := m.statusIn(m.statusRoom(hints)); right != "" {
		end -= safe.Width(right) + 1
	}
	more := hint{m.keys.keyOf("palette", m.place()), lang.T("hint.more")}
	last := hintWidth(more)
	if m.topOverlay() != nil {
		last = 0
	}
	at := 1
	var placed []placedHint
	put := func(h hint) {
		placed = append(placed, placedHint{h, at, at + hintWidth(h)})
		at += hintWidth(h)
	}
	for _, h := range hints {
		if at+hintWidth(h)+last > end {
			break
		}
		put(h)
	}
	if last > 0 && at+last <= end {
		put(more)
	}
	return placed
}

// statusRoom is the columns the last outcome may have. What lies over the panes always shows its keys.
func (m *model) statusRoom(hints []hint) int {
	least := 0
	switch {
	case m.topOverlay() != nil:
		for _, h := range hints[:min(2, len(hints))] { // to go on, and not to
			least += hintWidth(h)
		}
		if m.width-least-3 < 8 {
			return 0
		}
	case m.width >= twoPanes:
		least = 24
	}
	return max(8, m.width-least-3)
}

func hintWidth(h hint) int {
	return safe.Width(safe.Line(h.key)) + 1 + safe.Width(safe.Line(h.text)) + 2
}

// hints are the keys worth knowing here.
func (m *model) hints() []hint {
	if o := m.topOverlay(); o != nil {
		return o.hints()
	}
	var hints []hint
	if m.focus == onStatus && m.composer == nil {
		hints = append(hints, hint{"enter", lang.T("hint.details")})
	}
	if m.composer != nil && len(m.composer.completion.options) > 0 {
		hints = append(hints, hint{"enter", lang.T("hint.choose")}, hint{"↑ ↓", lang.T("hint.move_cursor")})
	}
	if m.composer != nil && m.composer.at == fieldFrom {
		hints = append(hints, hint{"enter", lang.T("hint.choose")})
	}
	if m.marks() && m.composer == nil {
		hints = append(hints, hint{m.keys.keyOf("reply", inMessage), lang.T("hint.quote_marked")}, hint{m.keys.keyOf("back", inMessage), lang.T("hint.unmark")})
	}
	if m.focus == onList && m.composer == nil {
		back := m.keys.keyOf("back", m.place())
		switch {
		case len(m.list.chosen) > 0:
			hints = append(hints, hint{back, lang.T("hint.unselect")})
		case m.list.passing():
			hints = append(hints, hint{back, lang.T("hint.end_search")})
		}
	}
	for _, b := range m.keys.bindings {
		if at := m.place(); b.hint&at != 0 && b.keyAt(at) != "" && b.applies(m, at) {
			hints = append(hints, hint{b.keyAt(at), lang.T("hint." + b.action)})
		}
	}
	return hints
}

// statusText is the last outcome, and the key for what is behind it; without one, how far the message has been read.
func (m *model) statusText() (text, key safe.Text, st style) {
	s := m.status
	behind := func(action, hint string) safe.Text {
		key := m.keys.keyOf(action, m.place())
		if key == "" {
			return ""
		}
		return " " + m.look.dot + " " + safe.Line(strings.TrimRight(key+" "+hint, " "))
	}
	switch {
	case s.text == "" && m.news.line != "":
		return safe.Line(m.news.line), "", m.look.accent
	case s.text == "" && m.focus == onMessage && m.composer == nil && m.reader.pager != nil:
		return safe.Line(lang.T("message.percent", "N", m.reader.pager.percent())), "", m.look.dim
	case s.text == "":
		return "", "", plain
	case s.failed:
		if m.topOverlay() == nil { // in a prompt it is text
			key = behind("details", "")
		}
		return m.look.warn + " " + safe.Line(s.text), key, bold
	}
	text = safe.Line(s.text)
	if !s.leaves.IsZero() {
		text = safe.Line(lang.T("done.queued", "Seconds", m.secondsTo(s.leaves)))
	}
	if s.undo {
		key = behind("undo", lang.T("hint.undo"))
	} else if m.topOverlay() == nil && safe.Width(text) > m.statusRoom(m.hints()) {
		key = behind("details", "")
	}
	return text, key, plain
}

// statusIn is the last outcome in the room there is: of what has none the end is cut, not the key behind it.
func (m *model) statusIn(room int) (safe.Text, style) {
	text, key, st := m.statusText()
	left := room - safe.Width(key)
	if left < 8 {
		key, left = "", room
	}
	return safe.Truncate(text, left, m.look.more) + key, st
}
