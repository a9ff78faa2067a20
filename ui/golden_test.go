package ui

import (
	"testing"

	"tmail/lang"
	"tmail/message/safe"
)

var sizes = []struct{ width, height int }{{120, 40}, {80, 24}, {40, 12}}

// views are the main views of the program, each reached by the keys a person presses.
var views = []struct {
	name string
	open func(*screen)
}{
	{"inbox", func(s *screen) {}},
	{"message", func(s *screen) { s.Press("j", "enter").Shows("here is the sheet") }},
	{"compose", func(s *screen) { s.Press("c").Type("an").Shows("ann@example.com").Press("enter") }},
	{"move", func(s *screen) { s.Press("m").Type("pro").Shows("▌  Projects") }},
	{"help", func(s *screen) { s.Press("?").Shows("Keys") }},
	{"folders", func(s *screen) { s.Press("shift+tab", "tab", "shift+tab") }},
	{"search", func(s *screen) { s.Press("/").Shows("plan 2024-11") }},
	{"searching", func(s *screen) { s.Press("/").Type("plan fr").Shows("who sent it") }},
	{"results", func(s *screen) { s.Press("/").Type("example").Press("ctrl+e", "enter").Shows("6 found") }},
	{"select", func(s *screen) { s.Press("j", "x", "*").Shows("all 6 messages") }},
	{"order", func(s *screen) { s.Press("o").Shows("largest first") }},
	{"trash", func(s *screen) { s.Press("j", "d").Shows("Moved 1").Hides("Budget 2027 —") }},
}

func TestGoldenScreens(t *testing.T) {
	for _, size := range sizes {
		for _, v := range views {
			t.Run(v.name, func(t *testing.T) {
				s := start(t, size.width, size.height, sample)
				s.Shows("Budget").Idle()
				v.open(s)
				s.Idle().Looks(v.name)
			})
		}
	}
}

func TestThreePanes(t *testing.T) {
	s := start(t, 160, 40, sample)
	s.Shows("Budget 2027").Press("j").Shows("The two open points:").Idle().Looks("panes")
}

func TestChineseScreen(t *testing.T) {
	lang.Use("zh")
	t.Cleanup(func() { lang.Use("en") })
	s := start(t, 80, 24, sample)
	s.Shows("收件箱").Idle().Looks("chinese-inbox")
	s.Press("enter").Shows("二号会议室").Idle().Looks("chinese-message")
	s.Press("esc", "c").Type("王").Shows("wxm@example.com").Looks("chinese-compose")
	s.Press("esc", "esc", "j", "r").Shows("Ann Archer 于 2026年11月20日 周五 13:40 写道：")
}

// Every view has exactly as many rows and columns as the terminal, at any size, also where signs are two wide.
func TestAnySize(t *testing.T) {
	sizes := []struct{ width, height int }{{0, 0}, {1, 1}, {3, 2}, {20, 5}, {20, 3}, {39, 9}, {69, 12}, {70, 12}, {149, 10}, {150, 50}, {80, 24}}
	t.Cleanup(func() { safe.SetAmbiguousWide(false) })
	for _, v := range views {
		s := start(t, 80, 24, sample)
		s.Shows("Budget")
		v.open(s)
		for _, wide := range []bool{false, true} {
			safe.SetAmbiguousWide(wide)
			s.m.restyle()
			for _, size := range sizes {
				if s.Resize(size.width, size.height); size.width > 0 {
					s.lines()
				}
			}
		}
	}
}
