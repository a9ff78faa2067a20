package ui

import (
	"image"
	"slices"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"tmail/message/safe"
)

// terminalLook is what the terminal has told of itself, and how things are drawn on it.
type terminalLook struct {
	look       look
	wanted     string // theme of the configuration: "light", "dark", else by the terminal
	dark       bool
	colourless bool
	answered   bool // the width of ambiguous characters is known
	kitty      bool // draws pictures by kitty's protocol
	sixel      bool // draws pictures in sixels
	cell       image.Point
}

const (
	sixelAttribute = 4   // among the primary device attributes of a terminal
	maxCell        = 200 // points, whatever the terminal says
)

func newTerminalLook(theme string) terminalLook {
	t := terminalLook{wanted: theme, dark: theme != "light", cell: image.Pt(10, 20)}
	t.dress()
	return t
}

// dress makes the look of what is known.
func (t *terminalLook) dress() {
	t.look = look{darkTheme, fineGlyphs}
	switch {
	case t.colourless:
		t.look.theme = plainTheme
	case !t.dark:
		t.look.theme = lightTheme
	}
	if safe.AmbiguousWide() {
		t.look.glyphs = asciiGlyphs
	}
}

// want changes the theme asked for.
func (t *terminalLook) want(theme string) {
	if t.wanted = theme; theme == "light" || theme == "dark" {
		t.dark = theme == "dark"
	}
}

// learn takes in what the terminal says; it reports whether that was of its own looks.
func (t *terminalLook) learn(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.BackgroundColorMsg:
		if t.wanted != "light" && t.wanted != "dark" {
			t.dark = msg.IsDark()
		}
	case tea.ColorProfileMsg:
		t.colourless = msg.Profile <= colorprofile.Ascii
	case tea.CursorPositionMsg:
		if t.answered || msg.Y != probeRow-1 {
			return false
		}
		t.answered = true
		safe.SetAmbiguousWide(msg.X == 2)
	case tea.ModeReportMsg:
		if msg.Mode == ansi.ModeUnicodeCore {
			// Where it can be had, the renderer switches it on.
			safe.SetGraphemes(msg.Value == ansi.ModeReset || msg.Value.IsSet())
		}
	case uv.PrimaryDeviceAttributesEvent:
		t.sixel = slices.Contains(msg, sixelAttribute)
	case uv.KittyGraphicsEvent:
		t.kitty = string(msg.Payload) == "OK"
	case uv.CellSizeEvent:
		if msg.Width > 0 && msg.Height > 0 {
			t.cell = image.Pt(min(msg.Width, maxCell), min(msg.Height, maxCell))
		}
	default:
		return false
	}
	t.dress()
	return true
}
