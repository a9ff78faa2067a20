package ui

import (
	"fmt"
	"image"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"tmail/lang"
)

// gallery shows pictures one at a time over all panes, in terminals with sixel graphics: such a picture is no text,
// and would neither scroll nor fold with what is around it.
type gallery struct {
	pictures []picture
	at       int
	gen      int // counts what was to be drawn; what comes late is dropped
}

// galleryDelay lets the empty sheet be drawn before the picture is put onto it.
const galleryDelay = 60 * time.Millisecond

type galleryDue struct {
	of  *gallery
	gen int
}

// show draws the picture at hand once the sheet is empty.
func (g *gallery) show() tea.Cmd {
	g.gen++
	due := galleryDue{g, g.gen}
	return tea.Sequence(tea.ClearScreen, tea.Tick(galleryDelay, func(time.Time) tea.Msg { return due }))
}

func (d galleryDue) apply(m *model) tea.Cmd {
	if m.topOverlay() != d.of || d.gen != d.of.gen {
		return nil
	}
	top := 2 // the row below the rule of the sheet, which is below these:
	if m.height > 2 {
		top++
	}
	if m.rules() {
		top++
	}
	room := image.Pt((m.width-4)*m.cell.X, (m.bodyHeight()-2)*m.cell.Y)
	full := d.of.pictures[d.of.at].pixels
	if room.X < 1 || room.Y < 1 {
		return nil
	}
	return func() tea.Msg {
		return tea.Raw(fmt.Sprint(ansi.SaveCursor, ansi.CursorPosition(3, top), sixel(fit(full, room)), ansi.RestoreCursor))()
	}
}

// redrawGallery puts the picture shown, if any, onto a screen of another size.
func (m *model) redrawGallery() tea.Cmd {
	if g, ok := m.topOverlay().(*gallery); ok {
		return g.show()
	}
	return nil
}

// fit makes a picture small enough for room, never larger.
func fit(full *image.RGBA, room image.Point) *image.RGBA {
	size := full.Rect.Size()
	width := min(size.X, room.X, max(1, room.Y*size.X/size.Y))
	return shrink(full, width)
}

func (g *gallery) key(m *model, name string, _ tea.KeyPressMsg) tea.Cmd {
	step := 0
	switch name {
	case "esc", "q", "enter", "i":
		m.close(g)
		return tea.ClearScreen
	case "space", "n", "j", "right", "down", "pgdown":
		step = 1
	case "b", "p", "k", "left", "up", "pgup":
		step = -1
	}
	if to := g.at + step; step == 0 || to < 0 || to >= len(g.pictures) {
		return nil
	}
	g.at += step
	return g.show()
}

func (g *gallery) paste(*model, string) tea.Cmd { return nil }

func (g *gallery) title() string {
	title := g.pictures[g.at].name
	if n := len(g.pictures); n > 1 {
		title = fmt.Sprintf("%s  %d/%d", title, g.at+1, n)
	}
	return title
}

func (g *gallery) draw(l look, width, height int) ([]string, *tea.Position) {
	return fill(nil, height, width), nil
}

func (g *gallery) hints() []hint {
	h := []hint{{"esc", lang.T("hint.back")}}
	if len(g.pictures) > 1 {
		h = append(h, hint{"n", lang.T("hint.next_picture")}, hint{"p", lang.T("hint.previous_picture")})
	}
	return h
}
