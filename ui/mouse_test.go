package ui

import (
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"tmail/account"
	"tmail/message/safe"
)

// place is where a text stands on the screen, the n-th time.
func (s *screen) place(text string, n int) (x, y int) {
	s.t.Helper()
	s.Shows(text)
	for y, row := range strings.Split(s.text(), "\n") {
		from := 0
		for {
			i := strings.Index(row[from:], text)
			if i < 0 {
				break
			}
			if n--; n == 0 {
				return safe.Width(safe.Text(row[:from+i])), y
			}
			from += i + len(text)
		}
	}
	s.t.Fatalf("%q does not stand there often enough:\n%s", text, s.text())
	return 0, 0
}

// Click clicks on the first place of a text.
func (s *screen) Click(text string) *screen {
	s.t.Helper()
	x, y := s.place(text, 1)
	return s.clickAt(x, y, 0)
}

func (s *screen) clickAt(x, y int, mod tea.KeyMod) *screen {
	s.feed(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft, Mod: mod})
	s.feed(tea.MouseReleaseMsg{X: x, Y: y, Button: tea.MouseLeft})
	return s
}

// Wheel turns the wheel by notches over a place, down for more than 0.
func (s *screen) Wheel(x, y, notches int) *screen {
	button := tea.MouseWheelDown
	if notches < 0 {
		button, notches = tea.MouseWheelUp, -notches
	}
	for range notches {
		s.feed(tea.MouseWheelMsg{X: x, Y: y, Button: button})
	}
	return s
}

func TestClicksInTheList(t *testing.T) {
	for _, size := range sizes {
		s := start(t, size.width, size.height, large(200))
		s.Shows("Budget").Idle()
		s.Click("Budget").Shows("▌●   Ann Arc").Await("no message is open", func() bool { return s.m.focus == onList })
		s.Click("Budget").Shows("here is the sheet").Press("esc").Shows("Dora").Idle()
		x, y := s.place("Dora", 1)
		s.clickAt(x, y, tea.ModCtrl).Shows("1 selected").clickAt(x, y-1, tea.ModCtrl).Shows("2 selected").Press("esc").Idle()

		s.Wheel(x, y, 5).Await("scrolled", func() bool { return s.m.list.at.top == 5*wheelRows }).Shows("Report 1")
		s.Wheel(x, y, -9).Shows("Budget").Idle()
		if s.m.list.at.top != 0 {
			t.Errorf("the top is %d", s.m.list.at.top)
		}
	}
}

func TestClicksInTheFolders(t *testing.T) {
	s := start(t, 100, 30, nested)
	s.Shows("▾项目").Click("Trash").Await("Trash is open", func() bool { return s.m.list.folder.Role == account.RoleTrash && s.m.focus == onList })
	s.Click("▾项目").Shows("▸项目").Click("项目   ").Shows("About Projects/项目")
	s.Click("Groups").Shows("▸Groups").Click("1 not subscribed").Shows("Old news")
	s.Click("─ home")
	s.Resize(100, 12).Wheel(5, 5, -9).Await("at the top", func() bool { return s.m.folders.at.top == 0 })
	s.Wheel(5, 5, 2).Await("scrolled", func() bool { return s.m.folders.at.top == 2*wheelRows })
}

func TestClicksOnHints(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("j").Click("d trash").Shows("Moved 1 to Trash").Hides("Budget 2027 —")
	s.Click("u undo").Shows("Moved 1 back").Shows("Budget 2027")
	s.Press("g", "j").Click("m move").Shows("Move to").Click("Projects/项目").Shows("Moved 1 to 项目").Idle()
	s.Click(": more").Type("help").Click("this help").Shows("Keys").Wheel(5, 10, 3)
	if p := s.m.topOverlay().(*page).pager; p.top == (position{}) {
		t.Error("the help did not scroll")
	}
	s.Click("esc back").Hides("In the list")
}

