package ui

// scroll is the place in a list of any length: which row the cursor is on and which is the topmost shown.
// Everything it does costs the same for ten rows and for a million.
type scroll struct {
	cursor, top int
}

// move puts the cursor on row to of n, as near as there is one.
func (s *scroll) move(to, n int) { s.cursor = max(0, min(to, n-1)) }

// key moves the cursor in n rows by a key that is no text, and reports whether it was such a key.
func (s *scroll) key(name string, n int) bool {
	const page = 10
	switch name {
	case "up", "ctrl+p":
		s.move(s.cursor-1, n)
	case "down", "ctrl+n":
		s.move(s.cursor+1, n)
	case "pgup":
		s.move(s.cursor-page, n)
	case "pgdown":
		s.move(s.cursor+page, n)
	default:
		return false
	}
	return true
}

// fit moves the window so that the cursor is in it, keeping margin rows beyond it where it can.
func (s *scroll) fit(n, height int) {
	s.move(s.cursor, n)
	if height <= 0 {
		return
	}
	margin := min(2, (height-1)/2)
	s.top = min(s.top, s.cursor-margin)
	s.top = max(s.top, s.cursor+margin-height+1)
	s.top = max(0, min(s.top, n-height))
}

// wheel moves the window by rows; the cursor stays on its row as long as that is in sight.
func (s *scroll) wheel(by, n, height int) {
	s.fit(n, height)
	top := max(0, min(s.top+by, n-height))
	margin := min(2, (height-1)/2)
	switch {
	case top > s.top && s.cursor < top+margin:
		s.cursor = top + margin
	case top < s.top && s.cursor > top+height-1-margin:
		s.cursor = top + height - 1 - margin
	}
	s.top = top
	s.fit(n, height)
}

// rows draws the window of a list of n rows.
func (s *scroll) rows(n, height, width int, draw func(i int) string) []string {
	s.fit(n, height)
	out := make([]string, 0, max(height, 0))
	for i := s.top; i < min(n, s.top+height); i++ {
		out = append(out, draw(i))
	}
	return fill(out, height, width)
}
