package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"tmail/lang"
	"tmail/message/safe"
	"tmail/store"
)

// searchLine is the line one types a search into, over the foot of the results. Below it stand what could be typed,
// and what is wrong with what is.
type searchLine struct {
	of      *search
	entered bool // the results were gone into before: leaving the line goes back to them
	field   *editor
	offers  offers
	m       *model // of which it is a part
}

func newSearchLine(m *model, s *search, entered bool) *searchLine {
	return &searchLine{of: s, entered: entered, field: newEditor(s.text, true), m: m}
}

// widenKey is the key that looks everywhere, where letters are text.
func (m *model) widenKey() string { return m.keys.named("widen").keyAt(inCompose) }

func (l *searchLine) key(m *model, name string, k tea.KeyPressMsg) tea.Cmd {
	switch {
	case name == "esc":
		return l.leave(m)
	case name == "enter":
		return l.enter(m)
	case name == m.widenKey() && !l.of.saved:
		l.of.everywhere = !l.of.everywhere
		return m.lookFor(l.of, l.field.text())
	case name == "tab":
		return l.accept(m)
	case name == "down" || name == "ctrl+n":
		l.offers.move(1)
	case name == "up" || name == "ctrl+p":
		l.offers.move(-1)
	case name == "pgdown" || name == "pgup":
		by := max(1, m.bodyHeight()/2)
		if name == "pgup" {
			by = -by
		}
		return m.moveBy(by)
	default:
		before := l.field.text()
		if !l.field.key(k.String(), k.Text) {
			return nil
		}
		if l.field.text() == before {
			return l.suggest(m)
		}
		return l.typed(m)
	}
	return nil
}

func (l *searchLine) paste(m *model, s string) tea.Cmd {
	l.field.insert(s, false)
	return l.typed(m)
}

// typed looks for what the line says now.
func (l *searchLine) typed(m *model) tea.Cmd {
	return tea.Batch(m.lookFor(l.of, l.field.text()), l.suggest(m))
}

// enter goes into the results.
func (l *searchLine) enter(m *model) tea.Cmd {
	m.close(l)
	l.offers.load.drop()
	if m.list.search != l.of {
		return nil
	}
	return askServers{l.of, l.of.server.load.gen}.apply(m)
}

// leave gives up what is typed: the list is as it was.
func (l *searchLine) leave(m *model) tea.Cmd {
	m.close(l)
	l.offers.load.drop()
	if l.entered {
		return nil
	}
	return m.showFolder(l.of)
}

// accept takes the offer the cursor is on.
func (l *searchLine) accept(m *model) tea.Cmd {
	offer, ok := l.offers.chosen()
	if !ok {
		return nil
	}
	from, to := l.field.wordAt()
	if offer.whole {
		from, to = 0, len(l.field.lines[0])
	}
	l.field.replace(position{0, from}, position{0, to}, offer.text, false)
	return l.typed(m)
}

// wordAt is the word around the cursor of a line; what stands in quotes is one.
func (e *editor) wordAt() (from, to int) {
	line, col := e.lines[0], e.at.col
	quoted := false
	to = len(line)
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ' ' && !quoted && i < col:
			from = i + 1
		case line[i] == ' ' && !quoted:
			return from, i
		}
	}
	return from, to
}

func (l *searchLine) title() string { return "" }

// lineRows are the rows below the line: the same number whatever is typed, so that nothing jumps.
func lineRows(height int) int { return max(0, min(5, height/3)) }

func (l *searchLine) draw(look look, width, height int) ([]string, *tea.Position) {
	heading := safe.Line(lang.T("search.line", "Place", l.of.place(l.m.list.folder)))
	if l.of.everywhere && !l.of.saved {
		heading = safe.Line(lang.T("search.line_everywhere"))
	}
	r := look.row(width).to(1)
	if safe.Width(heading) < width/2 {
		r.put(bold, heading).to(safe.Width(heading) + 3)
	}
	t, x := l.field.drawLine(max(1, width-r.used-1))
	cursor := &tea.Position{X: min(r.used+x, width-1)}
	rows := []string{r.put(plain, t).String()}
	room := lineRows(height)
	if text := l.state(); text != "" && room > 0 {
		rows = append(rows, look.row(width).to(3).put(look.dim, safe.Line(text)).String())
	}
	return fill(append(rows, l.offers.draw(look, width, room+1-len(rows))...), room+1, width), cursor
}

// state says how the search stands: what is wrong with it, how much is found, or how to look further.
func (l *searchLine) state() string {
	s, list := l.of, &l.m.list
	switch {
	case s.wrong != "":
		return s.wrong
	case list.search != s:
		return ""
	case len(list.ids) == 0 && !list.load.waiting():
		return l.m.nothingFound() + l.m.look.timeNote(s.query)
	}
	return string(l.m.foundCount()) + l.m.look.timeNote(s.query)
}

// mostTimes are as many as there is room to tell.
const mostTimes = 3

// timeNote says which days a query was read to mean.
func (l look) timeNote(q store.Query) string {
	times := q.Times()
	times = times[:min(len(times), mostTimes)]
	note, gap := "", "   "
	for _, t := range times {
		note += gap + timeText(t)
		gap = " " + string(l.dot) + " "
	}
	return note
}

// timeText is the days of a time.
func timeText(t store.Time) string {
	day := func(d time.Time) string {
		if d.IsZero() {
			return "…"
		}
		return d.Format(time.DateOnly)
	}
	if t.Month > 0 {
		when := word("date.months", int(t.Month)-1)
		if t.Day > 0 {
			when = lang.T("date.this_year", "Day", t.Day, "Month", when)
		}
		return lang.T("search.any_year", "When", when)
	}
	first, last := day(t.First), day(t.Last)
	if first == last {
		return first
	}
	return lang.T("search.days", "First", first, "Last", last)
}

func (l *searchLine) hints() []hint {
	widen := lang.T("hint.search_all")
	if l.of.everywhere {
		widen = lang.T("hint.search_here")
	}
	h := []hint{{"enter", lang.T("hint.to_results")}, {"esc", lang.T("hint.leave")}}
	if key := l.m.widenKey(); key != "" && !l.of.saved {
		h = append(h, hint{key, widen})
	}
	if len(l.offers.list) > 0 {
		h = append(h, hint{"tab", lang.T("hint.complete")})
	}
	return h
}