func TestClicksInAMessage(t *testing.T) {
	s := start(t, 120, 40, sample)
	dir := t.TempDir()
	_, noted := script(t, dir, "xdg-open")
	t.Setenv("PATH", dir)
	s.Shows("Budget 2027").Press("j", "enter").Shows("here is the sheet", "(7 lines folded").Click("▏ one").Shows("▏ seven")
	s.Click("example.com/plan").Shows("Opening").notes(noted, "<https://example.com/plan>\n.\n")
	s.Click("budget-2027.pdf").Shows("budget-2027.pdf").Wheel(50, 20, 40).Wheel(50, 20, -40)
}

// A link that says one host and leads to another is asked about.
func TestClickOnADeceivingLink(t *testing.T) {
	s := start(t, 120, 30, sample)
	s.arrives(s.folder("work", account.RoleInbox).ID, letter{from: "Eve <eve@example.net>", to: "me@example.com", subject: "Your bank",
		extra: "Content-Type: text/html; charset=utf-8\r\n", body: `<p>Go to <a href="https://evil.example/x">https://bank.example/login</a> now.</p>`})
	s.Shows("Your bank").Idle().Press("g", "enter").Shows("bank.example").Click("bank.example/login").Shows("says bank.example", "leads to evil.example").Press("n").Hides("Open https://evil")
}

func TestClicksWhileWriting(t *testing.T) {
	s := start(t, 100, 30, sample)
	s.Shows("Budget 2027").Press("c").Shows("To  ").Click("Subject").Type("About 你好 things").Click("好 things").Type("们")
	if got := s.m.composer.texts[fieldSubject].text(); got != "About 你们好 things" {
		t.Errorf("the subject is %q", got)
	}
	s.Click("To  ").Type("ann").Shows("ann@example.com").Click("ann@example.com").Await("taken", func() bool {
		return strings.Contains(s.m.composer.texts[fieldTo].text(), "Archer")
	})
	e := s.m.composer.texts[fieldBody]
	s.Press("tab", "tab", "tab")
	e.setText("first\nsecond line\nthird")
	s.Click("d line").Type("X")
	if e.text() != "first\nsecond"[:11]+"Xd line\nthird" {
		t.Errorf("the text is %q", e.text())
	}
	s.Wheel(10, 15, 1)
	if e.at.line != 2 {
		t.Errorf("the cursor is in line %d", e.at.line)
	}
}

// The mouse can be given back to the terminal, for good or for now.
func TestMouseIsReleased(t *testing.T) {
	s := start(t, 100, 30, sample, func(o *Options) { o.Config.Mouse = true })
	s.Shows("Budget 2027")
	mode := func(want tea.MouseMode) {
		t.Helper()
		if got := s.m.View().MouseMode; got != want {
			t.Errorf("the mouse mode is %v", got)
		}
	}
	mode(tea.MouseModeCellMotion)
	s.Press("alt+s").Shows("selects text now; alt+s")
	mode(tea.MouseModeNone)
	s.Press("alt+s").Shows("for tmail again")
	mode(tea.MouseModeCellMotion)
	config := sampleConfig()
	s.feed(Reload{Config: config, Engine: s.engine})
	mode(tea.MouseModeNone)
}

// Clicks and the wheel anywhere, at any size, on any view, do no harm.
func TestClicksAnywhere(t *testing.T) {
	for _, v := range views {
		s := start(t, 80, 24, sample)
		s.Shows("Budget")
		v.open(s)
		for _, size := range []struct{ width, height int }{{1, 1}, {20, 5}, {39, 9}, {70, 12}, {160, 40}} {
			s.Resize(size.width, size.height)
			for y := -1; y <= size.height; y++ {
				for _, x := range []int{-1, 0, 3, size.width / 2, size.width} {
					s.m.wheeled(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelDown})
					s.m.wheeled(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelUp})
					if y != size.height-1 { // the hints do what they say
						s.m.clicked(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
					}
					s.lines()
				}
			}
		}
	}
}

// Every hint that names a key presses it.
func TestHintsAreKeys(t *testing.T) {
	for _, b := range bindings() {
		for _, key := range b.keys {
			if k, ok := keyNamed(key); !ok || keyName(k) != key && !slices.Contains([]string{"space"}, key) {
				t.Errorf("%s: the key %q is pressed as %q", b.action, key, keyName(k))
			}
		}
	}
}
